/**
 * `dac doctor`: is it the deployment or the module, and what to change.
 *
 * @module
 */
import { curlCommand } from '../../report/curl.ts';
import { examine, type DoctorReport } from '../../doctor/doctor.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { recordExchange } from '../../redact/record-exchange.ts';
import { addTargetSecrets } from '../../redact/target-secrets.ts';
import { Vault } from '../../redact/vault.ts';
import { createEffects } from '../../run/effects.ts';
import { readTargetFile } from '../../spec/target-file.ts';
import { UsageError } from '../../support/error.ts';
import { print } from '../console.ts';
import { loadCatalogue } from './catalogue.ts';

export interface DoctorFlags {
  readonly target: readonly string[];
  readonly json: boolean;
  readonly origin?: string;
}

/** Exits 0 when nothing is wrong, 1 when the site itself is, 3 when something stands in the way. */
export async function doctorCommand(flags: DoctorFlags): Promise<number> {
  if (flags.target.length === 0) throw new UsageError('dac doctor needs a target file', { remedy: 'dac doctor -t staging.yaml.' });
  const catalogue = await loadCatalogue([]);
  const reports: DoctorReport[] = [];
  for (const file of flags.target) {
    const { targets } = await readTargetFile(file, { profiles: Object.keys(catalogue.profiles), env: process.env });
    for (const target of targets) {
      const vault = new Vault();
      addTargetSecrets(vault, target);
      const transport = await createEffects(vault, { env: process.env }).transportFor(target, { concurrency: 1 });
      try {
        const [profile = ''] = target.profiles;
        const report = await examine(target, profile, transport, {
          ...(flags.origin === undefined ? {} : { origin: flags.origin }),
          secrets: {
            add: (label, value) => {
              vault.add(label, value);
            },
            record: (exchange) => recordExchange(exchange, target.baseUrl, vault),
            mask: (text) => vault.mask(text),
          },
        });
        reports.push(report);
        if (!flags.json) await print(render(report));
      } finally {
        await transport.close();
      }
    }
  }
  if (flags.json) await print(`${JSON.stringify(reports, null, 2)}\n`);
  const verdicts = new Set(reports.flatMap(({ findings }) => findings.map(({ verdict }) => verdict)));
  if (verdicts.has('blocked')) return exitCodes.cannotTell;
  return verdicts.has('fail') ? exitCodes.nonConformant : exitCodes.ok;
}

const says = { blocked: 'in the way', fail: 'a breach', warn: 'hurts some callers' } as const;

function render({ target, profile, findings, requests }: DoctorReport): string {
  const version = target.version === undefined ? 'version unknown' : `version ${target.version.value} (${target.version.from})`;
  const facts = [profile, version, target.edition, target.drupal === undefined ? undefined : `Drupal ${target.drupal}`, target.server];
  const lines = [`${target.name} · ${target.baseUrl}`, facts.filter((fact) => fact !== undefined).join(' · '), ''];
  if (target.version?.evidence !== undefined) lines.push(...wrap(`version: ${target.version.evidence}`, 0), '');
  if (findings.length === 0) lines.push('Nothing wrong was found with the deployment.');
  for (const { title, verdict, confidence, remedy, link, evidence } of findings) {
    lines.push(
      ...wrap(`${title} (${says[verdict as keyof typeof says] ?? verdict}, ${confidence ?? 'certain'})`, 0).map((line, index) =>
        index === 0 ? `✗ ${line}` : `  ${line}`,
      ),
    );
    if (remedy !== undefined) lines.push(...wrap(remedy, 4));
    if (link !== undefined) lines.push(`    ${link}`);
    for (const { request, response, failure } of evidence ?? []) {
      lines.push(
        `    ${curlCommand(request, { oneLine: true }).text}`,
        `      ${response === undefined ? (failure?.message ?? 'no answer') : `${response.status} ${response.reason}`.trim()}`,
      );
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n\n${requests} requests\n`;
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  for (const word of printable(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 76 - indent) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => ' '.repeat(indent) + line);
}

/** What a target sent may hold terminal escapes. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
