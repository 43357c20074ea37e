/**
 * A deployment under test, as its owner describes it. Everything under `*.secret`, `*.password`, `tokens.*` and `headers.*` is a secret.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';

const text = { type: 'string' } as const;
const id = { anyOf: [text, { type: 'integer' }] } as const;

const clientSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    id: { type: 'string', description: 'Client ID.' },
    secret: { type: 'string', description: 'Client secret. Use ${env:NAME} or ${file:PATH}.' },
    applicationId: { type: 'string', description: 'miniOrange: value of the AUTH-METHOD header of this application.' },
    apiKey: { type: 'string', description: 'miniOrange API key method: the key.' },
    auth: { enum: ['post', 'basic'], description: 'How the client authenticates by default.' },
    scope: { type: 'string', description: 'Scope to ask for.' },
    grants: { type: 'array', items: text, description: 'Grants enabled for this client.' },
    lifetimeSeconds: { type: 'number', description: 'Lifetime of its tokens.' },
    actsAs: { ...id, description: 'Simple OAuth: id of the user that its tokens act as.' },
    redirectUri: text,
  },
} as const;

const userSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', description: 'User name to log in with.' },
    password: { type: 'string', description: 'Use ${env:NAME} or ${file:PATH}.' },
    id: { ...id, description: 'User id (uid).' },
    mail: text,
  },
} as const;

const contentSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { id, uuid: text, title: text, type: text, path: text },
} as const;

export const targetSchema = {
  $id: 'https://drupal-auth-conformance.dev/schema/target.schema.json',
  title: 'Target file',
  description: 'A deployment under test.',
  type: 'object',
  additionalProperties: false,
  required: ['profile', 'baseUrl'],
  properties: {
    name: { type: 'string', description: 'Name for reports. Default: host of baseUrl.' },
    profile: {
      anyOf: [text, { type: 'array', items: text, minItems: 1 }],
      description: 'One product; surfaces, oauth2 and advisories may be added as a list.',
    },
    version: { type: 'string', description: 'Version of the product. Optional; inferred where possible.' },
    drupal: { type: 'string', description: 'Version of Drupal core. Optional.' },
    baseUrl: { type: 'string', format: 'uri', description: 'Sub-folder and language prefix allowed.' },
    clients: {
      type: 'object',
      additionalProperties: clientSchema,
      description: 'Roles: main; optional other, short, public, noScope, noUser, admin, …',
    },
    users: {
      type: 'object',
      additionalProperties: userSchema,
      description: 'Roles: main; optional other (main may view it), unpermitted (may view nobody else), blocked, admin, unicode, …',
    },
    content: { type: 'object', additionalProperties: contentSchema },
    paths: { type: 'object', additionalProperties: text, description: 'Paths below baseUrl that differ from the defaults.' },
    graphql: {
      type: 'object',
      additionalProperties: false,
      properties: {
        query: { type: 'string', description: 'A query of what the token of clients.main may see.' },
        expect: { description: 'The data of its answer, as a partial match.' },
        forbidden: {
          type: 'string',
          description: 'A text that no answer may show, such as the title of unpublished content that the query asks for as well.',
        },
        operation: { type: 'string', description: 'Name of the operation, where the query has several.' },
      },
    },
    expiry: {
      type: 'object',
      additionalProperties: false,
      properties: {
        lifetimeSeconds: { type: 'number', exclusiveMinimum: 0, description: 'Lifetime that is configured on the site.' },
        method: { enum: ['wait', 'fixture', 'clock'], description: 'How expiry is brought about.' },
        control: { type: 'string', description: 'Control API of a mock. Default: baseUrl + /__control.' },
      },
    },
    tokens: {
      type: 'object',
      additionalProperties: text,
      description: 'Tokens that exist already: expired, revoked, … (issued to clients.main).',
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      properties: {
        readOnly: { type: 'boolean' },
        loginBudget: { type: 'integer', minimum: 0, description: 'Failed logins allowed per identity.' },
        requestsPerSecond: { type: 'number', exclusiveMinimum: 0 },
        concurrency: { type: 'integer', minimum: 1 },
        timeoutSeconds: { type: 'number', exclusiveMinimum: 0 },
        maxWaitSeconds: { type: 'number', minimum: 0 },
      },
    },
    headers: { type: 'object', additionalProperties: text, description: 'Sent with every request (staging gate, CDN). Secret.' },
    tls: {
      type: 'object',
      additionalProperties: false,
      properties: { ca: text, cert: text, key: text, insecure: { type: 'boolean' } },
    },
    waivers: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['check', 'reason', 'expires'],
        properties: {
          check: { type: 'string', description: 'Address of the check, or a glob.' },
          reason: { type: 'string', minLength: 10 },
          link: text,
          owner: text,
          expires: { type: 'string', format: 'date' },
          fingerprint: { type: 'string', description: 'Digest of the failure that is excused.' },
        },
      },
    },
  },
} as const;
export type TargetFile = FromSchema<typeof targetSchema>;

/** A target file after substitution of `${env:…}` and `${file:…}`: one product, its extra profiles listed. */
export interface Target extends Omit<TargetFile, 'profile'> {
  readonly name: string;
  readonly profiles: readonly string[];
  /** File it came from, for messages; undefined for a target made in memory. */
  readonly file?: string;
}
