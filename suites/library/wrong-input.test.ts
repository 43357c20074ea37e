/**
 * Every public function, given what it cannot use: a UsageError that names the argument or the key, at once, and never a TypeError from deep inside.
 */
import { describe, expect, it } from 'vitest';
import { mswHandlers } from '../../mock-server/adapters/msw.ts';
import * as mock from '../../mock-server/index.ts';
import * as library from '../../src/index.ts';
import { createReporter, describeReporter } from '../../src/report/reporter.ts';
import { describeConformance } from '../../src/vitest.ts';

type Call = (value: never) => unknown;

const values = {
  nothing: undefined,
  null: null,
  zero: 0,
  'a negative number': -1,
  'a fraction': 1.5,
  'no number': NaN,
  infinity: Infinity,
  'a big integer': 10n,
  'an empty string': '',
  'a blank': ' ',
  'a word': 'word',
  true: true,
  false: false,
  'an empty array': [],
  'an array of numbers': [1],
  'an array of nothing': [undefined],
  'an empty object': {},
  'an unknown key': { unheardOf: 1 },
  'a function': () => undefined,
  'a symbol': Symbol('s'),
  'a map': new Map([['profile', 'oauth2']]),
  'a date': new Date(0),
  'a promise': Promise.resolve({}),
} as const;
type Name = keyof typeof values;

const all = Object.keys(values) as Name[];
const except = (...names: readonly Name[]): Name[] => all.filter((name) => !names.includes(name));
const words: readonly Name[] = ['a word', 'a blank'];
/** Objects without keys of their own are empty options. */
const blankOptions: readonly Name[] = ['nothing', 'an empty object', 'a map', 'a date', 'a promise'];

const target = { profile: 'miniorange/oauth', baseUrl: 'http://127.0.0.1:9/' };
const made = mock.createDrupalMock();
const digest = { header: { targets: [] }, cases: [] } as never;
const flows = { header: { targets: [] }, walks: new Map() } as never;
const first = async (stream: AsyncIterable<unknown>) => {
  for await (const one of stream) return one;
  return undefined;
};
const runWith = (options: object) => first(library.run({ target, ...options } as never));

/** What is called, what its argument is called in the message, the call, and the values that are wrong. */
const functions: readonly (readonly [name: string, key: RegExp, call: Call, wrong: readonly Name[]])[] = [
  ['run, options', /run: .*("target"|unknown option)/, (value) => first(library.run(value)), all],
  ['run, target', /target/, (value) => first(library.run({ target: value })), all],
  ['run, select', /"select"/, (select) => runWith({ select }), except('nothing', 'an empty array')],
  ['run, specs', /"specs"/, (specs) => runWith({ specs }), except('nothing', 'an empty array')],
  ['run, strict', /"strict"/, (strict) => runWith({ strict }), except('nothing', 'true', 'false')],
  ['run, witness', /"witness"/, (witness) => runWith({ witness }), except('nothing')],
  ['run, readOnly', /"readOnly"/, (readOnly) => runWith({ readOnly }), except('nothing', 'true', 'false')],
  ['run, seed', /"seed"/, (seed) => runWith({ seed }), except('nothing', 'zero')],
  ['run, concurrency', /"concurrency"/, (concurrency) => runWith({ concurrency }), except('nothing')],
  ['run, repeat', /"repeat"/, (repeat) => runWith({ repeat }), except('nothing')],
  ['run, bail', /"bail"/, (bail) => runWith({ bail }), except('nothing', 'true', 'false')],
  [
    'run, maxWaitSeconds',
    /"maxWaitSeconds"/,
    (maxWaitSeconds) => runWith({ maxWaitSeconds }),
    except('nothing', 'zero', 'a fraction', 'infinity'),
  ],
  ['run, signal', /"signal"/, (signal) => runWith({ signal }), except('nothing')],
  ['loadSpecs', /specs|word|" "/, (value) => library.loadSpecs(value), except('nothing', 'an empty array')],
  ['readReport', /path|word|" "|^ : /, (value) => first(library.readReport(value)), all],
  [
    'readReport, options',
    /readReport: .*(options|unknown option)/,
    (value) => first(library.readReport('none.ndjson', value)),
    except(...blankOptions),
  ],
  [
    'digestRun',
    /"records"/,
    (value) => library.digestRun(value),
    except('an empty array', 'an array of numbers', 'an array of nothing', 'a map'),
  ],
  ['compare, base', /"base"/, (value) => library.compare(value, digest), all],
  ['compare, head', /"head"/, (value) => library.compare(digest, value), all],
  [
    'digestFlows',
    /"records"/,
    (value) => library.digestFlows(value),
    except('an empty array', 'an array of numbers', 'an array of nothing', 'a map'),
  ],
  ['migrate, base', /"base"/, (value) => library.migrate(value, flows), all],
  ['migrate, head', /"head"/, (value) => library.migrate(flows, value), all],
  ['renderComparison', /"comparison"/, (value) => library.renderComparison(value, 'json'), all],
  ['renderComparison, format', /"format"/, (value) => library.renderComparison(library.compare(digest, digest), value), all],
  ['renderMigration', /"migration"/, (value) => library.renderMigration(value, 'json'), all],
  ['renderMigration, format', /"format"/, (value) => library.renderMigration(library.migrate(flows, flows), value), all],
  ['createDrupalMock', /createDrupalMock: .*(options|unknown option)/, (value) => mock.createDrupalMock(value), except(...blankOptions)],
  ['createDrupalMock, profile', /profile/, (profile) => mock.createDrupalMock({ profile }), except('nothing')],
  [
    'createDrupalMock, site',
    /site/,
    (site) => mock.createDrupalMock({ site }),
    except('nothing', 'an empty object', 'an empty array', 'a map', 'a date', 'a promise'),
  ],
  ['createDrupalMock, cors', /"cors"/, (cors) => mock.createDrupalMock({ cors }), except('nothing', 'an empty array')],
  ['createDrupalMock, seed', /"seed"/, (seed) => mock.createDrupalMock({ seed }), except('nothing', 'zero')],
  ['createDrupalMock, now', /"now"/, (now) => mock.createDrupalMock({ now }), except('nothing', 'a function')],
  ['createDrupalMock, control', /"control"/, (control) => mock.createDrupalMock({ control }), except('nothing', 'true', 'false')],
  ['createDrupalMock, landing', /"landing"/, (landing) => mock.createDrupalMock({ landing }), except('nothing', 'true', 'false')],
  ['createDrupalMock, journal', /"journal"/, (journal) => mock.createDrupalMock({ journal }), except('nothing', 'true', 'false')],
  ['createDrupalMock, mutant', /"mutant"/, (mutant) => mock.createDrupalMock({ mutant }), except('nothing')],
  ['listen', /listen: .*(options|unknown option)/, (value) => made.listen(value), except(...blankOptions)],
  ['listen, port', /"port"/, (port) => made.listen({ port }), except('nothing', 'zero')],
  ['listen, host', /"host"/, (host) => made.listen({ host }), except('nothing', ...words)],
  ['clock.advance', /"seconds"/, (value) => made.clock.advance(value), except('zero', 'a negative number', 'a fraction')],
  ['faults.add', /faults\.add/, (value) => made.faults.add(value), except('an empty object', 'a map', 'a date', 'a promise')],
  ['faults.add, status', /"status"/, (status) => made.faults.add({ status }), except('nothing')],
  [
    'faults.add, headers',
    /"headers"/,
    (headers) => made.faults.add({ headers }),
    except('nothing', 'an empty array', 'an empty object', 'a map', 'a date', 'a promise'),
  ],
  ['target', /"profile"/, (value) => made.target(value), except('nothing', ...words)],
  ['readSiteFile', /file/, (value) => mock.readSiteFile(value), all],
  [
    'withPeople',
    /"file"/,
    (value) => mock.withPeople(value, 1),
    except(
      'an empty object',
      'an unknown key',
      'an empty array',
      'an array of numbers',
      'an array of nothing',
      'a map',
      'a date',
      'a promise',
    ),
  ],
  ['withPeople, count', /"count"/, (value) => mock.withPeople({}, value), except('zero')],
  ['withPeople, seed', /"seed"/, (value) => mock.withPeople({}, 1, value), except('nothing', 'zero')],
  ['findMutant', /mutant|"id"/i, (value) => mock.findMutant(value), all],
  ['supportsProfile', /"profile"/, (value) => mock.supportsProfile(value), except('an empty string', ...words)],
  ['mswHandlers', /"mock"/, (value) => mswHandlers(value), all],
  ['mswHandlers, baseUrl', /"baseUrl"/, (value) => mswHandlers(made, value), except('nothing')],
  ['describeConformance', /"profile"/, (value) => describeConformance(value), all],
  ['describeConformance, make', /"make"/, (make) => describeConformance({ profile: 'oauth2', make }), except('a function')],
  [
    'describeConformance, options',
    /describeConformance: .*(options|unknown option)/,
    (value) => describeConformance(target, value),
    except(...blankOptions),
  ],
  ['createReporter', /reporter/, (value) => createReporter(value, '.', {} as never), all],
  ['describeReporter', /"name"/, (value) => describeReporter(value), except(...words)],
  ['useGraphql', /"library"/, (value) => mock.useGraphql(value), all],
];

async function problemOf(call: Call, value: unknown): Promise<unknown> {
  try {
    await call(value as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('an error of ours that names the argument or the key', () => {
  it.each(functions)('is what %s throws for everything that it cannot use', async (_name, key, call, wrong) => {
    for (const name of wrong) {
      const problem = await problemOf(call, values[name]);
      const code = problem instanceof library.DacError ? problem.code : `not ours: ${String(problem)}`;
      expect.soft(code, name).toMatch(/^E_(USAGE|SPEC|REPORT)$/);
      expect.soft(String((problem as Error | undefined)?.message), name).toMatch(key);
    }
  });
});

it('knows every public function', () => {
  const known = new Set(functions.map(([name]) => name.split(',')[0]));
  const harmless = ['listMutants'];
  const exported = [...Object.entries(library), ...Object.entries(mock)]
    .filter(([name, value]) => typeof value === 'function' && !name.endsWith('Error'))
    .map(([name]) => name);
  expect(exported.filter((name) => !known.has(name) && !harmless.includes(name))).toEqual([]);
});
