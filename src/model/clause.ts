/**
 * The register: every testable statement of a document, in document order.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';
import { whenSchema } from './spec.ts';
import { levels, witnesses } from './verdict.ts';

const text = { type: 'string' } as const;

export const clausesSchema = {
  $id: 'https://drupal-auth-conformance.dev/schema/clauses.schema.json',
  title: 'Clause file',
  description: 'The register of one document: its testable statements in document order.',
  type: 'object',
  additionalProperties: false,
  required: ['document', 'title', 'witness', 'clauses'],
  properties: {
    document: { type: 'string', pattern: '^[a-z0-9.-]+$', description: 'First part of every clause id.' },
    title: text,
    url: { type: 'string', format: 'uri' },
    updated: { type: 'string', description: 'Date of the edition that was read.' },
    witness: { enum: witnesses, description: 'What kind of witness this document is.' },
    products: {
      type: 'array',
      items: text,
      description: 'Profiles that the document speaks about (prefixes allowed); elsewhere it never counts. Absent: all.',
    },
    register: {
      type: 'boolean',
      description: 'True when the file claims to be complete: every clause needs a check or an exclusion.',
    },
    clauses: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'keyword', 'says'],
        properties: {
          id: { type: 'string', pattern: '^[A-Za-z0-9./-]+$', description: 'Unique in the file, stable for ever.' },
          section: text,
          keyword: { enum: levels },
          says: { type: 'string', description: 'The statement in our own words.' },
          url: text,
          evidence: { type: 'string', description: 'Recording or source line that shows it.' },
          when: whenSchema,
          excluded: { type: 'string', description: 'Why it cannot be tested from outside.' },
        },
      },
    },
  },
} as const;
export type ClauseFile = FromSchema<typeof clausesSchema>;
