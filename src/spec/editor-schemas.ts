/**
 * JSON Schemas for editors, made from the schemas of the model: completion and help while a file is written.
 *
 * @module
 */
import { clausesSchema } from '../model/clause.ts';
import { profileSchema } from '../model/profile.ts';
import { specSchema } from '../model/spec.ts';
import { targetSchema } from '../model/target.ts';

/** File name below `specs/schema/` to its JSON Schema (draft 7, which YAML language servers read). */
export function editorSchemas(): Record<string, object> {
  return {
    'spec.schema.json': editorSchema(specSchema),
    'profile.schema.json': editorSchema(profileSchema),
    'clauses.schema.json': editorSchema(clausesSchema),
    'target.schema.json': editorSchema(targetSchema),
    'waivers.schema.json': editorSchema({
      $id: targetSchema.$id.replace('target', 'waivers'),
      title: 'Waivers',
      description:
        'What `dac run --write-waivers FILE` drafts: the failures of a run, to be given a reason each and moved into the target file.',
      type: 'object',
      additionalProperties: false,
      properties: { waivers: targetSchema.properties.waivers },
    }),
  };
}

/** A schema as an editor wants it: with its dialect. */
export function editorSchema(schema: object): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}
