/**
 * One case from its fixtures to its record. Whatever the target does ends in a verdict; only our own fault ends in `error`.
 *
 * @module
 */
import type { CatalogueCase, CatalogueStep, Fixture, GivenFixture } from '../model/catalogue.ts';
import type { CaseRecord, ExpiryRecord, JudgedCheck, RecordedStep } from '../model/record.ts';
import { worstVerdict, type Verdict } from '../model/verdict.ts';
import { scoped, type TargetContext } from './context.ts';
import type { FixtureResult } from './fixture.ts';
import { Scope } from './scope.ts';
import { runRequestStep } from './step.ts';

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
    const scope = new Scope(context.target, context.profile, await fakesOf(one.address, one.steps, context), context.seed);
    scope.clauses = one.clauses;
    const letsTimePass = one.steps.some(({ kind }) => kind === 'wait');
    const prepared = await prepare(one.given, letsTimePass, context, scope);
    if (prepared.failure !== undefined) return finish({ verdict: 'blocked', steps: prepared.steps, reason: prepared.failure });
    const ran = await runSteps(one.steps, context, scope);
    const steps = [...prepared.steps, ...ran.steps];
    if (ran.skip !== undefined) return finish({ verdict: 'skipped', steps, reason: ran.skip });
    const checks = steps.filter(({ kind }) => kind !== 'fixture').flatMap((step) => step.checks);
    const verdict = worstVerdict(checks.map((check) => check.verdict)) ?? 'error';
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

/** Faker is loaded only for a case that uses it. */
async function fakesOf(address: string, steps: readonly CatalogueStep[], context: TargetContext): Promise<(name: string) => unknown> {
  return mentionsFake(steps) ? context.fakesFor(address) : () => undefined;
}

function mentionsFake(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('fake.');
  return typeof value === 'object' && value !== null && Object.values(value).some(mentionsFake);
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
  const life = new LifeOfToken();
  for (const step of steps) {
    if (step.kind === 'wait') {
      const issue = scope.issues.get(step.of);
      if (issue === undefined) return { steps: recorded, blocked: `"${step.of}" has issued no token whose end could be waited for` };
      const moved = await context.expiry.moveTo(step.until, issue);
      if (!moved.ok) return moved.skip ? { steps: recorded, skip: moved.reason } : { steps: recorded, blocked: moved.reason };
      recorded.push({ name: step.name, kind: 'wait', exchanges: [], checks: [], note: moved.note });
      life.moveTo({ of: step.of, until: step.until, atSeconds: moved.atSeconds, advertisedSeconds: issue.lifetimeSeconds });
      continue;
    }
    const result = await runRequestStep(step, context, scope);
    if (result.changesNothing) {
      return { steps: recorded, skip: 'what this row changes equals the right value on this target, so that nothing would be tested' };
    }
    recorded.push(...result.steps);
    life.probed(result.steps.every(({ checks }) => checks.every(({ verdict }) => verdict === 'pass' || verdict === 'warn')));
    if (context.signal.aborted) return { steps: recorded, blocked: 'interrupted' };
  }
  const expiry = life.record(context.expiry.method === 'wait' ? 'wait' : 'clock');
  return { steps: recorded, ...(expiry === undefined ? {} : { expiry }) };
}

interface Moment {
  readonly of: string;
  readonly until: string;
  readonly atSeconds: number;
  readonly advertisedSeconds: number | undefined;
}

/** What the probes of a case have shown about the life of one token: a moment counts once the request after it was answered as expected. */
class LifeOfToken {
  #moment: Moment | undefined;
  #shown: (Omit<ExpiryRecord, 'method'> & { readonly of: string }) | undefined;

  moveTo(moment: Moment): void {
    this.#moment = moment;
  }

  probed(asExpected: boolean): void {
    const moment = this.#moment;
    this.#moment = undefined;
    if (moment === undefined || !asExpected || (this.#shown !== undefined && this.#shown.of !== moment.of)) return;
    this.#shown = {
      of: moment.of,
      ...this.#shown,
      ...(moment.advertisedSeconds === undefined ? {} : { advertisedSeconds: moment.advertisedSeconds }),
      ...(moment.until === 'after-expiry' ? { firstRefusedSeconds: moment.atSeconds } : { lastAcceptedSeconds: moment.atSeconds }),
    };
  }

  record(method: ExpiryRecord['method']): ExpiryRecord | undefined {
    if (this.#shown === undefined) return undefined;
    const { of: _, ...shown } = this.#shown;
    return { method, ...shown };
  }
}

async function prepare(
  given: readonly GivenFixture[],
  forceFresh: boolean,
  context: TargetContext,
  scope: Scope,
): Promise<{ steps: RecordedStep[]; failure?: string }> {
  const steps: RecordedStep[] = [];
  for (const one of given) {
    const fixture = context.profile.fixtures[one.fixture];
    if (fixture === undefined) throw new Error(`fixture "${one.fixture}" is not in profile ${context.profile.name}`);
    const { result, first } = await context.fixtures.obtain({ ...one, fresh: one.fresh || forceFresh }, fixture, (wanted) =>
      runFixture(wanted, forceFresh, context),
    );
    if (first || result.failure !== undefined) steps.push(...result.steps);
    if (result.failure !== undefined) return { steps, failure: result.failure };
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
