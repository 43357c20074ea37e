/**
 * A discovery for a person: what was changed, what came, a curl line, and a case that is ready to be kept.
 *
 * @module
 */
import type { Expectation, FieldList, RequestTemplate } from '../../model/catalogue.ts';
import { curlCommand } from '../../report/curl.ts';
import { describeEdits } from './edits.ts';
import type { Discovery } from './explore.ts';

export function renderDiscovery({ base, edits, check, exchange, reproduced }: Discovery): string {
  const changes = describeEdits(base.step.request, edits);
  const differences = check.mismatches.map(({ at, expected, actual }) => `  ${at}: expected ${expected}, found ${actual}`);
  const curl = exchange === undefined ? undefined : curlCommand(exchange.request);
  return [
    `${check.name} (${check.clauses.join(', ')})`,
    `  ${base.name}, but ${changes.join(', and ')}${reproduced ? '' : '; it did not show again'}`,
    ...differences,
    ...(curl === undefined
      ? []
      : [...curl.variables.map((name) => `  : "\${${name}:?}"`), ...curl.text.split('\n').map((line) => `  ${line}`)]),
  ].join('\n');
}

/** All discoveries as one spec file of the profile. */
export async function renderCases(discoveries: readonly Discovery[], profile: string, seed: number): Promise<string> {
  const { stringify } = await import('yaml');
  const cases = discoveries.map((discovery, index) => [`found-${index + 1}`, caseOf(discovery)] as const);
  const file = { title: `Found by exploration, seed ${seed}`, profile, cases: Object.fromEntries(cases) };
  return stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
}

function caseOf(discovery: Discovery): object {
  const { base, edits, check } = discovery;
  const changes = describeEdits(base.step.request, edits).join(', and ');
  return {
    title: `${titles[check.name] ?? 'MUST refuse in the form of the profile'} if ${changes}`.replace(/\s+/g, ' '),
    clauses: check.clauses,
    ...(base.given.length === 0
      ? {}
      : {
          given: base.given.map(({ fixture, as, fresh }) =>
            as === undefined && !fresh ? fixture : { fixture, ...(as === undefined ? {} : { as }), ...(fresh ? { fresh } : {}) },
          ),
        }),
    steps: stepsOf(discovery),
  };
}

function stepsOf({ request, check, mustBeRefused, shape }: Discovery): object[] {
  const step = { request: requestOf(request), expect: mustBeRefused ? 'refused' : 'either' };
  if (check.name === 'same-answer') {
    const same = { same: { as: 'first', at: ['status'] }, clauses: check.clauses };
    return [
      { name: 'first', ...step },
      { name: 'again', ...step, checks: { 'same-answer': same } },
    ];
  }
  if (mustBeRefused || shape === undefined) return [step];
  // The request may be right; if it is refused, then in the form of the profile.
  const forms = shape.alternatives.map(({ expectation, clauses, when }) => ({
    ...expectationOf(expectation),
    clauses,
    ...(when === undefined ? {} : { when }),
  }));
  const accepted = { status: '2xx', clauses: ['invariants/either-outcome'] };
  return [{ ...step, checks: { [shape.name]: { any: [...forms, accepted] } } }];
}

/** An expectation as a spec writes it: what it is about stands under the name of its kind. */
function expectationOf({ kind, ...parts }: Expectation): object {
  const [only] = Object.entries(parts);
  if (kind === 'body') return { body: only?.[1] };
  return kind in parts ? parts : { [kind]: parts };
}

const titles: Readonly<Record<string, string>> = {
  'no-server-error': 'MUST NOT fail',
  'no-secret-echo': 'MUST NOT repeat a secret',
  'no-stack-trace': 'MUST NOT show a stack trace',
  'nothing-given': 'MUST refuse a request without the right secret',
  'same-answer': 'MUST answer in the same way every time',
  status: 'MUST refuse a request without the right secret',
  answer: 'MUST answer',
};

function requestOf({ surface, method, path, query, headers, body }: RequestTemplate): object {
  return {
    ...(surface === undefined ? {} : { surface }),
    method,
    path,
    ...(query.length === 0 ? {} : { query: mapOf(query) }),
    ...(headers.length === 0 ? {} : { headers: mapOf(headers) }),
    ...(body === undefined
      ? {}
      : body.kind === 'form' || body.kind === 'multipart'
        ? { [body.kind]: mapOf(body.fields) }
        : { [body.kind]: body.value }),
  };
}

/** A name that stands more than once becomes a list. */
function mapOf(fields: FieldList): Record<string, string | string[]> {
  const map = new Map<string, string[]>();
  for (const [name, value] of fields) map.set(name, [...(map.get(name) ?? []), value]);
  return Object.fromEntries([...map].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]));
}
