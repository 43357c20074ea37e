/**
 * Settings of the GraphQL module.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';

export const graphqlSchema = {
  type: 'object',
  additionalProperties: true,
  required: ['version'],
  properties: { version: { type: 'string', description: 'Module version, e.g. 8.x-4.7, 8.x-3.4.' } },
} as const;
export type GraphqlConfig = FromSchema<typeof graphqlSchema>;
