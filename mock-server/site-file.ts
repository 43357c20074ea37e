/**
 * A site as a file: users, roles, content, web server and products, all data. What is left out gets a default; `--site FILE` and
 * `createDrupalMock({ site })` take the same shape.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';
import { graphqlSchema } from './products/graphql/config.ts';
import { miniorangeSchema } from './products/miniorange/config.ts';
import { oauthServerSchema } from './products/oauth-server/config.ts';
import { oauth2Schema } from './products/oauth2/config.ts';
import { simpleOauthSchema } from './products/simple-oauth/config.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const whole = { type: 'integer' } as const;
const texts = { type: 'array', items: text } as const;
const instant = { type: 'string', description: 'ISO 8601.' } as const;

const roleSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    label: text,
    uuid: text,
    isAdmin: { type: 'boolean', description: 'Has every permission.' },
    permissions: { ...texts, description: 'Machine names, e.g. access user profiles.' },
  },
} as const;

const userSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'name'],
  properties: {
    id: { type: 'integer', minimum: 1 },
    uuid: text,
    name: text,
    mail: text,
    password: text,
    roles: texts,
    active: { type: 'boolean', description: 'False: blocked. Default true.' },
    created: instant,
    changed: instant,
    access: { ...instant, description: 'Last access; default never.' },
    login: { ...instant, description: 'Last login; default never.' },
    init: text,
    langcode: text,
    preferredLangcode: text,
    timezone: text,
  },
} as const;

const nodeSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'type', 'title'],
  properties: {
    id: { type: 'integer', minimum: 1 },
    uuid: text,
    type: text,
    title: text,
    owner: { ...whole, description: 'User id. Default 1.' },
    published: flag,
    created: instant,
    changed: instant,
    revisionUuid: text,
    body: text,
  },
} as const;

export const siteSchema = {
  $id: 'https://drupal-auth-conformance.dev/schema/site.schema.json',
  title: 'Site file',
  description: 'A site that the mock imitates.',
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', description: 'Site name, in page titles. Default Drupal.' },
    seed: { ...whole, description: 'Seed of generated ids and tokens. Default 1.' },
    clock: {
      type: 'string',
      description: 'Instant (ISO 8601) at which the clock of the site starts and stands until it is moved. Default: real time.',
    },
    drupal: {
      type: 'object',
      additionalProperties: false,
      properties: {
        version: { type: 'string', description: 'Drupal core version. Default 10.5.5.' },
        basePath: { type: 'string', description: 'Sub-folder, e.g. /drupal. Default none.' },
        languages: { ...texts, description: 'Language prefixes that may precede every path, e.g. en.' },
        trustedHosts: { ...texts, description: 'Host names that are answered; absent: all.' },
        cors: {
          type: 'object',
          additionalProperties: false,
          required: ['allowedOrigins'],
          properties: {
            allowedOrigins: { ...texts, description: 'Origins of browser applications, e.g. http://localhost:5173; or *.' },
            allowedHeaders: { ...texts, description: 'Default authorization, auth-method, api-key, content-type.' },
            allowedMethods: { ...texts, description: 'Default GET, POST, PATCH, DELETE, OPTIONS.' },
          },
          description: 'cors.config of services.yml. Default off, as in Drupal.',
        },
        pageCache: { type: 'boolean', description: 'Internal page cache module on. Default true.' },
        maintenance: flag,
        jsonapi: { enum: ['off', 'read', 'write'], description: 'JSON:API module and its mode. Default read.' },
        anonymousPermissions: texts,
        rest: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              additionalProperties: false,
              properties: { formats: texts, auth: texts },
            },
          },
          description: 'REST resources: id, method, formats and authentication providers, as in REST UI.',
        },
      },
    },
    server: {
      type: 'object',
      additionalProperties: false,
      properties: {
        kind: { enum: ['php-s', 'apache-modphp', 'apache-fpm', 'nginx'], description: 'Web server in front of PHP. Default php-s.' },
        outputBuffering: { type: 'integer', minimum: 0, description: 'PHP output_buffering in bytes; 0 is off. Default 4096.' },
        phpVersion: { type: 'string', description: 'For X-Powered-By. Default 8.2.36.' },
      },
    },
    roles: { type: 'object', additionalProperties: roleSchema },
    users: { type: 'array', items: userSchema },
    nodes: { type: 'array', items: nodeSchema },
    products: {
      type: 'object',
      additionalProperties: false,
      properties: {
        miniorange: miniorangeSchema,
        simpleOauth: simpleOauthSchema,
        oauth2: oauth2Schema,
        oauthServer: oauthServerSchema,
        graphql: graphqlSchema,
      },
      description: 'Installed modules; an absent one is not installed.',
    },
  },
} as const;
export type SiteFile = FromSchema<typeof siteSchema>;
