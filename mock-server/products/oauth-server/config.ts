/**
 * Settings of the OAuth Server module.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';

const text = { type: 'string' } as const;

export const oauthServerSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'clients'],
  properties: {
    version: {
      type: 'string',
      description: 'Module version: 8.x-1.0, 8.x-1.21, or a later one, of which only the endpoints are published.',
    },
    clients: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'secret', 'redirectUri'],
        properties: { id: text, secret: text, redirectUri: text },
      },
    },
  },
} as const;
export type OauthServerConfig = FromSchema<typeof oauthServerSchema>;
