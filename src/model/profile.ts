/**
 * A profile: one product (and method) with its authorities, its surfaces and what its cases share.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';
import { captureSchema, checkSchema, requestSchema, stepSchema } from './spec.ts';
import { witnesses } from './verdict.ts';

const text = { type: 'string' } as const;
const checks = { type: 'object', additionalProperties: checkSchema } as const;

const surfaceSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['accepted', 'refused'],
  description: 'What a complete success and a clean refusal look like on one kind of request.',
  properties: {
    accepted: {
      type: 'object',
      additionalProperties: false,
      required: ['checks'],
      properties: {
        checks: { ...checks, description: 'All must hold for a success.' },
        capture: { type: 'object', additionalProperties: captureSchema },
        proof: {
          type: 'array',
          items: stepSchema,
          description: 'Further steps that prove what the success is worth (a token opens the resource as the right user).',
        },
      },
    },
    refused: {
      type: 'object',
      additionalProperties: false,
      required: ['checks'],
      properties: {
        checks: {
          ...checks,
          description: 'All must hold for a clean refusal, beside a 4xx status; a check named status stands in for that.',
        },
      },
    },
    yields: {
      type: 'array',
      items: { type: 'string', pattern: '^/' },
      description: 'JSON pointers to what only a success may give (a token, protected data). Never in a refusal.',
    },
  },
} as const;

export const profileSchema = {
  $id: 'https://drupal-auth-conformance.dev/schema/profile.schema.json',
  title: 'Profile file',
  description: 'A profile: product, authorities, paths, surfaces, and the requests, fixtures and schemas its cases share.',
  type: 'object',
  additionalProperties: false,
  required: ['profile', 'title'],
  properties: {
    profile: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$' },
    extends: {
      type: 'string',
      description: 'Profile to start from: what stands here is added to it or replaces it by name. Its cases stay its own.',
    },
    title: text,
    product: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: { name: text, module: text, method: text, edition: { enum: ['paid', 'free'] } },
      description: 'What is under test; a witness counts only for the product and method that it describes.',
    },
    authorities: {
      type: 'array',
      minItems: 1,
      items: { enum: witnesses },
      description: 'Any listed one makes a pass.',
    },
    paths: {
      type: 'object',
      additionalProperties: text,
      description: 'Default paths of the product; the target file may override them.',
    },
    requires: {
      type: 'array',
      items: text,
      description: 'Keys without which no case of the profile can run.',
    },
    requests: { type: 'object', additionalProperties: requestSchema },
    surfaces: { type: 'object', additionalProperties: surfaceSchema },
    expiryUnit: {
      enum: ['unpublished'],
      description: 'No document says the unit of expires_in: a sixtieth of expiry.lifetimeSeconds is read as minutes. Default: seconds.',
    },
    openedBy: {
      type: 'array',
      items: text,
      description:
        'For a surface: products whose tokens open it. Where one of them is tested on the same target, its paths and its fixture "token" stand in for those written here.',
    },
    fixtures: {
      type: 'object',
      description: 'Named preparations, done once per run (or per case with fresh: true) whose captures cases use.',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['steps'],
        properties: {
          title: text,
          given: { type: 'array', items: text },
          optional: {
            type: 'string',
            description: 'Why a site may not offer it: a case that needs it is then skipped with this reason instead of blocked.',
          },
          steps: { type: 'array', minItems: 1, items: stepSchema },
        },
      },
    },
    schemas: { type: 'object', additionalProperties: { type: 'object' }, description: 'JSON Schemas for body checks.' },
    flows: {
      type: 'object',
      additionalProperties: text,
      description:
        'Steps that every product has, by a common name (get-token, use-token, wrong-secret, …), and the case (without the profile) that walks each: what a migration report joins two products by.',
    },
    deviations: {
      type: 'array',
      items: text,
      description: 'Clauses that the documented design itself breaks: listed once, never judged.',
    },
  },
} as const;
export type ProfileFile = FromSchema<typeof profileSchema>;
