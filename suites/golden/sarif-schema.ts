/**
 * The parts of SARIF 2.1.0 that the reporter writes, as a closed JSON Schema: an object that is not described here is a mistake. Written from the
 * text of the standard (OASIS, 2.1.0 plus errata 01); section numbers stand beside each object.
 *
 * @module
 */
const text = { type: 'string', minLength: 1 };
const uri = { type: 'string', format: 'uri-reference' };
const instant = { type: 'string', format: 'date-time', pattern: 'Z$' };
const bag = { type: 'object' };
const level = { enum: ['none', 'note', 'warning', 'error'] };

function closed(properties: Readonly<Record<string, object>>, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

// 3.11 and 3.12
const message = closed({ text }, ['text']);
// 3.4
const artifactLocation = closed({ uri }, ['uri']);
// 3.28, 3.29, 3.30, 3.33
const location = closed({
  physicalLocation: closed({ artifactLocation, region: closed({ startLine: { type: 'integer', minimum: 1 } }, ['startLine']) }, [
    'artifactLocation',
  ]),
  logicalLocations: { type: 'array', items: closed({ name: text, fullyQualifiedName: text, kind: text }) },
});
// 3.58
const notification = closed({ level, message, locations: { type: 'array', items: location } }, ['message']);
// 3.20
const invocation = closed(
  {
    executionSuccessful: { type: 'boolean' },
    exitCode: { type: 'integer' },
    exitCodeDescription: text,
    startTimeUtc: instant,
    endTimeUtc: instant,
    toolExecutionNotifications: { type: 'array', items: notification },
    toolConfigurationNotifications: { type: 'array', items: notification },
  },
  ['executionSuccessful'],
);
// 3.49, 3.50
const rule = closed(
  {
    id: text,
    shortDescription: message,
    fullDescription: message,
    help: message,
    helpUri: { type: 'string', format: 'uri' },
    defaultConfiguration: closed({ level }),
    properties: closed({ tags: { type: 'array', items: text, uniqueItems: true }, precision: text }),
  },
  ['id'],
);
// 3.27, 3.35
const result = closed(
  {
    ruleId: text,
    ruleIndex: { type: 'integer', minimum: 0 },
    kind: { enum: ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'] },
    level,
    message,
    locations: { type: 'array', minItems: 1, items: location },
    partialFingerprints: { type: 'object', additionalProperties: text },
    suppressions: {
      type: 'array',
      items: closed(
        { kind: { enum: ['inSource', 'external'] }, status: { enum: ['accepted', 'underReview', 'rejected'] }, justification: text },
        ['kind'],
      ),
    },
    properties: bag,
  },
  ['message', 'ruleId', 'ruleIndex', 'locations', 'partialFingerprints'],
);
// 3.14, 3.18, 3.19
const run = closed(
  {
    tool: closed(
      {
        driver: closed({ name: text, version: text, semanticVersion: text, rules: { type: 'array', items: rule, uniqueItems: true } }, [
          'name',
          'rules',
        ]),
      },
      ['driver'],
    ),
    automationDetails: closed({ id: text, description: message }),
    invocations: { type: 'array', items: invocation },
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    properties: bag,
    results: { type: 'array', items: result },
  },
  ['tool', 'results'],
);

// 3.13
export const sarifSchema = closed(
  { $schema: { type: 'string', format: 'uri' }, version: { const: '2.1.0' }, runs: { type: 'array', items: run } },
  ['version', 'runs'],
);
