/**
 * A run: plans every target, runs the cases, and yields the records of the report in plan order while work goes on behind them.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import { exitCodeOf } from '../judge/exit-code.ts';
import { failedAlone, FindingCollector } from '../judge/group.ts';
import { isWaived, Tally } from '../judge/tally.ts';
import type { Catalogue, CatalogueCase, Profile } from '../model/catalogue.ts';
import type { Exchange, SendOptions, Transport } from '../model/exchange.ts';
import {
  streamFormat,
  type CaseRecord,
  type Finding,
  type FooterRecord,
  type HeaderRecord,
  type ReportRecord,
  type TargetFacts,
} from '../model/record.ts';
import type { Target } from '../model/target.ts';
import { worstVerdict, type Verdict, type Witness } from '../model/verdict.ts';
import { runCase } from './case.ts';
import type { Secrets, TargetContext } from './context.ts';
import { LoginBudget } from '../transport/budget.ts';
import { isLoopback } from '../transport/connect.ts';
import { Places } from '../transport/places.ts';
import { createExpiryDriver, replayedExpiry } from './expire.ts';
import { FixtureStore } from './fixture.ts';
import { interleave } from './interleave.ts';
import { LoneTransport } from './lone.ts';
import { planCases, profileOn, type PlannedCase } from './plan.ts';
import { isWorthAsking, preflight } from './preflight.ts';
import { buildRequest } from './request.ts';
import { dealOut, weighCase, type DurationOf, type OrderedCase, type Shard } from './shard.ts';
import { StatusBoard } from './status.ts';
import { Standing } from './standing.ts';
import { createValidator } from './validate.ts';
import { Waivers } from './waive.ts';

export interface RunOptions {
  readonly catalogue: Catalogue;
  /** Selected cases, in catalogue order. */
  readonly cases: readonly CatalogueCase[];
  readonly targets: readonly Target[];
  readonly selectors: readonly string[];
  readonly suite: { readonly name: string; readonly version: string };
  readonly seed: number;
  readonly strict: boolean;
  readonly witness?: Witness;
  readonly readOnly: boolean;
  readonly repeat: number;
  readonly bail: boolean;
  /** Cases in flight at once on each target. */
  readonly concurrency?: number;
  /** Requests in flight at once on all targets together. Default 32. */
  readonly totalConcurrency?: number;
  readonly maxWaitSeconds: number;
  /** `--shard I/N`: with at least N sites whole sites are dealt out, so that no site meets two parts at once; else the cases of each. */
  readonly shard?: Shard;
  /** Durations of an earlier run; balance the shards. */
  readonly durationOf?: DurationOf;
  /** `--failed`: what is run of the plan. Everything keeps its place in the whole plan. */
  readonly isWanted?: (target: string, address: string) => boolean;
  readonly signal: AbortSignal;
}

/** Everything a run does to the world comes in here. */
export interface RunEffects {
  readonly transportFor: (
    target: Target,
    limits: { readonly concurrency: number; readonly requestsPerSecond?: number; readonly total?: Places },
  ) => Promise<Transport>;
  readonly secretsFor: (target: Target) => Secrets;
  readonly fakesFor: (seed: number, address: string) => Promise<(name: string) => unknown>;
  readonly today: () => Date;
  readonly elapsedMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly advanceClock: (control: string, seconds: number) => Promise<string | undefined>;
  readonly onStatus?: (line: string | undefined) => void;
  /**
   * What product, edition, version, core and web server stand behind a target, told from a few harmless answers; `front` is what its base URL answered. For
   * the header only: an inferred version never chooses what is expected, since it is inferred from the very behaviour that is judged.
   */
  readonly identify?: (target: Target, front: Exchange, transport: Transport, signal: AbortSignal) => Promise<TargetFacts | undefined>;
  /** The doctor: what is wrong with the deployment, asked for when not even a token can be used. */
  readonly examine?: (target: Target, profile: string, transport: Transport) => Promise<readonly Finding[]>;
  /** `--from`: answers with what was recorded for a case (`address`) or a fixture (`fixture:name`) of a target instead of asking it. */
  readonly replay?: (target: string, scope: string) => Transport;
}

const defaultConcurrency = 8;
const defaultTotalConcurrency = 32;
const offLoopback = { concurrency: 4, requestsPerSecond: 5 } as const;
/** How far all pools together may be ahead of the reader of the records: bounds memory whatever the number of cases. */
const readAhead = 256;

/**
 * Yields header, cases, footer. Sites are run side by side, targets on the same host one after the other; the cases of a target come in plan order. Never throws
 * for what a target does.
 */
export async function* run(options: RunOptions, effects: RunEffects): AsyncGenerator<ReportRecord, void, undefined> {
  const startedMs = effects.elapsedMs();
  const stop = new AbortController();
  const inner: RunOptions = { ...options, signal: AbortSignal.any([options.signal, stop.signal]) };
  // Every request in flight listens for the interruption.
  setMaxListeners(0, options.signal, inner.signal);
  let requests = 0;
  const sites = sitesOf(options);
  const width = Math.max(1, Math.min(sites.length, options.totalConcurrency ?? defaultTotalConcurrency));
  const total = new Places(options.totalConcurrency ?? defaultTotalConcurrency);
  const reached = new Map<Target, ReachedTarget>();
  try {
    const reachSite = async function* (targets: readonly Target[]) {
      for (const target of targets) yield [target, await reach(target, inner, effects, total, () => requests++)] as const;
    };
    for await (const [target, one] of interleave(sites.map(reachSite), width, () => undefined)) reached.set(target, one);
    const ordered = sites.flat().sort((a, b) => options.targets.indexOf(a) - options.targets.indexOf(b));
    yield headerOf(
      options,
      effects,
      ordered.map((target) => reached.get(target) as ReachedTarget),
    );
    const tally = new Tally();
    const findings = new FindingCollector(options.strict);
    const ends = new Map(
      ordered.map((target) => [
        target.name,
        { waivers: new Waivers(target.waivers ?? [], effects.today()), notices: plainHttpNotice(target) },
      ]),
    );
    let cut: string | undefined;
    const board = effects.onStatus === undefined ? undefined : new StatusBoard(effects.onStatus);
    const runSite = async function* (targets: readonly Target[]) {
      for (const target of targets) {
        if (inner.signal.aborted) return;
        const one = reached.get(target) as ReachedTarget;
        const status = board === undefined ? {} : { onStatus: board.lineOf(target.name) };
        yield* runTarget(one, inner, { ...effects, ...status }, Math.ceil(readAhead / width), ends.get(target.name)?.notices ?? []);
        await one.transport.close();
      }
    };
    for await (const record of interleave(sites.map(runSite), width, () => stop.abort(new Error('the run is over')))) {
      const waived = ends.get(record.target)?.waivers.apply(record) ?? record;
      tally.add(waived);
      findings.add(waived);
      yield waived;
      if (options.bail && waived.verdict === 'fail' && !isWaived(waived)) {
        cut = 'bail';
        break;
      }
    }
    if (options.signal.aborted) cut = 'interrupted';
    const wasComplete = options.selectors.length === 0 && cut === undefined && effects.replay === undefined;
    const stale = ordered.flatMap((target) => {
      const has = wasComplete ? partOf(target, options) : undefined;
      return ends.get(target.name)?.waivers.findings(has) ?? [];
    });
    const place = new Map(ordered.map(({ name }, index) => [name, index]));
    yield footerOf({
      tally,
      findings: [
        ...ordered.flatMap(({ name }) => ends.get(name)?.notices ?? []),
        ...stale,
        ...findings.findings().toSorted((a, b) => (place.get(a.target ?? '') ?? 0) - (place.get(b.target ?? '') ?? 0)),
      ],
      durationMs: effects.elapsedMs() - startedMs,
      requests,
      staleWaivers: stale.length,
      cut,
    });
  } finally {
    await Promise.all([...reached.values()].map(({ transport }) => transport.close()));
  }
}

/** Targets by host, so that one site never meets two of them at once; with shards only what is run here, whole sites where there are enough. */
function sitesOf(options: RunOptions): Target[][] {
  const { targets, shard, durationOf } = options;
  const byHost = new Map<string, Target[]>();
  for (const target of targets) {
    const { host } = new URL(target.baseUrl);
    const known = byHost.get(host);
    if (known === undefined) byHost.set(host, [target]);
    else known.push(target);
  }
  const sites = [...byHost.values()];
  if (shard === undefined || sites.length < shard.count) return sites;
  const weigh = (site: readonly Target[]) =>
    site.reduce(
      (sum, target) => sum + planWhole(target, options).reduce((all, one) => all + weighCase(target.name, one, durationOf), 0),
      0,
    );
  return dealOut(sites, shard, weigh);
}

/** Whether whole sites are dealt out to the shards, and not the cases of each. */
function dealsSites({ targets, shard }: RunOptions): boolean {
  return shard !== undefined && new Set(targets.map(({ baseUrl }) => new URL(baseUrl).host)).size >= shard.count;
}

/** Tells of a target whether every case that a predicate covers is run here, and not in another shard or another run. */
function partOf(target: Target, options: RunOptions): (covers: (address: string) => boolean) => boolean {
  const planned = new Set(planTarget(target, options).map(({ case: one }) => one.address));
  const whole = planWhole(target, options);
  return (covers) => whole.every(({ case: one }) => planned.has(one.address) || !covers(one.address));
}

/** A target after its first request. */
interface ReachedTarget {
  readonly target: Target;
  readonly transport: LoneTransport;
  readonly concurrency: number;
  readonly facts?: TargetFacts;
  /** Why it cannot be reached. */
  readonly unreachable: string | undefined;
}

/** Asks for the base URL, and what stands behind it. */
async function reach(target: Target, options: RunOptions, effects: RunEffects, total: Places, onSend: () => void): Promise<ReachedTarget> {
  const limits = limitsOf(target, options);
  const transport = new LoneTransport(await effects.transportFor(target, { ...limits, total }), onSend);
  const { concurrency } = limits;
  if (effects.replay !== undefined) return { target, transport, concurrency, unreachable: undefined };
  const front = await askFront(target, transport, sendOptionsOf(target), options.signal);
  const unreachable = reasonUnreachable(target, front);
  if (unreachable !== undefined || options.signal.aborted) return { target, transport, concurrency, unreachable };
  const facts = await effects.identify?.(target, front, transport, options.signal);
  return { target, transport, concurrency, unreachable, ...(facts === undefined ? {} : { facts }) };
}

function sendOptionsOf(target: Target): Omit<SendOptions, 'freshConnection' | 'signal'> {
  return { timeoutMs: (target.limits?.timeoutSeconds ?? 10) * 1000, maxHeaderBytes: 64 * 1024, maxBodyBytes: 4 * 1024 * 1024 };
}

function headerOf(options: RunOptions, effects: RunEffects, reached: readonly ReachedTarget[]): HeaderRecord {
  const { catalogue } = options;
  const cited = new Set(
    options.cases.flatMap(({ clauses, steps }) => [
      ...clauses,
      ...steps.flatMap((step) =>
        step.kind === 'request' ? step.checks.flatMap(({ alternatives }) => alternatives.flatMap((one) => one.clauses)) : [],
      ),
    ]),
  );
  const targets = reached.map(({ target }) => target);
  const profiles = new Set(targets.flatMap((target) => target.profiles));
  for (const name of profiles) {
    const profile = catalogue.profiles[name];
    if (profile === undefined) continue;
    for (const surface of Object.values(profile.surfaces)) {
      for (const check of [...surface.accepted.checks, ...surface.refused.checks])
        check.alternatives.forEach((one) => one.clauses.forEach((id) => cited.add(id)));
    }
    profile.deviations.forEach((id) => cited.add(id));
  }
  const clauses = Object.values(catalogue.clauses).filter(({ id, document }) => cited.has(id) || document === 'invariants');
  return {
    type: 'header',
    format: streamFormat,
    suite: options.suite,
    specs: catalogue.digest,
    node: process.version,
    startedAt: effects.today().toISOString(),
    seed: options.seed,
    options: {
      selectors: options.selectors,
      strict: options.strict,
      ...(options.witness === undefined ? {} : { witness: options.witness }),
      readOnly: options.readOnly,
      repeat: options.repeat,
      ...(options.shard === undefined ? {} : { shard: `${options.shard.index}/${options.shard.count}` }),
    },
    targets: reached.map(({ target, facts }) => ({
      ...(facts ?? factsOf(target)),
      ...(options.shard === undefined ? {} : { order: options.targets.indexOf(target) }),
    })),
    clauses: Object.fromEntries(
      clauses.map(({ id, says, witness, keyword, url, section }) => [
        id,
        { says, witness, keyword, ...(url === undefined ? {} : { url }), ...(section === undefined ? {} : { section }) },
      ]),
    ),
    deviations: Object.fromEntries(
      [...profiles].flatMap((name) => (catalogue.profiles[name]?.deviations.length ? [[name, catalogue.profiles[name].deviations]] : [])),
    ),
    registers: registersOf(catalogue, cited),
    flows: Object.fromEntries(
      [...profiles].flatMap((name) => (catalogue.profiles[name]?.flows === undefined ? [] : [[name, catalogue.profiles[name].flows]])),
    ),
    planned: Object.fromEntries(targets.map((target) => [target.name, plannedFiles(planTarget(target, options))])),
  };
}

/** Registers that the cases of this run cite: their size, and what is excluded with which reason. */
function registersOf(catalogue: Catalogue, cited: ReadonlySet<string>): NonNullable<HeaderRecord['registers']> {
  const documents = catalogue.registers.filter((document) => [...cited].some((id) => id.startsWith(`${document}/`)));
  return Object.fromEntries(
    documents.map((document) => {
      const clauses = Object.values(catalogue.clauses).filter((clause) => clause.document === document);
      const excluded = clauses.flatMap(({ id, excluded: reason }) => (reason === undefined ? [] : [[id, reason] as const]));
      return [document, { title: document, clauses: clauses.length, excluded: Object.fromEntries(excluded) }];
    }),
  );
}

function plannedFiles(planned: readonly OrderedCase[]): Record<string, number> {
  const files: Record<string, number> = {};
  for (const { case: one } of planned) files[one.file] = (files[one.file] ?? 0) + 1;
  return files;
}

/** Plans every profile of a target. */
function planWhole(target: Target, options: PlanSource): OrderedCase[] {
  return planProfiles(target, options, budgetFor(target, options)).map((one, order) => ({ ...one, order }));
}

type PlanSource = Pick<RunOptions, 'cases' | 'catalogue' | 'readOnly' | 'targets'>;

function planProfiles(target: Target, { cases, catalogue, readOnly }: PlanSource, budget: LoginBudget): PlannedCase[] {
  return target.profiles.flatMap((name) => {
    const profile = profileOn(target, name, catalogue.profiles);
    return profile === undefined ? [] : planCases(cases, profile, target, { readOnly, budget });
  });
}

/** What earlier targets at the same address leave of its budget: they are one site, which locks one account for all of them. */
export function budgetFor(target: Target, options: PlanSource): LoginBudget {
  const address = ({ baseUrl }: Target) => baseUrl.replace(/\/+$/, '');
  const site = options.targets.filter((one) => address(one) === address(target));
  const limits = site.flatMap(({ limits: own }) => own?.loginBudget ?? []);
  const budget = new LoginBudget({ baseUrl: target.baseUrl, loginBudget: limits.length === 0 ? undefined : Math.min(...limits) });
  for (const earlier of site.slice(0, Math.max(0, site.indexOf(target)))) planProfiles(earlier, options, budget);
  return budget;
}

/** What is run of the plan here: of a shard its part, of a rerun what it wants. */
function planTarget(target: Target, options: RunOptions): OrderedCase[] {
  const { shard, durationOf, isWanted } = options;
  const whole = planWhole(target, options);
  const part = shard === undefined || dealsSites(options) ? whole : dealOut(whole, shard, (one) => weighCase(target.name, one, durationOf));
  return isWanted === undefined ? part : part.filter(({ case: one }) => isWanted(target.name, one.address));
}

function factsOf(target: Target): TargetFacts {
  return {
    name: target.name,
    baseUrl: target.baseUrl,
    profiles: target.profiles,
    ...(target.version === undefined ? {} : { version: { value: target.version, from: 'declared' as const } }),
    ...(target.drupal === undefined ? {} : { drupal: target.drupal }),
  };
}

function limitsOf(target: Target, options: RunOptions): { concurrency: number; requestsPerSecond?: number } {
  const loopback = isLoopback(new URL(target.baseUrl));
  const concurrency = options.concurrency ?? target.limits?.concurrency ?? (loopback ? defaultConcurrency : offLoopback.concurrency);
  const requestsPerSecond = target.limits?.requestsPerSecond ?? (loopback ? undefined : offLoopback.requestsPerSecond);
  return { concurrency, ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }) };
}

/** Failed logins that a target allows in one run. */
export function budgetOf(target: Target): LoginBudget {
  return new LoginBudget({ baseUrl: target.baseUrl, loginBudget: target.limits?.loginBudget });
}

function plainHttpNotice(target: Target): Finding[] {
  if (isLoopback(new URL(target.baseUrl)) || !target.baseUrl.startsWith('http:')) return [];
  return [
    {
      id: 'plain-http',
      title: `${target.name} is reached by plain http: passwords and tokens of this run can be read on the way`,
      remedy: 'Use https in baseUrl (RFC 6749 3.2 demands TLS at the token endpoint).',
      confidence: 'certain',
      verdict: 'warn',
      checks: [],
    },
  ];
}

async function* runTarget(
  { target, transport, concurrency, unreachable }: ReachedTarget,
  options: RunOptions,
  effects: RunEffects,
  shareOfReadAhead: number,
  notices: Finding[],
): AsyncGenerator<CaseRecord, void, undefined> {
  const sendOptions = sendOptionsOf(target);
  const secrets = effects.secretsFor(target);
  const all = planTarget(target, options);
  /** What stands in the way of a product stands in the way of the surfaces that its tokens open. */
  const obstacles = new Map<string, string>();
  const obstacleOf = (products: readonly string[]) => products.map((name) => obstacles.get(name)).find((one) => one !== undefined);
  for (const name of target.profiles) {
    const profile = profileOn(target, name, options.catalogue.profiles);
    if (profile === undefined) continue;
    const planned = all.filter(({ case: one }) => one.profile === name);
    if (unreachable !== undefined) {
      for (const one of planned)
        yield unrunRecord(
          one,
          target,
          one.skip === undefined ? 'blocked' : 'skipped',
          one.skip ?? secrets.mask(unreachable),
          effects.elapsedMs(),
        );
      continue;
    }
    const context = await contextOf(profile, { target, transport, sendOptions, secrets, options, effects });
    // What keeps a product from issuing tokens keeps the surfaces from being opened by them.
    const inherited = obstacleOf(profile.openedBy ?? []);
    const asked =
      effects.replay === undefined && inherited === undefined && isWorthAsking(profile, planned) ? await preflight(context) : undefined;
    const obstacle = inherited ?? (asked?.state === 'broken' ? await findObstacle(target, name, transport, effects, notices) : undefined);
    if (obstacle !== undefined) obstacles.set(name, obstacle);
    const isHindered = ({ case: one, skip }: OrderedCase) =>
      obstacle !== undefined && (inherited === undefined || skip !== undefined || one.given.length > 0);
    for (const one of planned.filter(isHindered))
      yield unrunRecord(one, target, one.skip === undefined ? 'blocked' : 'skipped', one.skip ?? obstacle ?? '', effects.elapsedMs());
    const free = planned.filter((one) => !isHindered(one));
    if (free.length === 0) continue;
    const limits = { concurrency, readAhead: Math.max(2 * concurrency, shareOfReadAhead) };
    const lasting = asked?.stillWorks === undefined ? undefined : new Standing(asked.stillWorks);
    const standing = lasting === undefined ? {} : { standing: lasting };
    if (asked?.state === 'ends-earlier-tokens')
      yield* schedule(
        free,
        { ...limits, concurrency: 1 },
        { ...context, ...standing, fixtures: new FixtureStore(false) },
        options,
        effects,
      );
    else yield* schedule(free, limits, { ...context, ...standing }, options, effects);
    if (lasting?.lost !== undefined) obstacles.set(name, lasting.lost);
  }
}

/** Asks the doctor: a fault of the deployment that stands in the way of every case blocks them all, with its remedy; what else it finds is noted. */
async function findObstacle(
  target: Target,
  profile: string,
  transport: Transport,
  effects: RunEffects,
  notices: Finding[],
): Promise<string | undefined> {
  const findings = (await effects.examine?.(target, profile, transport)) ?? [];
  notices.push(...findings);
  const obstacle = findings.find(({ verdict, confidence }) => verdict === 'blocked' && confidence !== 'possible');
  return obstacle === undefined ? undefined : [obstacle.title, obstacle.remedy].filter((text) => text !== undefined).join('. ');
}

/** What the cases of one profile share on one target. */
export async function contextOf(
  profile: Profile,
  parts: {
    target: Target;
    transport: Transport | LoneTransport;
    sendOptions: Omit<SendOptions, 'freshConnection' | 'signal'>;
    secrets: Secrets;
    options: RunOptions;
    effects: RunEffects;
  },
): Promise<TargetContext> {
  const { target, transport, sendOptions, secrets, options, effects } = parts;
  const { clauses } = options.catalogue;
  const { replay } = effects;
  const expiry =
    effects.replay !== undefined
      ? replayedExpiry(effects.elapsedMs)
      : createExpiryDriver(target, options.maxWaitSeconds, {
          elapsedMs: effects.elapsedMs,
          sleep: effects.sleep,
          advanceClock: effects.advanceClock,
          signal: options.signal,
          ...(effects.onStatus === undefined ? {} : { onWaiting: countdown(effects, effects.onStatus, options.signal) }),
        });
  return {
    target,
    profile,
    transport,
    ...(transport instanceof LoneTransport ? { sendTwice: transport.sendTwice.bind(transport) } : {}),
    sendOptions,
    secrets,
    rules: {
      authorities: profile.authorities,
      ...(options.witness === undefined ? {} : { narrowedTo: options.witness }),
      strict: options.strict,
      nameOf: (id) => clauses[id]?.id ?? id,
    },
    validate: await createValidator(profile),
    expiry,
    fixtures: new FixtureStore(true, () => expiry.nowMs()),
    fakesFor: (address) => effects.fakesFor(options.seed, address),
    seed: options.seed,
    userAgent: `${options.suite.name}/${options.suite.version}`,
    elapsedMs: effects.elapsedMs,
    isAlive: async () => {
      const brief = { ...sendOptions, timeoutMs: Math.min(sendOptions.timeoutMs, 5000) };
      return reasonUnreachable(target, await askFront(target, transport, brief, options.signal)) === undefined;
    },
    today: effects.today,
    signal: options.signal,
    ...(replay === undefined ? {} : { replay: (scope) => replay(target.name, scope) }),
  };
}

/** Asks for the base URL. */
async function askFront(
  target: Target,
  transport: Transport,
  sendOptions: Omit<SendOptions, 'freshConnection' | 'signal'>,
  signal: AbortSignal,
): Promise<Exchange> {
  const template = { method: 'GET', path: '/', query: [], headers: [] };
  const request = buildRequest(template, target, () => undefined, 'drupal-auth-conformance');
  return { request, ...(await transport.send(request, { ...sendOptions, freshConnection: true, signal })) };
}

/** Undefined when anything at all came back. */
function reasonUnreachable(target: Target, { response, failure }: Exchange): string | undefined {
  if (response !== undefined || failure === undefined || failure.kind === 'too-large' || failure.kind === 'malformed') return undefined;
  return `${target.baseUrl} cannot be reached: ${failure.message}`;
}

/**
 * Waiting cases start at once and ripen while the others run; then the ordinary ones in a pool; then the exclusive ones, each alone; last those
 * that move a clock, since that ends every shared token.
 */
async function* schedule(
  planned: readonly OrderedCase[],
  limits: PoolLimits,
  context: TargetContext,
  options: RunOptions,
  effects: RunEffects,
): AsyncGenerator<CaseRecord, void, undefined> {
  const lanes = laneOf(planned, context.expiry.method);
  const ordered = [...lanes.pooled, ...lanes.exclusive, ...lanes.waiting, ...lanes.clock];
  const execute = async (one: OrderedCase): Promise<CaseRecord> =>
    one.skip === undefined
      ? { ...(await runRepeatedly(one.case, context, options)), order: one.order }
      : unrunRecord(one, context.target, 'skipped', one.skip, effects.elapsedMs());

  const waiting = new Map(lanes.waiting.map((one) => [one, execute(one)]));
  const pool = new ReadAheadPool(lanes.pooled, limits, execute, () => options.signal.aborted);
  let settled = 0;
  try {
    for (const one of ordered) {
      if (options.signal.aborted && !waiting.has(one) && settled >= pool.startedCount) return;
      settled++;
      if (settled <= lanes.pooled.length) yield await pool.take();
      else yield await (waiting.get(one) ?? execute(one));
    }
  } finally {
    pool.stop();
  }
}

/** Tells every second how many tokens ripen and when the next one is due, as long as any does. */
function countdown(effects: RunEffects, onStatus: (line: string | undefined) => void, signal: AbortSignal): (untilMs: number) => void {
  let due: number[] = [];
  let isTicking = false;
  const tick = async () => {
    isTicking = true;
    while (!signal.aborted) {
      const nowMs = effects.elapsedMs();
      due = due.filter((untilMs) => untilMs > nowMs);
      if (due.length === 0) break;
      const left = Math.ceil((Math.min(...due) - nowMs) / 1000);
      onStatus(`${due.length === 1 ? 'a token ripens' : `${due.length} tokens ripen`}, next look in ${left} s`);
      await effects.sleep(Math.min(1000, Math.min(...due) - nowMs), signal).catch(() => undefined);
    }
    isTicking = false;
    onStatus(undefined);
  };
  return (untilMs) => {
    due.push(untilMs);
    if (!isTicking) void tick();
  };
}

function laneOf(planned: readonly OrderedCase[], method: 'clock' | 'wait' | 'none') {
  const letsTimePass = (one: OrderedCase) => one.skip === undefined && one.case.steps.some(({ kind }) => kind === 'wait');
  return {
    pooled: planned.filter((one) => !one.case.exclusive && !letsTimePass(one)),
    exclusive: planned.filter((one) => one.case.exclusive && !letsTimePass(one)),
    waiting: planned.filter((one) => letsTimePass(one) && method === 'wait'),
    clock: planned.filter((one) => letsTimePass(one) && method !== 'wait'),
  };
}

interface PoolLimits {
  readonly concurrency: number;
  readonly readAhead: number;
}

/** Runs items with a bounded number in flight, hands results out in order, and never gets more than `readAhead` of them ahead of its reader. */
class ReadAheadPool {
  readonly #results: (Promise<CaseRecord> | undefined)[] = [];
  readonly #items: readonly OrderedCase[];
  readonly #execute: (one: OrderedCase) => Promise<CaseRecord>;
  readonly #isStopped: () => boolean;
  readonly #limits: PoolLimits;
  #running = 0;
  #taken = 0;
  #ended = false;
  startedCount = 0;

  constructor(
    items: readonly OrderedCase[],
    limits: PoolLimits,
    execute: (one: OrderedCase) => Promise<CaseRecord>,
    isStopped: () => boolean,
  ) {
    this.#items = items;
    this.#execute = execute;
    this.#isStopped = isStopped;
    this.#limits = limits;
    this.#fill();
  }

  async take(): Promise<CaseRecord> {
    const index = this.#taken++;
    if (this.#results[index] === undefined) this.#start();
    const record = await (this.#results[index] as Promise<CaseRecord>);
    this.#results[index] = undefined;
    this.#fill();
    return record;
  }

  stop(): void {
    this.#ended = true;
  }

  #fill(): void {
    while (
      this.#running < this.#limits.concurrency &&
      this.startedCount < this.#items.length &&
      this.startedCount - this.#taken < this.#limits.readAhead &&
      !this.#ended &&
      !this.#isStopped()
    ) {
      this.#start();
    }
  }

  #start(): void {
    const item = this.#items[this.startedCount] as OrderedCase;
    this.#running++;
    this.#results[this.startedCount++] = this.#execute(item).finally(() => {
      this.#running--;
      this.#fill();
    });
  }
}

/** `--repeat`: the verdict over all runs is the worst one; how often each came out is kept. */
async function runRepeatedly(one: CatalogueCase, context: TargetContext, options: RunOptions): Promise<CaseRecord> {
  const first = await runCase(one, context);
  if (options.repeat < 2) return first;
  const runs: Partial<Record<Verdict, number>> = { [first.verdict]: 1 };
  let worst = first;
  for (let round = 1; round < options.repeat && !options.signal.aborted; round++) {
    const record = await runCase(one, context);
    runs[record.verdict] = (runs[record.verdict] ?? 0) + 1;
    if (worstVerdict([worst.verdict, record.verdict]) !== worst.verdict) worst = record;
  }
  return { ...worst, runs };
}

function unrunRecord(planned: OrderedCase, target: Target, verdict: Verdict, reason: string, startedMs: number): CaseRecord {
  const { case: one, order } = planned;
  return {
    type: 'case',
    target: target.name,
    order,
    address: one.address,
    profile: one.profile,
    title: one.title,
    file: one.file,
    line: one.line,
    clauses: one.clauses,
    verdict,
    reason,
    steps: [],
    startedMs: Math.round(startedMs),
    durationMs: 0,
  };
}

function footerOf(end: {
  tally: Tally;
  findings: readonly Finding[];
  durationMs: number;
  requests: number;
  staleWaivers: number;
  cut: string | undefined;
}): FooterRecord {
  const { tally } = end;
  const judged = tally.checks.pass + tally.checks.warn + tally.checks.fail + tally.checks.waived;
  return {
    type: 'footer',
    cases: tally.cases,
    checks: tally.checks,
    findings: end.findings,
    durationMs: Math.round(end.durationMs),
    requests: end.requests,
    exitCode: exitCodeOf({
      cases: tally.cases,
      checksJudged: judged,
      failedFindings: failedAlone(end.findings),
      interrupted: end.cut === 'interrupted',
      staleWaivers: end.staleWaivers,
    }),
    ...(end.cut === undefined ? {} : { cut: end.cut }),
  };
}
