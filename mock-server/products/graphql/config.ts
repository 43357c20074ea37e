/**
 * Settings of the GraphQL module.
 *
 * @module
 */

export const graphqlSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version'],
  properties: {
    version: { type: 'string', description: 'Module version, e.g. 8.x-4.7 (example schema), 8.x-3.4 (graphql_core).' },
    server: { type: 'string', description: 'Machine name of the server entity (4.x), part of its permission. Default default.' },
  },
} as const;
