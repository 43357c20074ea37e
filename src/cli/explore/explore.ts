/**
 * Seeded negative exploration: changes right requests in ways that nobody has written down, and looks for what is wrong under every reading. What it
 * finds is shrunk to the smallest change that still shows it.
 *
 * @module
 */
import fc from 'fast-check';
import type { Catalogue, CatalogueCase, CatalogueCheck, Profile, RequestStep, RequestTemplate } from '../../model/catalogue.ts';
import type { CaseRecord, JudgedCheck, RecordedExchange } from '../../model/record.ts';
import type { Target } from '../../model/target.ts';
import { runCase } from '../../run/case.ts';
import type { TargetContext } from '../../run/context.ts';
import { planCases } from '../../run/plan.ts';
import { budgetOf, contextOf, type RunEffects, type RunOptions } from '../../run/run.ts';
import { Scope } from '../../run/scope.ts';
import { MissingVariable, substitute } from '../../spec/variables.ts';
import { edited, fieldsOf, isPlain, secretsIn, type Edit } from './edits.ts';
import { samples, type Sample } from './samples.ts';

export interface ExploreOptions {
  readonly catalogue: Catalogue;
  readonly profile: string;
  readonly target: Target;
  readonly seed: number;
  /** Requests that are tried; shrinking takes some more. */
  readonly count: number;
  readonly requestsPerSecond?: number;
  readonly signal: AbortSignal;
  /** Called with each discovery as soon as it is shrunk; who has seen enough aborts the signal. */
  readonly onDiscovery?: (discovery: Discovery) => void;
}

/** A right request to start from. */
export interface Base {
  readonly name: string;
  readonly step: RequestStep;
  readonly given: CatalogueCase['given'];
  /** True: it is answered in the same way without a secret, so that nothing follows from a wrong one. */
  readonly isPublic: boolean;
}

export interface Discovery {
  readonly base: Base;
  readonly edits: readonly Edit[];
  readonly request: RequestTemplate;
  readonly check: JudgedCheck;
  readonly exchange: RecordedExchange | undefined;
  /** True when the request cannot be right, because a secret is missing or wrong. */
  readonly mustBeRefused: boolean;
  /** What the profile says of a refusal, where that is what was broken. */
  readonly shape?: CatalogueCheck;
  /** Whether the same request showed it again. */
  readonly reproduced: boolean;
}

export interface Exploration {
  readonly bases: readonly string[];
  readonly tried: number;
  readonly discoveries: readonly Discovery[];
  /** Why nothing could be tried. */
  readonly obstacle?: string;
}

/** Requests that shrinking one discovery may cost. */
const shrinkLimit = 80;

export async function explore(options: ExploreOptions, effects: RunEffects): Promise<Exploration> {
  const explorer = await Explorer.open(options, effects);
  try {
    return await explorer.run();
  } finally {
    await explorer.close();
  }
}

class Explorer {
  readonly #options: ExploreOptions;
  readonly #context: TargetContext;
  readonly #budget;
  readonly #known = new Set<string>();
  #tried = 0;
  #limit = 0;

  private constructor(options: ExploreOptions, context: TargetContext) {
    this.#options = options;
    this.#context = context;
    this.#budget = budgetOf(options.target);
  }

  static async open(options: ExploreOptions, effects: RunEffects): Promise<Explorer> {
    const { catalogue, target, requestsPerSecond, seed, signal } = options;
    const profile = catalogue.profiles[options.profile] as Profile;
    const limits = { concurrency: 1, ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }) };
    const transport = await effects.transportFor(target, limits);
    const sendOptions = {
      timeoutMs: (target.limits?.timeoutSeconds ?? 10) * 1000,
      maxHeaderBytes: 64 * 1024,
      maxBodyBytes: 4 * 1024 * 1024,
    };
    const runOptions: RunOptions = {
      catalogue,
      cases: [],
      targets: [target],
      selectors: [],
      suite: { name: 'drupal-auth-conformance', version: 'explore' },
      seed,
      strict: false,
      readOnly: true,
      repeat: 1,
      bail: false,
      maxWaitSeconds: 0,
      signal,
    };
    const secrets = effects.secretsFor(target);
    return new Explorer(options, await contextOf(profile, { target, transport, sendOptions, secrets, options: runOptions, effects }));
  }

  async close(): Promise<void> {
    await this.#context.transport.close();
  }

  async run(): Promise<Exploration> {
    const found = await this.#findBases();
    if (typeof found === 'string') return { bases: [], tried: this.#tried, discoveries: [], obstacle: found };
    const discoveries: Discovery[] = [];
    const { count, seed } = this.#options;
    for (let round = 0; this.#tried < count && !this.#options.signal.aborted; round++) {
      this.#limit = count;
      const property = fc.asyncProperty(samples(found), async (sample) => {
        const discovery = await this.#probe(sample);
        if (discovery === undefined) return;
        // From the first discovery on, only shrinking goes on.
        this.#limit = Math.min(this.#limit, this.#tried + shrinkLimit);
        throw new Error(keyOf(discovery));
      });
      const result = await fc.check(property, { seed: seed + round, numRuns: count - this.#tried });
      const [sample] = result.counterexample ?? [];
      if (sample === undefined) break;
      this.#limit = Number.POSITIVE_INFINITY;
      const again = await this.#probe(withoutIdle(sample));
      const discovery = again === undefined ? this.#last : await this.#smallest(again);
      if (discovery === undefined) break;
      this.#known.add(keyOf(discovery));
      const shrunk = { ...discovery, reproduced: again !== undefined };
      discoveries.push(shrunk);
      this.#options.onDiscovery?.(shrunk);
    }
    return { bases: found.map(({ name }) => name), tried: this.#tried, discoveries };
  }

  #last: Discovery | undefined;

  /** Leaves out one edit after the other, as long as the same shows. */
  async #smallest(discovery: Discovery): Promise<Discovery> {
    for (let index = 0; discovery.edits.length > 1 && index < discovery.edits.length; index++) {
      const smaller = await this.#probe({ base: discovery.base, edits: discovery.edits.toSpliced(index, 1) });
      if (smaller !== undefined && keyOf(smaller) === keyOf(discovery)) return this.#smallest(smaller);
    }
    return discovery;
  }

  /** Named requests of the profile that its cases expect to be accepted, and that are; else why there is none. */
  async #findBases(): Promise<readonly Base[] | string> {
    const { catalogue, profile: name, target } = this.#options;
    const { profile } = this.#context;
    const names = new Map(Object.entries(profile.requests ?? {}).map(([key, request]) => [JSON.stringify(request), key]));
    const planned = planCases(catalogue.cases, profile, target, { readOnly: true, budget: budgetOf(target) });
    const bases = new Map<string, Base>();
    let refusal: string | undefined;
    for (const { case: one, skip } of planned) {
      const [step] = one.steps;
      if (
        skip !== undefined ||
        one.steps.length !== 1 ||
        step?.kind !== 'request' ||
        step.expect !== 'accepted' ||
        step.plain !== undefined
      )
        continue;
      const key = names.get(JSON.stringify(step.request));
      if (key === undefined || bases.has(key)) continue;
      const base: Base = { name: key, step, given: one.given, isPublic: false };
      const right = await this.#send(base, base.step.request, 'accepted');
      const wrong = complaint(right, () => true);
      if (right.verdict === 'blocked' || right.verdict === 'error' || wrong !== undefined) {
        refusal ??=
          right.reason ??
          `${key}: ${wrong?.mismatches.map(({ at, expected, actual }) => `${at}: expected ${expected}, found ${actual}`).join('; ') ?? right.verdict}`;
        continue;
      }
      bases.set(key, { ...base, isPublic: await this.#isPublic(base) });
    }
    if (bases.size > 0) return [...bases.values()];
    return refusal === undefined
      ? `${name} has no named request that a case expects to be accepted`
      : `no request of ${name} is accepted as it should be: ${refusal}`;
  }

  /** Asks without any secret: what a stranger is given is no secret. */
  async #isPublic(base: Base): Promise<boolean> {
    let { request } = base.step;
    for (let number = 0; secretsIn(request).size > 0 && number < 20; number++) {
      const without = edited(request, [{ kind: 'remove', field: number }]);
      if (secretsIn(without).size < secretsIn(request).size) {
        request = without;
        number = -1;
      }
    }
    if (request.body?.kind === 'form' || this.#mustRefuse(request)) return false;
    const record = await this.#send(base, request, 'refused');
    return complaint(record, ({ name }) => name === 'nothing-given' || name === 'status') !== undefined;
  }

  /** Whether some case says that this very request is refused. */
  #mustRefuse(request: RequestTemplate): boolean {
    const text = ({ surface: _, ...rest }: RequestTemplate) => JSON.stringify(rest);
    const wanted = text(request);
    return this.#options.catalogue.cases.some(
      ({ profile, steps }) =>
        profile === this.#options.profile &&
        steps.some((step) => step.kind === 'request' && step.expect === 'refused' && text(step.request) === wanted),
    );
  }

  async #probe({ base, edits }: Sample): Promise<Discovery | undefined> {
    const request = edited(base.step.request, edits);
    if (JSON.stringify(request) === JSON.stringify(base.step.request) || this.#tried >= this.#limit || !this.#mayFailLogin(base, request))
      return undefined;
    const mustBeRefused = !base.isPublic && this.#lacksSecret(base.step.request, request);
    const isShaped = isPlain(base.step.request, edits);
    const record = await this.#send(base, request, 'refused');
    const status = lastExchange(record)?.response?.status ?? 0;
    const shapeChecks = this.#context.profile.surfaces[request.surface ?? '']?.refused.checks ?? [];
    const shapeOf = (name: string): CatalogueCheck | undefined =>
      everywhere.has(name) || name === 'nothing-given' ? undefined : shapeChecks.find((one) => one.name === name);
    const check = complaint(record, ({ name }) => {
      if (everywhere.has(name)) return true;
      if (name === 'nothing-given') return mustBeRefused;
      if (name === 'status' && status >= 200 && status < 300) return mustBeRefused && (isShaped || this.#isAsked(base, edits));
      return isShaped && status >= 400 && status < 500 && shapeOf(name) !== undefined;
    });
    const found = check ?? (await this.#changesItsMind(base, request, record));
    if (found === undefined) return undefined;
    const shape = shapeOf(found.name);
    const discovery: Discovery = {
      base,
      edits,
      request,
      check: found,
      exchange: lastExchange(record),
      mustBeRefused,
      ...(shape === undefined ? {} : { shape }),
      reproduced: true,
    };
    if (this.#known.has(keyOf(discovery))) return undefined;
    this.#last = discovery;
    return discovery;
  }

  /** The same place is asked in the same way, and nothing in its answers is known to tell a success but the status. */
  #isAsked(base: Base, edits: readonly Edit[]): boolean {
    const { yields = [] } = this.#context.profile.surfaces[base.step.request.surface ?? ''] ?? {};
    return yields.length === 0 && edits.every(({ kind }) => kind === 'replace' || kind === 'remove');
  }

  /** One request in eight is sent twice: the same input gets the same class of answer. */
  async #changesItsMind(base: Base, request: RequestTemplate, first: CaseRecord): Promise<JudgedCheck | undefined> {
    const before = lastExchange(first)?.response?.status;
    if (this.#tried % 8 !== 0 || before === undefined || first.verdict === 'blocked') return undefined;
    const second = await this.#send(base, request, 'refused');
    const after = lastExchange(second)?.response?.status;
    if (after === undefined || second.verdict === 'blocked' || Math.floor(after / 100) === Math.floor(before / 100)) return undefined;
    return {
      name: 'same-answer',
      level: 'must',
      verdict: 'fail',
      clauses: ['invariants/either-outcome'],
      mismatches: [{ at: 'status', expected: `${before}, as a moment before`, actual: String(after) }],
    };
  }

  #send(base: Base, request: RequestTemplate, expect: 'accepted' | 'refused'): Promise<CaseRecord> {
    this.#tried++;
    const step: RequestStep = { ...base.step, request, expect, checks: [], capture: [], repeat: 1 };
    return runCase(
      {
        // Made-up values depend on the address, and must not change while a discovery is shrunk.
        address: `explore/${base.name}`,
        profile: this.#options.profile,
        file: '',
        line: 0,
        title: '',
        see: [],
        clauses: [],
        given: base.given,
        exclusive: false,
        writes: false,
        priority: 5,
        needs: [],
        steps: [step],
      },
      this.#context,
    );
  }

  /** A secret of the right request is nowhere in the changed one, and what stands in its place is another value. */
  #lacksSecret(right: RequestTemplate, changed: RequestTemplate): boolean {
    const before = secretsIn(right);
    const after = secretsIn(changed);
    const lost = [...before].filter((name) => !after.has(name));
    const sent = [...changed.headers, ...changed.query, ...(changed.body?.kind === 'form' ? changed.body.fields : [])];
    return lost.some((name) => {
      if (isBent(name, changed)) return false;
      const held = fieldsOf(right).filter(({ template }) => template.includes(name));
      const values = [`\${${name}}`, ...held.map(({ template }) => template)].map((template) => this.#valueOf(template));
      return sent.every(([, template]) => values.every((value) => isOther(this.#valueOf(template), value)));
    });
  }

  #valueOf(template: string): string | undefined {
    const scope = new Scope(this.#options.target, this.#context.profile, () => 'made-up', this.#options.seed);
    try {
      return String(substitute(template, scope.lookup()));
    } catch (error) {
      if (error instanceof MissingVariable) return undefined;
      throw error;
    }
  }

  /** A wrong password for a real user costs a failed login. */
  #mayFailLogin(base: Base, request: RequestTemplate): boolean {
    const user = /users\.(\w+)\.name/.exec(JSON.stringify(request))?.[0];
    const lost = [...secretsIn(base.step.request)].filter((name) => name.endsWith('.password') && !secretsIn(request).has(name));
    if (lost.length === 0) return true;
    return this.#budget.charge({ failedLogins: 1, ...(user === undefined ? {} : { identity: user }) }).ok;
  }
}

/** Leaves out the edits that change nothing. */
function withoutIdle({ base, edits }: Sample): Sample {
  const whole = JSON.stringify(edited(base.step.request, edits));
  const idle = edits.findIndex((_, index) => JSON.stringify(edited(base.step.request, edits.toSpliced(index, 1))) === whole);
  return idle < 0 ? { base, edits } : withoutIdle({ base, edits: edits.toSpliced(idle, 1) });
}

const everywhere: ReadonlySet<string> = new Set(['no-server-error', 'no-secret-echo', 'no-stack-trace', 'answer']);

function complaint(record: CaseRecord, counts: (check: JudgedCheck) => boolean): JudgedCheck | undefined {
  const checks = record.steps.filter(({ kind }) => kind === 'request').flatMap((step) => step.checks);
  return checks.find((check) => check.verdict === 'fail' && counts(check));
}

function lastExchange(record: CaseRecord): RecordedExchange | undefined {
  return record.steps.findLast(({ kind }) => kind === 'request')?.exchanges.at(-1);
}

function keyOf({ base, check }: Discovery): string {
  return `${base.name}#${check.name}`;
}

/** A value that was bent by a filter may still count, unless no server could read the right one from it. */
function isBent(name: string, request: RequestTemplate): boolean {
  const expressions = JSON.stringify(request).match(/\$\{[^}]*\}/g) ?? [];
  return expressions.some((one) => {
    const sure = one.includes('basic(') ? /\| reverse\}$/ : /\| (reverse|flip-middle|flip-first|behead|double)\}$/;
    return one.includes(name) && !sure.test(one);
  });
}

const essence = (value: string): string => value.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Other than the secret even for a server that trims, folds case or reads a part: certain only where the one is not in the other. */
function isOther(sent: string | undefined, secret: string | undefined): boolean {
  if (sent === undefined || secret === undefined || sent === '') return true;
  return !essence(sent).includes(essence(secret)) && essence(sent) !== essence(secret);
}
