import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { editorSchemas } from '../../src/spec/editor-schemas.ts';

const folder = fileURLToPath(new URL('../../specs/schema/', import.meta.url));

it('has the schemas of the model in specs/schema ("npm run schemas" writes them)', () => {
  const written = readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(folder + name, 'utf8')) as object]);
  expect(Object.fromEntries(written)).toEqual(JSON.parse(JSON.stringify(editorSchemas())));
});
