/**
 * Settings of the OAuth server by the book.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;

export const oauth2Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['clients'],
  properties: {
    clients: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id'],
        properties: {
          id: text,
          secret: { ...text, description: 'Absent: a public client.' },
          role: { ...text, description: 'Role in a target file, e.g. main.' },
          scopes: { ...texts, description: 'Scopes that it may have; all of them are its default.' },
          grants: { ...texts, description: 'Default client_credentials.' },
          lifetimeSeconds: { type: 'integer', minimum: 1, description: 'Lifetime of its tokens. Default 600.' },
        },
      },
    },
    resources: {
      type: 'object',
      additionalProperties: text,
      description: 'Paths of protected resources, and the scope that opens each.',
    },
  },
} as const;
export type Oauth2Config = FromSchema<typeof oauth2Schema>;
