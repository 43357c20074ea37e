import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { siteSchema } from '../../mock-server/site-file.ts';
import { editorSchema, editorSchemas } from '../../src/spec/editor-schemas.ts';

const folder = fileURLToPath(new URL('../../specs/schema/', import.meta.url));

it('has the schemas of the model in specs/schema ("npm run schemas" writes them)', () => {
  const written = readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(folder + name, 'utf8')) as object]);
  const schemas = { ...editorSchemas(), 'site.schema.json': editorSchema(siteSchema) };
  expect(Object.fromEntries(written)).toEqual(JSON.parse(JSON.stringify(schemas)));
});
