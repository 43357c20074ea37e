// The reference of R10: every YAML file of a folder read by js-yaml and looked at by the same compiled guards.   node js-yaml.mjs FOLDER GUARDS
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from 'js-yaml';

const [folder, file] = process.argv.slice(2);
const guards = await import(pathToFileURL(file).href);
for (const name of readdirSync(folder).sort()) {
  const value = load(readFileSync(join(folder, name), 'utf8'));
  const guard = 'profile' in value && 'product' in value ? guards.profile : 'document' in value ? guards.clauses : guards.spec;
  if (!guard(value))
    throw new Error(`${name}: ${JSON.stringify(guard.errors.map(({ instancePath, message }) => [instancePath, message]))}`);
}
