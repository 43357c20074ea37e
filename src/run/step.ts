/**
 * One request step: build, send, look, judge, capture.
 *
 * @module
 */
import { viewAnswer, type Answer } from '../judge/answer.ts';
import { keyTypes, matchExpectation, MissingAnswer } from '../judge/expectation.ts';
import { lockOutOf, reasonOf } from '../judge/lock-out.ts';
import { fingerprint, judgeCheck, type MatchedCheck } from '../judge/judge.ts';
import { readAsMinutes } from '../judge/lifetime.ts';
import { show } from '../judge/match.ts';
import type { CaptureTemplate, CatalogueCheck, RequestStep, RequestTemplate, Surface } from '../model/catalogue.ts';
import { headerValue, type Exchange, type WireRequest } from '../model/exchange.ts';
import { askedAgain, type JudgedCheck, type Mismatch, type RecordedExchange, type RecordedStep } from '../model/record.ts';
import type { Verdict } from '../model/verdict.ts';
import { readPointer } from '../support/pointer.ts';
import { MissingVariable, substitute } from '../spec/variables.ts';
import { applies, type TargetContext } from './context.ts';
import { derivedSecrets } from './derived-secrets.ts';
import { brokenInvariants, invariantClauses } from './invariants.ts';
import type { Told } from './lone.ts';
import { findMail } from './mails.ts';
import { buildRequest } from './request.ts';
import type { Scope } from './scope.ts';

export interface StepResult {
  readonly steps: readonly RecordedStep[];
  /** The last answer; undefined when none came. */
  readonly answer: Answer | undefined;
  /** The request equals the plain one, so that the row tests nothing. */
  readonly changesNothing?: boolean;
}

export async function runRequestStep(step: RequestStep, context: TargetContext, scope: Scope): Promise<StepResult> {
  const runner = new StepRunner(step, context, scope);
  return runner.run();
}

class StepRunner {
  readonly #step: RequestStep;
  readonly #context: TargetContext;
  readonly #scope: Scope;
  readonly #surface: Surface | undefined;

  constructor(step: RequestStep, context: TargetContext, scope: Scope) {
    this.#step = step;
    this.#context = context;
    this.#scope = scope;
    this.#surface = step.request.surface === undefined ? undefined : context.profile.surfaces[step.request.surface];
  }

  async run(): Promise<StepResult> {
    const step = this.#step;
    const request = this.#build(step.request);
    if (request instanceof MissingVariable) return this.#blocked(`needs \${${request.key}}, which no earlier step has yielded`);
    if (step.plain !== undefined) {
      const plain = this.#build(step.plain);
      if (!(plain instanceof MissingVariable) && sameRequest(request, plain)) return { steps: [], answer: undefined, changesNothing: true };
    }
    const judged: JudgedCheck[] = [];
    const exchanges: RecordedExchange[] = [];
    const later: RecordedStep[] = [];
    let answer: Answer | undefined;
    let second: string | undefined;
    for (let round = 0; round < step.repeat; round++) {
      const startedMs = this.#context.expiry.nowMs();
      const sent = await this.#send(request, step.freshConnection);
      const { exchange } = sent;
      second ??= sent.second;
      const answeredMs = this.#context.expiry.nowMs();
      // Before it is recorded, since recording makes secret what the answer hands out.
      const seen = exchange.response === undefined ? undefined : viewAnswer(exchange.response);
      const echo = seen === undefined ? undefined : this.#context.secrets.findEcho(seen, request);
      const recorded = this.#context.secrets.record(exchange);
      if (seen === undefined) {
        exchanges.push(recorded);
        judged.push(await this.#noAnswer(exchange, sent.isUndecided === true));
        break;
      }
      answer = seen;
      const lockedOut = lockOutOf(answer);
      if (lockedOut !== undefined && !this.#expectsStatus(answer.response.status)) {
        exchanges.push(recorded);
        judged.push(...this.#blockedChecks(reasonOf(lockedOut)));
        break;
      }
      const foretold = this.#isForetold(answer);
      const mail = findMail(answer, request, this.#context.target);
      const broken = brokenInvariants(answer, { secret: echo, mail }).filter(({ name }) => !(foretold && name === 'no-server-error'));
      this.#capture(step.capture, answer);
      const outcome = await this.#outcome(answer);
      later.push(...outcome.steps);
      if (this.#issuesToken(answer)) this.#noteIssue(answer, startedMs, answeredMs);
      const verdicts = [...this.#evaluate(step.checks, answer), ...outcome.checks, ...broken.map((check) => this.#judge(check, answer))];
      const lost = await this.#lostCredentials(answer, verdicts);
      if (lost !== undefined) {
        exchanges.push(recorded);
        judged.push(...this.#blockedChecks(lost));
        break;
      }
      if (round === 0 || verdicts.some(({ verdict }) => verdict !== 'pass')) exchanges.push(recorded);
      judged.push(...verdicts);
    }
    if (answer !== undefined) this.#scope.answers.set(step.name, answer);
    const own: RecordedStep = {
      name: step.name,
      kind: 'request',
      exchanges,
      checks: worstByName(judged),
      ...(second === undefined ? {} : { note: this.#context.secrets.mask(`${askedAgain}; the first time ${second}`) }),
    };
    return { steps: [own, ...later], answer };
  }

  #build(template: RequestTemplate): WireRequest | MissingVariable {
    try {
      for (const { label, value } of derivedSecrets(template, this.#scope.lookup())) this.#context.secrets.add(label, value);
      return buildRequest(template, this.#context.target, this.#scope.lookup(), this.#context.userAgent);
    } catch (error) {
      if (error instanceof MissingVariable) return error;
      throw error;
    }
  }

  async #send(
    request: WireRequest,
    freshConnection: boolean,
  ): Promise<{ readonly exchange: Exchange } & Pick<Told, 'second' | 'isUndecided'>> {
    const { transport, sendTwice, sendOptions, signal } = this.#context;
    const options = { ...sendOptions, freshConnection, signal, step: this.#step.name };
    if (sendTwice === undefined) return { exchange: { request, ...(await transport.send(request, options)) } };
    const { outcome, ...told } = await sendTwice(request, options, this.#scope.isRepeatable);
    return { exchange: { request, ...outcome }, ...told };
  }

  #blocked(reason: string): StepResult {
    return { steps: [{ name: this.#step.name, kind: 'request', exchanges: [], checks: this.#blockedChecks(reason) }], answer: undefined };
  }

  #blockedChecks(reason: string): JudgedCheck[] {
    const names: readonly Pick<CatalogueCheck, 'name' | 'level' | 'alternatives'>[] =
      this.#step.checks.length > 0 ? this.#step.checks : [{ name: this.#step.expect ?? this.#step.name, level: 'must', alternatives: [] }];
    return names.map(({ name, level, alternatives }) => ({
      name,
      level,
      verdict: 'blocked',
      clauses: alternatives[0]?.clauses ?? [],
      mismatches: [],
      message: reason,
    }));
  }

  /** Why nothing can be said of a refusal that fails: not even the plain request with the right credentials works any more. */
  async #lostCredentials(answer: Answer, verdicts: readonly JudgedCheck[]): Promise<string | undefined> {
    const { standing } = this.#context;
    if (standing === undefined || !verdicts.some(({ verdict }) => verdict === 'fail')) return undefined;
    const isRefusal = answer.response.status < 500 && (this.#surface === undefined || givenAway(this.#surface, answer).length === 0);
    return isRefusal ? standing.check() : undefined;
  }

  /** A check of this step names the status, so that meeting it is the test and not an obstacle. */
  #expectsStatus(status: number): boolean {
    return this.#step.checks.some(({ alternatives }) =>
      alternatives.some(({ expectation }) => expectation.kind === 'status' && [expectation.status].flat().includes(status)),
    );
  }

  /**
   * No complete answer: a fault of the target if it answers other requests, else nothing can be said. What a web server may drop without a word
   * (bytes that are no HTTP) counts as refused where a refusal is allowed.
   */
  async #noAnswer(exchange: Exchange, isUndecided: boolean): Promise<JudgedCheck> {
    const { request } = exchange;
    const failure = exchange.failure ?? { kind: 'malformed' as const, message: 'no answer' };
    const blocked = (message: string): JudgedCheck => ({
      name: 'answer',
      level: 'must',
      verdict: 'blocked',
      clauses: [invariantClauses.completeAnswer],
      mismatches: [],
      message: this.#context.secrets.mask(message),
    });
    if (failure.kind === 'refused' || failure.kind === 'dns' || failure.kind === 'tls' || failure.kind === 'aborted')
      return blocked(failure.message);
    if (failure.kind === 'unsendable') return { ...blocked(failure.message), verdict: 'skipped' };
    const mayBeDropped = this.#step.expect === 'either' || this.#step.expect === 'refused';
    if (failure.kind === 'closed' && failure.partial === undefined && mayBeDropped && isUnusualMessage(request)) {
      return { ...blocked('the connection was closed without an answer, which refuses it'), verdict: 'pass' };
    }
    if (failure.kind !== 'malformed' && failure.kind !== 'too-large' && !(await this.#context.isAlive())) {
      return blocked(`${failure.message}, and the target no longer answers other requests`);
    }
    if (isUndecided)
      return blocked('no answer in time, and the site may only be slow: lower limits.concurrency to 1, or raise limits.timeoutSeconds');
    return this.#judge(
      {
        name: 'answer',
        level: 'must',
        alternatives: [
          {
            clauses: [invariantClauses.completeAnswer],
            witness: 'invariant',
            mismatches: [{ at: 'answer', expected: 'a complete HTTP answer', actual: failure.message }],
          },
        ],
      },
      undefined,
    );
  }

  async #outcome(answer: Answer): Promise<{ checks: JudgedCheck[]; steps: RecordedStep[] }> {
    const surface = this.#surface;
    switch (surface === undefined ? undefined : this.#step.expect) {
      case 'accepted':
        return this.#accepted(surface as Surface, answer);
      case 'refused':
        return { checks: this.#refused(surface as Surface, answer), steps: [] };
      case 'either':
        return this.#either(surface as Surface, answer);
      default:
        return { checks: [], steps: [] };
    }
  }

  async #accepted(surface: Surface, answer: Answer): Promise<{ checks: JudgedCheck[]; steps: RecordedStep[] }> {
    const own = this.#ownNames();
    const checks = this.#evaluate(
      surface.accepted.checks.filter(({ name }) => !own.has(name)),
      answer,
    );
    this.#capture(surface.accepted.capture, answer);
    const steps: RecordedStep[] = [];
    for (const proof of surface.accepted.proof) {
      if (proof.kind !== 'request') continue;
      const result = await runRequestStep({ ...proof, name: `${this.#step.name}-${proof.name}` }, this.#context, this.#scope);
      steps.push(
        ...result.steps.map((step) => ({
          ...step,
          checks: step.checks.map((check) => ({ ...check, name: `${proof.name}-${check.name}` })),
        })),
      );
    }
    return { checks, steps };
  }

  #refused(surface: Surface, answer: Answer): JudgedCheck[] {
    const own = this.#ownNames();
    const shape = this.#evaluate(
      surface.refused.checks.filter(({ name }) => !own.has(name)),
      answer,
    );
    return [
      ...shape,
      this.#judge(this.#outcomeCheck('nothing-given', invariantClauses.nothingGiven, givenAway(surface, answer)), answer),
      ...(own.has('status') || surface.refused.checks.some(isStatusCheck)
        ? []
        : [this.#judge(this.#outcomeCheck('status', invariantClauses.refusalStatus, notClientError(answer)), answer)]),
    ];
  }

  async #either(surface: Surface, answer: Answer): Promise<{ checks: JudgedCheck[]; steps: RecordedStep[] }> {
    const given = givenAway(surface, answer);
    const outcome = (mismatches: readonly Mismatch[]) =>
      this.#judge(this.#outcomeCheck('outcome', invariantClauses.eitherOutcome, mismatches), answer);
    if (given.length > 0 || isSuccess(answer)) {
      const success = await this.#accepted(surface, answer);
      const faults = [...success.checks, ...success.steps.flatMap(({ checks }) => checks)].filter(
        ({ verdict }) => verdict === 'fail' || verdict === 'blocked',
      );
      if (faults.length === 0) return { checks: [outcome([])], steps: withoutChecks(success.steps) };
      if (given.length > 0 || !this.#hasRefusalShape(surface, answer)) {
        return { checks: [outcome(faults.flatMap(({ mismatches }) => mismatches).slice(0, 5))], steps: withoutChecks(success.steps) };
      }
      return { checks: [outcome([]), ...this.#refused(surface, answer)], steps: [] };
    }
    return {
      checks: [
        outcome(
          isRefusalStatus(answer)
            ? []
            : [{ at: 'status', expected: 'a complete success, or a refusal (4xx)', actual: String(answer.response.status) }],
        ),
      ],
      steps: [],
    };
  }

  #outcomeCheck(name: string, clause: string, mismatches: readonly Mismatch[]): MatchedCheck {
    return { name, level: 'must', alternatives: [{ clauses: [clause, ...this.#scope.clauses], witness: 'invariant', mismatches }] };
  }

  /** A 5xx that an authority has seen this version give is not our invariant's business: the check that names it judges it. */
  #isForetold({ response: { status } }: Answer): boolean {
    const { authorities, narrowedTo } = this.#context.rules;
    return (
      status >= 500 &&
      this.#step.checks
        .filter((check) => applies(check.when, this.#context))
        .flatMap(({ alternatives }) => alternatives)
        .some(
          ({ when, witness, expectation }) =>
            expectation.kind === 'status' &&
            [expectation.status].flat().includes(status) &&
            (narrowedTo === undefined ? authorities.includes(witness) : witness === narrowedTo) &&
            applies(when, this.#context),
        )
    );
  }

  #hasRefusalShape(surface: Surface, answer: Answer): boolean {
    const shape = surface.refused.checks.filter((check) => !isStatusCheck(check));
    return shape.length > 0 && this.#evaluate(shape, answer).every(({ verdict }) => verdict === 'pass' || verdict === 'warn');
  }

  /** Names of the step's own checks as its author wrote them: each stands for the surface's check of that name. */
  #ownNames(): ReadonlySet<string> {
    return new Set(this.#step.checks.map(({ name, writtenName }) => writtenName ?? name));
  }

  /** Matches and judges the checks that apply to this target; a check whose expectation needs a missing capture is blocked. */
  #evaluate(checks: readonly CatalogueCheck[], answer: Answer): JudgedCheck[] {
    const judged: JudgedCheck[] = [];
    for (const check of checks) {
      if (!applies(check.when, this.#context)) continue;
      const alternatives = check.alternatives.filter(({ when }) => applies(when, this.#context));
      if (alternatives.length === 0) continue;
      try {
        const matched: MatchedCheck = {
          name: check.name,
          level: check.level,
          line: check.line,
          alternatives: alternatives.map(({ clauses, when, witness, expectation }) => ({
            clauses,
            witness,
            ...(this.#context.target.version === undefined && when?.version !== undefined ? { versions: when.version } : {}),
            mismatches: matchExpectation(substitute(expectation, this.#scope.lookup(answer)) as typeof expectation, answer, {
              earlier: (name) => this.#scope.answers.get(name),
              validate: this.#context.validate,
            }),
          })),
        };
        judged.push(this.#judge(matched, answer));
      } catch (error) {
        if (!(error instanceof MissingVariable || error instanceof MissingAnswer)) throw error;
        judged.push({
          name: check.name,
          level: check.level,
          verdict: 'blocked',
          clauses: alternatives[0]?.clauses ?? [],
          mismatches: [],
          message: error.message,
        });
      }
    }
    return judged;
  }

  #judge(check: MatchedCheck, answer: Answer | undefined): JudgedCheck {
    const judged = judgeCheck(check, this.#context.rules);
    if (judged.verdict === 'pass' && judged.alternatives === undefined && judged.message === undefined) return judged;
    if (this.#context.replay !== undefined && judged.verdict !== 'pass' && judged.mismatches.some(isAboutMaskedValue)) {
      return { ...judged, verdict: 'skipped', mismatches: [], message: 'it needs a live value, which the report has masked' };
    }
    const mask = (text: string) => this.#context.secrets.mask(text);
    const maskMismatch = ({ at, expected, actual }: Mismatch): Mismatch => ({ at, expected: mask(expected), actual: mask(actual) });
    const masked: JudgedCheck = {
      ...judged,
      mismatches: judged.mismatches.map(maskMismatch),
      ...(judged.alternatives === undefined
        ? {}
        : { alternatives: judged.alternatives.map((one) => ({ ...one, mismatches: one.mismatches.map(maskMismatch) })) }),
    };
    if (masked.verdict !== 'fail') return masked;
    return { ...masked, fingerprint: fingerprint(masked, answer === undefined ? {} : shapeOf(answer)) };
  }

  #capture(captures: readonly CaptureTemplate[], answer: Answer): void {
    for (const { name, from, at, secret } of captures) {
      const value = from === 'header' ? headerValue(answer.response.headers, at) : readJson(answer, at);
      if (value === undefined) continue;
      this.#scope.captures.set(name, value);
      if (secret && (typeof value === 'string' || typeof value === 'number')) this.#context.secrets.add(`token:${name}`, String(value));
    }
  }

  #issuesToken(answer: Answer): boolean {
    return ['/access_token', '/id_token'].some((at) => typeof readJson(answer, at) === 'string');
  }

  /** `expires_in` counts from the answer (RFC 6749 5.1), so its start is taken before the request: a probe is never too late. */
  #noteIssue(answer: Answer, startedMs: number, answeredMs: number): void {
    const expiresIn = Number(readJson(answer, '/expires_in'));
    const { profile, target } = this.#context;
    const seconds = profile.expiryUnit === 'unpublished' ? readAsMinutes(expiresIn, target.expiry?.lifetimeSeconds) : expiresIn;
    this.#scope.issues.set(this.#step.name, {
      issuedMs: startedMs,
      answeredMs,
      lifetimeSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
      ...skewOf(answer, this.#context.today().getTime(), answeredMs - startedMs),
    });
  }
}

/** A surface whose refusals are known to have another status than 4xx says so in a check of this name. */
function isStatusCheck({ name }: CatalogueCheck): boolean {
  return name === 'status';
}

/** A Date header counts whole seconds and was written some time between request and answer: only what is beyond both is skew. */
function skewOf(answer: Answer, receivedMs: number, tookMs: number): { skewSeconds?: number } {
  const dateMs = Date.parse(headerValue(answer.response.headers, 'date') ?? '');
  if (Number.isNaN(dateMs)) return {};
  const skewMs = dateMs + 500 - (receivedMs - tookMs / 2);
  return Math.abs(skewMs) > 1000 + tookMs / 2 ? { skewSeconds: Math.round(skewMs / 100) / 10 } : {};
}

function sameRequest(a: WireRequest, b: WireRequest): boolean {
  return (
    a.method === b.method &&
    a.path === b.path &&
    a.headers.length === b.headers.length &&
    a.headers.every(([name, value], index) => b.headers[index]?.[0] === name && b.headers[index][1] === value) &&
    sameBytes(a.body, b.body) &&
    sameBytes(a.raw, b.raw)
  );
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return Buffer.compare(a ?? noBytes, b ?? noBytes) === 0;
}

const noBytes = new Uint8Array();

function givenAway(surface: Surface, answer: Answer): Mismatch[] {
  return surface.yields.flatMap((pointer) => {
    const value = readJson(answer, pointer);
    return value === undefined || value === null || value === '' ? [] : [{ at: pointer, expected: 'absent', actual: show(value) }];
  });
}

function notClientError(answer: Answer): Mismatch[] {
  const { status } = answer.response;
  return (status >= 400 && status < 500) || status === 501 ? [] : [{ at: 'status', expected: '4xx', actual: String(status) }];
}

function isSuccess(answer: Answer): boolean {
  return answer.response.status >= 200 && answer.response.status < 300;
}

/** 3xx gives nothing away either; 501 and 505 refuse a method and a version. */
function isRefusalStatus(answer: Answer): boolean {
  const { status } = answer.response;
  return (status >= 300 && status < 500) || status === 501 || status === 505;
}

/** Bytes that no ordinary client sends: a raw message, or control characters in path or headers. */
function isUnusualMessage(request: WireRequest): boolean {
  if (request.raw !== undefined) return true;
  // eslint-disable-next-line no-control-regex
  const control = /[\x00-\x08\x0a-\x1f\x7f]/;
  return (
    control.test(request.path) ||
    request.path.length > 4000 ||
    request.headers.some(([name, value]) => control.test(name + value) || value.length > 4000)
  );
}

/** The report holds a placeholder where the value was. */
function isAboutMaskedValue({ expected, actual }: Mismatch): boolean {
  return actual.includes('{{') || expected.includes('{{');
}

function withoutChecks(steps: readonly RecordedStep[]): RecordedStep[] {
  return steps.map((step) => ({ ...step, checks: [] }));
}

function readJson(answer: Answer, pointer: string): unknown {
  if (!answer.json.ok) return undefined;
  const read = readPointer(answer.json.value, pointer);
  return read.found ? read.value : undefined;
}

function shapeOf(answer: Answer): { status: number; errorCode: unknown; keys: readonly string[] } {
  return {
    status: answer.response.status,
    errorCode: readJson(answer, '/error'),
    keys: answer.json.ok ? keyTypes(answer.json.value).slice(0, 50) : [],
  };
}

const severity: readonly Verdict[] = ['error', 'fail', 'blocked', 'warn', 'pass', 'skipped'];

/** A repeated step judges each check several times: the worst counts. */
function worstByName(checks: readonly JudgedCheck[]): JudgedCheck[] {
  const byName = new Map<string, JudgedCheck>();
  for (const check of checks) {
    const known = byName.get(check.name);
    if (known === undefined || severity.indexOf(check.verdict) < severity.indexOf(known.verdict)) byName.set(check.name, check);
  }
  return [...byName.values()];
}
