/**
 * The contract language: a spec file as its author writes it. The schema is the one source of its type, its guard and the
 * editor's help; `src/spec` turns a file into the catalogue that runs.
 *
 * @module
 */
import type { FromSchema } from 'json-schema-to-ts';
import { levels } from './verdict.ts';

const text = { type: 'string' } as const;
const slug = { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' } as const;
const pointers = { type: 'array', items: { type: 'string', pattern: '^(/.*)?$' }, minItems: 1 } as const;

const clauseIds = {
  type: 'array',
  minItems: 1,
  items: { type: 'string', pattern: '^[a-z0-9.-]+/[A-Za-z0-9./-]+$' },
  description: 'Ids of the register (specs/clauses) that this verifies. The first one names the witness.',
} as const;

const level = {
  enum: levels,
  description: 'How binding it is. Default: the keyword of the first clause.',
} as const;

export const whenSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Only for targets that these conditions describe; an unknown version matches every range.',
  properties: {
    version: { type: 'string', description: 'Range of product versions, e.g. ">=2.0.13" or "5.x".' },
    drupal: { type: 'string', description: 'Range of Drupal core versions.' },
    target: {
      type: 'array',
      items: text,
      description: 'Keys that the target file must have, e.g. users.other.id; a missing one skips with a reason.',
    },
    profile: {
      type: 'array',
      minItems: 1,
      items: text,
      description: 'Only beside these profiles (prefixes allowed), all of them in the target file; elsewhere the case does not exist.',
    },
  },
} as const;
export type When = FromSchema<typeof whenSchema>;

const fieldValue = {
  anyOf: [text, { type: 'number' }, { type: 'boolean' }, { type: 'null' }, { type: 'array', items: text }],
} as const;
const fields = { type: 'object', additionalProperties: fieldValue } as const;

export const requestSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'One request. Fields are sent in the order written; null removes a field, an array repeats it.',
  properties: {
    extends: { type: 'string', description: 'Name of a request of this file or of the profile to start from.' },
    surface: {
      type: 'string',
      description: 'Surface of the profile (e.g. token, resource): says what a success and a refusal look like here.',
    },
    method: { type: 'string', description: 'Sent as written. Default GET.' },
    path: {
      type: 'string',
      description: "Path and query below the target's baseUrl, sent as written after substitution.",
    },
    query: { ...fields, description: 'Added to the path, percent-encoded.' },
    headers: { ...fields, description: 'Sent in this order and spelling.' },
    form: { ...fields, description: 'Body as application/x-www-form-urlencoded.' },
    multipart: { ...fields, description: 'Body as multipart/form-data.' },
    json: { description: 'Body as JSON.' },
    text: { type: 'string', description: 'Body as written; name its Content-Type yourself.' },
    raw: {
      type: 'string',
      description: 'The whole message from request line to body, sent as bytes (\\r\\n added at line ends, Host filled in for ${host}).',
    },
  },
} as const;
export type RequestSpec = FromSchema<typeof requestSchema>;

const statusExpectation = {
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599 },
    { type: 'string', pattern: '^[1-5]xx$' },
    { type: 'array', minItems: 1, items: { type: 'integer', minimum: 100, maximum: 599 } },
  ],
  description: 'Status code, class (4xx), or list of codes.',
} as const;

const comparison = {
  type: 'object',
  additionalProperties: false,
  required: ['as', 'at'],
  properties: {
    as: { type: 'string', description: 'Name of an earlier step, or of a fixture.' },
    at: {
      type: 'array',
      minItems: 1,
      items: text,
      description: 'What is compared: status, content-type, body, keys (key paths and types of the JSON body), or JSON pointers.',
    },
  },
} as const;

/** The closed list of checks. One of them stands in a check, or in each entry of its `any`. */
export const expectationProperties = {
  status: statusExpectation,
  header: {
    type: 'object',
    additionalProperties: {},
    description:
      'Header name to expected value or matcher; null: absent. For WWW-Authenticate also challenge: a scheme, or scheme and parameters.',
  },
  body: { type: 'string', description: 'Name of a JSON Schema of the profile that the JSON body satisfies.' },
  json: {
    description:
      'Partial match of the JSON body. A leaf may be a matcher: equals (by value, "401" equals 401), type, matches, oneOf, min, max, startsWith, contains, length, absent, present, not.',
  },
  text: { description: 'Expected text of the body, or a matcher.' },
  absent: { ...pointers, description: 'JSON pointers that must not exist in the body.' },
  same: { ...comparison, description: 'Equal to an earlier answer.' },
  differs: { ...comparison, description: 'Different from an earlier answer.' },
  jwt: {
    type: 'object',
    additionalProperties: false,
    required: ['at'],
    description: 'The token at this pointer is a JWT whose header and claims match.',
    properties: {
      at: { type: 'string', description: 'JSON pointer to the token in the body.' },
      header: { type: 'object', description: 'Partial match of the JOSE header.' },
      claims: { type: 'object', description: 'Partial match of the claims.' },
    },
  },
  within: {
    type: 'object',
    additionalProperties: false,
    required: ['at'],
    description: 'The number (or numeric string) at this pointer lies between min and max, both included.',
    properties: {
      at: text,
      min: { anyOf: [text, { type: 'number' }] },
      max: { anyOf: [text, { type: 'number' }] },
    },
  },
} as const;
export const expectationKinds = Object.keys(expectationProperties) as (keyof typeof expectationProperties)[];

const alternativeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { ...expectationProperties, clauses: clauseIds, when: whenSchema },
} as const;

export const checkSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'One named expectation. Exactly one kind of the closed list, or any: with alternatives of that form.',
  properties: {
    ...expectationProperties,
    any: {
      type: 'array',
      minItems: 2,
      items: alternativeSchema,
      description: 'Alternatives, each with its clause; one that an authority witnesses makes a pass.',
    },
    level,
    clauses: clauseIds,
    when: whenSchema,
    why: { type: 'string', description: 'Why this is expected, where it would surprise a reader.' },
  },
} as const;
export type CheckSpec = FromSchema<typeof checkSchema>;

const checks = { type: 'object', additionalProperties: checkSchema, propertyNames: slug } as const;

export const outcomes = ['accepted', 'refused', 'either'] as const;

/**
 * The named outcomes. `accepted`: the complete success of the request's surface; `refused`: a clean refusal of it (4xx, the
 * profile's error shape, nothing given away); `either`: one of both, since the authorities are silent.
 */
export type Outcome = (typeof outcomes)[number];

export const captureSchema = {
  anyOf: [
    { type: 'string', pattern: '^/' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        json: { type: 'string', pattern: '^/' },
        header: text,
        secret: { type: 'boolean', description: 'Masked everywhere from here on. Default: true.' },
      },
    },
  ],
  description: 'A value kept for later steps as ${name}: a JSON pointer into the body, or a header.',
} as const;

const overrides = {
  type: 'object',
  description: 'Changes to the request: method, path, raw, text, json, form.NAME, headers.NAME, query.NAME, multipart.NAME, json.NAME.',
} as const;

const requestStepSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['request'],
  properties: {
    name: { ...slug, description: 'Name for same, differs and messages. Default: step-N.' },
    request: { anyOf: [text, requestSchema], description: 'A named request, or one written out.' },
    with: overrides,
    varied: { type: 'boolean', description: 'The rows of vary change this step. Default: the first request.' },
    expect: { enum: outcomes, description: 'Named outcome: accepted, refused, either.' },
    checks,
    capture: { type: 'object', additionalProperties: captureSchema, propertyNames: { type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9]*$' } },
    repeat: { type: 'integer', minimum: 2, maximum: 100, description: 'Send it so many times; every answer is judged.' },
    freshConnection: { type: 'boolean', description: 'On a connection of its own.' },
  },
} as const;

const waitStepSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['wait'],
  properties: {
    name: slug,
    wait: {
      type: 'object',
      additionalProperties: false,
      required: ['until', 'of'],
      properties: {
        until: { enum: ['before-expiry', 'after-expiry', 'half-life'], description: 'Which moment of the lifetime to move to.' },
        of: { type: 'string', description: 'The fixture or step that issued the token.' },
      },
      description: 'Lets time pass: the clock of the mock is moved, or real time is waited for.',
    },
  },
} as const;

export const stepSchema = { anyOf: [requestStepSchema, waitStepSchema] } as const;
export type StepSpec = FromSchema<typeof stepSchema>;

const given = {
  type: 'array',
  items: {
    anyOf: [
      text,
      {
        type: 'object',
        additionalProperties: false,
        required: ['fixture'],
        properties: {
          fixture: text,
          as: { type: 'string', description: 'Prefix for the captures, to use a fixture twice.' },
          fresh: { type: 'boolean', description: 'Obtained for this case instead of once per run.' },
        },
      },
    ],
  },
  description: 'Fixtures of the profile whose captures this case uses.',
} as const;

const cost = {
  type: 'object',
  additionalProperties: false,
  description: 'Failed logins that this causes, charged to an identity; the runner keeps to the budget of the target.',
  required: ['failedLogins'],
  properties: {
    failedLogins: { type: 'integer', minimum: 0 },
    identity: { type: 'string', description: 'Key of the user whose account could be locked. Default: the address only.' },
  },
} as const;

const rowSettings = {
  title: text,
  why: text,
  when: whenSchema,
  cost,
  clauses: clauseIds,
  level,
  expect: { enum: outcomes },
  checks,
} as const;
export const rowSettingNames = Object.keys(rowSettings);

const declaredSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  description: 'Instead of steps: decided by what the target file declares, where no harmless request can tell. Nothing is sent.',
  properties: {
    version: { type: 'string', description: 'Range of good product versions.' },
    drupal: { type: 'string', description: 'Range of good versions of Drupal core.' },
  },
} as const;

export const caseSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'clauses'],
  properties: {
    title: { type: 'string', description: 'Keyword, outcome, condition: "MUST answer 401 … if …".' },
    why: { type: 'string', description: 'Why this is expected, where it would surprise a reader.' },
    see: { type: 'array', items: text, description: 'Links for the reader.' },
    clauses: clauseIds,
    level,
    given,
    when: whenSchema,
    cost,
    exclusive: { type: 'boolean', description: 'Runs alone.' },
    writes: { type: 'boolean', description: 'Changes the state of the target; left out by --read-only.' },
    priority: { type: 'integer', minimum: 1, maximum: 9, description: '1 first when a budget is short. Default 5.' },
    steps: { type: 'array', minItems: 1, items: stepSchema },
    declared: declaredSchema,
    vary: {
      type: 'object',
      propertyNames: slug,
      description:
        'One case per row: a row lists what it changes in the varied request, and may override title, why, when, cost, clauses, level, expect, checks.',
      additionalProperties: { type: 'object', properties: rowSettings },
    },
  },
} as const;
export type CaseSpec = FromSchema<typeof caseSchema>;

export const specSchema = {
  $id: 'https://drupal-auth-conformance.dev/schema/spec.schema.json',
  title: 'Spec file',
  description: 'Cases of one feature of a profile, written in the contract language.',
  type: 'object',
  additionalProperties: false,
  required: ['title', 'profile', 'cases'],
  properties: {
    title: { type: 'string', description: 'What the file is about, as a heading.' },
    profile: { type: 'string', description: 'Profile that these cases belong to, e.g. miniorange/oauth.' },
    why: text,
    requests: { type: 'object', propertyNames: slug, additionalProperties: requestSchema },
    cases: { type: 'object', propertyNames: slug, additionalProperties: caseSchema },
  },
} as const;
export type SpecFile = FromSchema<typeof specSchema>;
