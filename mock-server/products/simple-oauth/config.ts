/**
 * Settings of Simple OAuth: consumers, scopes and keys.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const seconds = { type: 'integer', minimum: 0 } as const;

const consumerSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: {
    id: { type: 'string', description: 'The client_id.' },
    uuid: text,
    label: text,
    secret: { type: 'string', description: 'Absent: none was ever set.' },
    confidential: { type: 'boolean', description: 'Default true.' },
    user: { type: 'integer', description: 'Id of the user that client_credentials tokens act as. Absent: none.' },
    scopes: { ...texts, description: 'Default scopes (6.x), or roles (5.x).' },
    grants: { ...texts, description: 'Enabled grant types (6.x). Default client_credentials.' },
    lifetimeSeconds: { ...seconds, description: 'Access token lifetime (6.x). Default 300.' },
    redirectUris: texts,
  },
} as const;

const scopeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    role: { type: 'string', description: 'The scope carries the permissions of this role.' },
    permission: { type: 'string', description: 'The scope carries this one permission.' },
    grants: { ...texts, description: 'Grant types it may be used with. Default all.' },
  },
} as const;

export const simpleOauthSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version'],
  properties: {
    version: { type: 'string', description: 'Module version, e.g. 6.0.9, 5.2.2.' },
    consumers: { type: 'array', items: consumerSchema },
    scopes: { type: 'object', additionalProperties: scopeSchema, description: 'From 6.x; in 5.x every role is a scope.' },
    openid: { type: 'boolean', description: 'OpenID Connect on: /oauth/userinfo and /oauth/jwks answer. Default true.' },
    lifetimeSeconds: { ...seconds, description: 'Access token lifetime of the whole site (5.x). Default 300.' },
    key: { type: 'string', description: 'RSA private key in PEM, "test" for the shipped one, "new" for one made at start. Default test.' },
    privateKey: { enum: ['present', 'missing', 'unset', 'unparsable'], description: 'State of the private key file. Default present.' },
    publicKey: {
      enum: ['present', 'missing', 'unset', 'unparsable', 'other'],
      description: 'State of the public key file. Default present.',
    },
  },
} as const;
export type SimpleOauthConfig = FromSchema<typeof simpleOauthSchema>;
export type ConsumerConfig = FromSchema<typeof consumerSchema>;
export type ScopeConfig = FromSchema<typeof scopeSchema>;
