/**
 * `dac provision`: scripts that prepare a real site and take it back, and the secrets that go with them.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { exitCodes } from '../../judge/exit-code.ts';
import { provision } from '../../provision/provision.ts';
import { UsageError } from '../../support/error.ts';
import { listOf } from '../../support/suggest.ts';
import { print } from '../console.ts';
import { makeFolder } from '../folder.ts';
import { loadCatalogue } from './catalogue.ts';

export interface ProvisionFlags {
  readonly profile: string;
  readonly name?: string;
  readonly url?: string;
  readonly out: string;
  readonly undo: boolean;
  readonly force: boolean;
}

const ownerOnly = 0o600;

/** Writes the files; with `--undo` only the way back, which needs nothing of what was written before. */
export async function provisionCommand(flags: ProvisionFlags): Promise<number> {
  const name = flags.name ?? `dac-${flags.profile.replaceAll('/', '-')}`;
  if (!/^[\w.-]+$/.test(name)) throw new UsageError(`"${name}" cannot be a file name`, { remedy: 'letters, digits, dot and dash.' });
  if (flags.url !== undefined && !(URL.canParse(flags.url) && /^https?:$/.test(new URL(flags.url).protocol)))
    throw new UsageError(`"${flags.url}" is no http or https address`, { remedy: '--url https://staging.example.org.' });
  const { profiles } = await loadCatalogue([], []);
  const { script, undo, env, steps } = provision({
    profile: flags.profile,
    name,
    ...(flags.url === undefined ? {} : { url: flags.url.replace(/\/$/, '') }),
    surfaces: Object.values(profiles).flatMap((profile) => (profile.openedBy?.includes(flags.profile) === true ? [profile.name] : [])),
    randomBytes,
  });
  const files: Record<string, string> = flags.undo
    ? { [`${name}.undo.php`]: undo }
    : { [`${name}.php`]: script, [`${name}.undo.php`]: undo, [`${name}.env`]: envFile(env) };
  const folder = resolve(flags.out);
  await writeFiles(folder, files, flags);
  const shown = (file: string) => join(relative(process.cwd(), folder), file) || file;
  for (const file of Object.keys(files)) await print(`wrote ${shown(file)}\n`);
  await print(flags.undo ? undoText(shown(`${name}.undo.php`)) : nextText(name, shown));
  if (!flags.undo && steps.length > 0) await print(`\nNo script can do the rest. On the site:\n${numbered(steps)}\n`);
  return exitCodes.ok;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>, flags: ProvisionFlags): Promise<void> {
  const existing = Object.keys(files).filter((file) => existsSync(join(folder, file)));
  if (existing.length > 0 && !flags.force && !flags.undo) {
    throw new UsageError(`${listOf(existing, 'and')} already ${existing.length === 1 ? 'exists' : 'exist'} in ${flags.out}`, {
      remedy: 'another --out or --name, or --force to make new secrets.',
    });
  }
  try {
    makeFolder(folder);
    for (const [file, text] of Object.entries(files)) {
      const handle = await open(join(folder, file), 'w', ownerOnly);
      // The mode above counts only for a new file.
      await handle.chmod(ownerOnly);
      await handle.writeFile(text);
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${flags.out} cannot be written (${code ?? String(error)})`, { cause: error, remedy: 'another --out.' });
  }
}

function envFile(env: Readonly<Record<string, string>>): string {
  return `${Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

function nextText(name: string, shown: (file: string) => string): string {
  return `
Next, where Drush runs (the script holds secrets: delete it afterwards):
  drush php:script ${shown(`${name}.php`)} > ${name}.yaml
then here
  dac run -t ${name}.yaml --secrets ${shown(`${name}.env`)}
and when it is over
  drush php:script ${shown(`${name}.undo.php`)}
`;
}

function undoText(file: string): string {
  return `\nNext, where Drush runs:\n  drush php:script ${file}\n`;
}

function numbered(steps: readonly string[]): string {
  return steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step}`).join('\n');
}
