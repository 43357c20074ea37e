/**
 * One case from its fixtures to its record. Whatever the target does ends in a verdict; only our own fault ends in `error`.
 *
 * @module
 */
import type { CatalogueCase, CatalogueStep, Declared, Fixture, GivenFixture, WaitStep } from '../model/catalogue.ts';
import type { CaseRecord, ExpiryRecord, JudgedCheck, RecordedStep } from '../model/record.ts';
import { fingerprint, judgeCheck } from '../judge/judge.ts';
import { inRange } from '../judge/scope.ts';
import { worstVerdict, type Verdict } from '../model/verdict.ts';
import { scoped, type TargetContext } from './context.ts';
import type { FixtureResult } from './fixture.ts';
import { Scope, type Issue } from './scope.ts';
import { runRequestStep, type StepResult } from './step.ts';

/** Runs one case. Fixtures are obtained afresh when it lets time pass, since moving a clock ends every shared token. */
export async function runCase(one: CatalogueCase, shared: TargetContext): Promise<CaseRecord> {
  const context = scoped(shared, one.address);
  const startedMs = context.elapsedMs();
  const finish = (part: Pick<CaseRecord, 'verdict' | 'steps'> & Partial<CaseRecord>): CaseRecord => ({
    type: 'case',
    target: context.target.name,
    address: one.address,
    profile: one.profile,
    title: one.title,
    file: one.file,
    line: one.line,
    clauses: one.clauses,
    ...(one.why === undefined ? {} : { why: one.why }),
    startedMs: Math.round(startedMs),
    durationMs: Math.round(context.elapsedMs() - startedMs),
    ...part,
  });
  try {
    if (one.declared !== undefined) return finish(judgeDeclared(one, one.declared, context));
    if (context.standing?.lost !== undefined) return finish({ verdict: 'blocked', steps: [], reason: context.standing.lost });
    const scope = new Scope(context.target, context.profile, await fakesOf(one.address, one.steps, context), context.seed);
    scope.clauses = one.clauses;
    scope.isRepeatable = !one.writes && (one.cost?.failedLogins ?? 0) === 0;
    const letsTimePass = one.steps.some(({ kind }) => kind === 'wait');
    const prepared = await prepare(one.given, letsTimePass, context, scope);
    if (prepared.lack !== undefined) return finish({ verdict: 'skipped', steps: prepared.steps, reason: prepared.lack });
    if (prepared.failure !== undefined) {
      const reason = (await context.standing?.check()) ?? prepared.failure;
      return finish({ verdict: 'blocked', steps: prepared.steps, reason });
    }
    const ran = await runSteps(one.steps, context, scope);
    const steps = [...prepared.steps, ...ran.steps];
    const checks = steps.filter(({ kind }) => kind !== 'fixture').flatMap((step) => step.checks);
    // What was judged before the rest had to be left out stands: a skipped case must hide no failure.
    const judged = worstVerdict(checks.map((check) => check.verdict));
    if (ran.skip !== undefined) {
      const isClean = judged === undefined || judged === 'pass' || judged === 'skipped';
      return finish({ verdict: isClean ? 'skipped' : judged, steps, reason: ran.skip });
    }
    const verdict = judged ?? 'error';
    const reason = reasonOf(verdict, checks) ?? (ran.blocked === undefined ? undefined : ran.blocked);
    return finish({
      verdict: ran.blocked === undefined ? verdict : (worstVerdict([verdict, 'blocked']) ?? 'blocked'),
      steps,
      ...(reason === undefined ? {} : { reason }),
      ...(ran.expiry === undefined ? {} : { expiry: ran.expiry }),
    });
  } catch (error) {
    if (context.signal.aborted) return finish({ verdict: 'blocked', steps: [], reason: 'interrupted' });
    return finish({ verdict: 'error', steps: [], reason: describeFault(error, context) });
  }
}

/** A major version alone lies on both sides of most ranges. */
const completeVersion = /^v?(\d+\.\d+\.\d+|\d+\.x-\d+\.\d+)/;

/** The judgement of what the target file declares; nothing is sent. */
function judgeDeclared(
  one: CatalogueCase,
  { of, range, witness }: Declared,
  { target, rules }: TargetContext,
): Pick<CaseRecord, 'verdict' | 'steps'> & Partial<CaseRecord> {
  const declared = target[of] ?? '';
  if (!completeVersion.test(declared))
    return {
      verdict: 'skipped',
      steps: [],
      reason: `${of} "${declared}" of the target file is too coarse to tell; write it in full, e.g. "10.5.6"`,
    };
  const mismatches = inRange(declared, range) === true ? [] : [{ at: of, expected: range, actual: declared }];
  const judged = judgeCheck(
    { name: of, level: 'must', line: one.line, alternatives: [{ clauses: one.clauses, witness, mismatches }] },
    rules,
  );
  const check = judged.verdict === 'fail' ? { ...judged, fingerprint: fingerprint(judged, { errorCode: declared }) } : judged;
  return { verdict: check.verdict, steps: [{ name: 'declared', kind: 'request', exchanges: [], checks: [check] }] };
}

/** Faker is loaded only for a case that uses it. */
async function fakesOf(address: string, steps: readonly CatalogueStep[], context: TargetContext): Promise<(name: string) => unknown> {
  return mentionsFake(steps) ? context.fakesFor(address) : () => undefined;
}

const fakes = new WeakMap<object, boolean>();

/** Steps do not change and cases share parts of them, so each part is looked through once. */
function mentionsFake(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('fake.');
  if (typeof value !== 'object' || value === null) return false;
  let mentions = fakes.get(value);
  if (mentions === undefined) fakes.set(value, (mentions = Object.values(value).some(mentionsFake)));
  return mentions;
}

function reasonOf(verdict: Verdict, checks: readonly JudgedCheck[]): string | undefined {
  if (verdict === 'error' && checks.length === 0) return 'the case judged nothing: none of its checks applies to this target';
  if (verdict !== 'blocked' && verdict !== 'skipped') return undefined;
  return checks.find((check) => check.verdict === verdict)?.message;
}

function describeFault(error: unknown, context: TargetContext): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return context.secrets.mask(text);
}

interface StepsResult {
  readonly steps: readonly RecordedStep[];
  readonly skip?: string;
  readonly blocked?: string;
  readonly expiry?: ExpiryRecord;
}

async function runSteps(steps: readonly CatalogueStep[], context: TargetContext, scope: Scope): Promise<StepsResult> {
  const recorded: RecordedStep[] = [];
  const life = new LifeOfToken(context);
  for (const step of steps) {
    if (step.kind === 'wait') {
      const issue = scope.issues.get(step.of);
      if (issue === undefined) return { steps: recorded, blocked: `"${step.of}" has issued no token whose end could be waited for` };
      const moved = await context.expiry.moveTo(step.until, issue);
      if (!moved.ok) return moved.skip ? { steps: recorded, skip: moved.reason } : { steps: recorded, blocked: moved.reason };
      recorded.push({ name: step.name, kind: 'wait', exchanges: [], checks: [], note: moved.note });
      life.moveTo({ of: step.of, until: step.until, atSeconds: moved.atSeconds, issue });
      continue;
    }
    const sentMs = context.expiry.nowMs();
    const result = life.inTime(await runRequestStep(step, context, scope), { sentMs, answeredMs: context.expiry.nowMs() });
    if (result.changesNothing) {
      return { steps: recorded, skip: 'what this row changes equals the right value on this target, so that nothing would be tested' };
    }
    recorded.push(...result.steps);
    life.probed(result.steps.every(({ checks }) => checks.every(({ verdict }) => verdict === 'pass' || verdict === 'warn')));
    if (context.signal.aborted) return { steps: recorded, blocked: 'interrupted' };
  }
  const expiry = life.record();
  return { steps: recorded, ...(expiry === undefined ? {} : { expiry }) };
}

interface Moment {
  readonly of: string;
  readonly until: WaitStep['until'];
  /** Where the wait ended, in seconds after the issue. */
  readonly atSeconds: number;
  readonly issue: Issue;
}

/** A site counts whole seconds, so that a token may end so much before its lifetime has passed since it was asked for. */
const roundingSeconds = 1;

/** What the probes of a case have shown about the life of one token: a moment counts once the request after it was answered as expected. */
class LifeOfToken {
  readonly #isWaiting: boolean;
  readonly #configuredSeconds: number | undefined;
  #moment: Moment | undefined;
  #probedSeconds: { readonly sent: number; readonly answered: number } | undefined;
  #shown: (Omit<ExpiryRecord, 'method'> & { readonly of: string }) | undefined;

  constructor({ expiry, target }: TargetContext) {
    this.#isWaiting = expiry.method === 'wait';
    // Where clients have lifetimes of their own, the one of the target file may be another client's.
    const hasOwn = Object.values(target.clients ?? {}).some(({ lifetimeSeconds }) => lifetimeSeconds !== undefined);
    this.#configuredSeconds = hasOwn ? undefined : target.expiry?.lifetimeSeconds;
  }

  moveTo(moment: Moment): void {
    this.#moment = moment;
  }

  /** The result of the request that follows a wait; blocked where it was to come before the end, but may have come too late. */
  inTime(result: StepResult, at: { readonly sentMs: number; readonly answeredMs: number }): StepResult {
    const moment = this.#moment;
    if (moment === undefined || !this.#isWaiting) return result;
    const sinceIssue = (ms: number) => (ms - moment.issue.issuedMs) / 1000;
    this.#probedSeconds = { sent: sinceIssue(at.sentMs), answered: sinceIssue(at.answeredMs) };
    const end = moment.issue.lifetimeSeconds;
    if (moment.until === 'after-expiry' || end === undefined || this.#probedSeconds.answered < end - roundingSeconds) return result;
    const reason = `the probe before the end of the token was answered ${this.#probedSeconds.answered.toFixed(1)} s after it was issued for ${end} s, too late to tell; give the client a longer lifetime, or lower limits.concurrency`;
    const steps = result.steps.map((step) => ({
      ...step,
      checks: step.checks.map((check): JudgedCheck =>
        check.verdict === 'fail' || check.verdict === 'warn' ? { ...check, verdict: 'blocked', message: reason } : check,
      ),
    }));
    return { ...result, steps };
  }

  probed(asExpected: boolean): void {
    const moment = this.#moment;
    this.#moment = undefined;
    if (moment === undefined || !asExpected || (this.#shown !== undefined && this.#shown.of !== moment.of)) return;
    const { issue, until } = moment;
    // Accepted: it still lived when the request left. Refused: it had ended when the answer was here.
    const seconds =
      this.#isWaiting && this.#probedSeconds !== undefined ? this.#probedSeconds : { sent: moment.atSeconds, answered: moment.atSeconds };
    this.#shown = {
      of: moment.of,
      ...this.#shown,
      ...(issue.lifetimeSeconds === undefined ? {} : { advertisedSeconds: issue.lifetimeSeconds }),
      ...(this.#configuredSeconds === undefined ? {} : { configuredSeconds: this.#configuredSeconds }),
      ...(until === 'after-expiry' ? { firstRefusedSeconds: tenths(seconds.answered) } : { lastAcceptedSeconds: tenths(seconds.sent) }),
      ...(this.#isWaiting && issue.skewSeconds !== undefined ? { skewSeconds: issue.skewSeconds } : {}),
    };
  }

  record(): ExpiryRecord | undefined {
    if (this.#shown === undefined) return undefined;
    const { of: _, ...shown } = this.#shown;
    return { method: this.#isWaiting ? 'wait' : 'clock', ...shown };
  }
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

async function prepare(
  given: readonly GivenFixture[],
  forceFresh: boolean,
  context: TargetContext,
  scope: Scope,
): Promise<{ steps: RecordedStep[]; failure?: string; lack?: string }> {
  const steps: RecordedStep[] = [];
  for (const one of given) {
    const fixture = context.profile.fixtures[one.fixture];
    if (fixture === undefined) throw new Error(`fixture "${one.fixture}" is not in profile ${context.profile.name}`);
    const { result, first } = await context.fixtures.obtain({ ...one, fresh: one.fresh || forceFresh }, fixture, (wanted) =>
      runFixture(wanted, forceFresh, context),
    );
    if (first || result.failure !== undefined) steps.push(...result.steps);
    if (result.failure !== undefined)
      return { steps, failure: result.failure, ...(fixture.optional === undefined ? {} : { lack: fixture.optional }) };
    const prefix = one.as === undefined ? '' : `${one.as}.`;
    for (const [name, value] of result.captures) scope.captures.set(prefix + name, value);
    const name = one.as ?? one.fixture;
    if (result.answer !== undefined) scope.answers.set(name, result.answer);
    if (result.issue !== undefined) scope.issues.set(name, result.issue);
  }
  return { steps };
}

/** A fixture fails only by yielding nothing: what else is wrong with its answers is the business of the cases that test them. */
async function runFixture(fixture: Fixture, forceFresh: boolean, shared: TargetContext): Promise<FixtureResult> {
  const context = scoped(shared, `fixture:${fixture.name}`);
  const scope = new Scope(context.target, context.profile, await fakesOf(`fixture:${fixture.name}`, fixture.steps, context), context.seed);
  const before = await prepare(fixture.given, forceFresh, context, scope);
  const empty = { captures: new Map<string, unknown>(), answer: undefined, issue: undefined };
  if (before.failure !== undefined) return { ...empty, steps: before.steps, failure: before.failure };
  const own = new Set(scope.captures.keys());
  const ran = await runSteps(fixture.steps, context, scope);
  const steps = [...before.steps, ...ran.steps].map((step): RecordedStep => ({
    ...step,
    kind: step.kind === 'wait' ? 'wait' : 'fixture',
    fixture: step.fixture ?? fixture.name,
  }));
  const wanted = fixture.steps.flatMap((step) => (step.kind === 'request' ? step.capture.map(({ name }) => name) : []));
  const missing = wanted.filter((name) => !scope.captures.has(name));
  const reason = ran.skip ?? ran.blocked;
  if (missing.length > 0 || reason !== undefined) {
    return {
      ...empty,
      steps,
      failure: `fixture "${fixture.name}" yielded no ${missing.join(', ') || 'result'}: ${reason ?? describeAnswers(steps)}`,
    };
  }
  const lastRequest = fixture.steps.findLast(({ kind }) => kind === 'request');
  const captures = new Map([...scope.captures].filter(([name]) => !own.has(name)));
  return {
    captures,
    answer: lastRequest === undefined ? undefined : scope.answers.get(lastRequest.name),
    issue: [...scope.issues.values()].at(-1),
    steps,
  };
}

function describeAnswers(steps: readonly RecordedStep[]): string {
  const exchange = steps.flatMap((step) => step.exchanges).at(-1);
  if (exchange === undefined) return 'nothing was sent';
  const { method, url } = exchange.request;
  if (exchange.response === undefined) return `${method} ${url}: ${exchange.failure?.message ?? 'no answer'}`;
  const body = exchange.response.body.text?.replace(/\s+/g, ' ').trim() ?? '';
  return `${method} ${url} answered ${exchange.response.status} ${body.slice(0, 200)}`.trim();
}
