/**
 * Examines a deployment: sends the probes, then says what is wrong and what to change. Changes nothing on the target.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { headerValue, type Exchange, type Transport, type WireResponse } from '../model/exchange.ts';
import type { Finding, RecordedExchange, TargetFacts } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import { UsageError } from '../support/error.ts';
import { diagnose, isHopeless, type Diagnosis } from './diagnose.ts';
import { contradictsDeclared, identify } from './identify.ts';
import { observe, type Observation } from './observation.ts';
import { probes, type Probe, type ProbeContext } from './probes.ts';
import { productOf, type Product } from './product.ts';
import { Sightings } from './rule.ts';

/** The part of the secret store that the doctor needs; implemented by `src/redact`. */
export interface DoctorSecrets {
  /** Makes a value secret from here on. */
  add(label: string, value: string): void;
  /** What the record of an exchange looks like, with every secret masked. */
  record(exchange: Exchange): RecordedExchange;
  mask(text: string): string;
}

export interface ExamineOptions {
  readonly secrets: DoctorSecrets;
  readonly userAgent?: string;
  /** Origin of the browser application that is to use the site; only then its CORS origin can be judged. */
  readonly origin?: string;
  /** Milliseconds since 1970 on this machine. */
  readonly nowMs?: () => number;
  /** Part of addresses that must be new to every cache. */
  readonly nonce?: string;
  readonly signal?: AbortSignal;
  /** Told after each probe, for a status line. */
  readonly onProbe?: (name: string, asks: string) => void;
}

export interface ProbeRecord {
  readonly name: string;
  readonly asks: string;
  readonly exchange: RecordedExchange;
}

export interface DoctorReport {
  readonly target: TargetFacts;
  readonly profile: string;
  /** From the outside in; empty when nothing is wrong. */
  readonly findings: readonly Finding[];
  readonly probes: readonly ProbeRecord[];
  readonly requests: number;
  /** Requests that presented a credential which was refused. */
  readonly failedLogins: number;
}

const maxHeaderBytes = 65_536;
const maxBodyBytes = 2_097_152;
/** Enough for every pair of probes that needs one; a wrong password is not tried often. */
const defaultLoginBudget = 2;

/**
 * Sends the probes that the profile has for this target, one after another, and names what is wrong.
 *
 * @throws UsageError when the profile is a surface or unknown: it has no token of its own to examine.
 */
export async function examine(target: Target, profile: string, transport: Transport, options: ExamineOptions): Promise<DoctorReport> {
  const product = productOf(profile, target);
  if (product === undefined) {
    throw new UsageError(
      `profile "${profile}" cannot be examined by itself, expected the profile of a product such as simple-oauth or miniorange/basic`,
    );
  }
  const examination = new Examination(target, product, transport, options);
  await examination.run();
  return examination.report();
}

/** Probes that tell versions and editions apart, fewest first; none of them presents a credential. */
const identifying: readonly string[] = ['resource-garbage', 'revoke-none', 'resource-none'];

/**
 * What stands behind a target, from what its base URL answered and, where the target file names no version, at most four harmless requests.
 * Facts for the reader of a report; nothing is judged by them.
 */
export async function recognise(
  target: Target,
  profile: string,
  front: Exchange,
  transport: Transport,
  options: ExamineOptions,
): Promise<TargetFacts> {
  const product = productOf(profile, target);
  if (product === undefined) throw new UsageError(`profile "${profile}" is not that of a product`);
  const examination = new Examination(target, product, transport, options);
  await examination.recognise(front);
  return examination.facts();
}

/** Whether the profile is one that can be examined: that of a product, not of a surface. */
export function canExamine(target: Target, profile: string): boolean {
  return productOf(profile, target) !== undefined;
}

class Examination {
  readonly #target: Target;
  readonly #product: Product;
  readonly #transport: Transport;
  readonly #options: ExamineOptions;
  readonly #observations = new Map<string, Observation>();
  readonly #nowMs: () => number;
  readonly #nonce: string;
  #tokenReceivedAtMs: number | undefined;
  #requests = 0;
  #failedLogins = 0;

  constructor(target: Target, product: Product, transport: Transport, options: ExamineOptions) {
    this.#target = target;
    this.#product = product;
    this.#transport = transport;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#nonce = options.nonce ?? randomBytes(6).toString('hex');
  }

  async run(): Promise<void> {
    const context = this.#context();
    const budget = Math.min(defaultLoginBudget, this.#target.limits?.loginBudget ?? defaultLoginBudget);
    for (const stage of ['approach', 'product', 'surface'] as const) {
      for (const probe of probes.filter((one) => one.stage === stage)) {
        if (this.#options.signal?.aborted === true) return;
        if (probe.presents !== undefined && this.#failedLogins >= budget) continue;
        await this.#send(probe, context);
        if (this.#hasNoFront() || this.#observations.get(probe.name)?.answer?.status === 429) return;
      }
      if (stage === 'approach' && isHopeless(this.#sightings())) return;
    }
  }

  async recognise(front: Exchange): Promise<void> {
    this.#observations.set('front', observe('front', decoded(front)));
    if (this.#target.version !== undefined || this.#product.kind === 'oauth2') return;
    const context = this.#context();
    for (const name of identifying) {
      const probe = probes.find((one) => one.name === name);
      if (probe !== undefined && this.#options.signal?.aborted !== true) await this.#send(probe, context);
    }
  }

  facts(): TargetFacts {
    return identify(this.#sightings());
  }

  /** Nothing came for the very first request: nothing more is worth its time. */
  #hasNoFront(): boolean {
    const front = this.#observations.get('front');
    return front !== undefined && front.answer === undefined;
  }

  async #send(probe: Probe, context: ProbeContext): Promise<void> {
    const request = probe.request(context);
    if (request === undefined) return;
    this.#options.onProbe?.(probe.name, probe.asks);
    this.#requests += 1;
    const sent = await this.#transport.send(request, {
      timeoutMs: (this.#target.limits?.timeoutSeconds ?? 10) * 1000,
      maxHeaderBytes,
      maxBodyBytes,
      ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
    });
    if (sent.failure?.kind === 'unsendable' || sent.failure?.kind === 'aborted') return;
    const exchange: Exchange = { ...sent, request };
    const observation = observe(probe.name, decoded(exchange));
    this.#observations.set(probe.name, observation);
    if (probe.name === 'token') this.#tokenReceivedAtMs = this.#nowMs();
    if (probe.presents !== undefined && isRefusedLogin(observation)) this.#failedLogins += 1;
    for (const name of ['access_token', 'refresh_token', 'id_token']) {
      const value = observation.answer?.object?.[name];
      if (typeof value === 'string') this.#options.secrets.add(`${name === 'access_token' ? 'token' : name}:main`, value);
    }
  }

  #context(): ProbeContext {
    const answer = (probe: string) => this.#observations.get(probe)?.answer;
    return {
      target: this.#target,
      product: this.#product,
      unique: (label) => `${label}-${this.#nonce}`,
      origin: this.#options.origin ?? 'https://app.example.org',
      userAgent: this.#options.userAgent ?? 'drupal-auth-conformance doctor',
      answer,
      token: () => {
        const value = answer('token')?.object?.['access_token'];
        return typeof value === 'string' ? value : undefined;
      },
    };
  }

  #sightings(): Sightings {
    return new Sightings(this.#observations.values(), {
      target: this.#target,
      product: this.#product,
      origin: this.#options.origin,
      tokenReceivedAtMs: this.#tokenReceivedAtMs,
    });
  }

  report(): DoctorReport {
    const seen = this.#sightings();
    const { secrets } = this.#options;
    const facts = this.facts();
    const findings = diagnose(seen).map((diagnosis) => this.#finding(diagnosis));
    const other = contradictsDeclared(seen);
    if (other !== undefined && findings.every(({ verdict }) => verdict !== 'blocked')) findings.push(this.#versionFinding(other));
    return {
      target: facts,
      profile: this.#product.profile,
      findings,
      probes: seen.all.map(({ probe, exchange }) => ({
        name: probe,
        asks: probes.find(({ name }) => name === probe)?.asks ?? '',
        exchange: secrets.record(exchange),
      })),
      requests: this.#requests,
      failedLogins: this.#failedLogins,
    };
  }

  #finding({ id, title, remedy, confidence, verdict, link, evidence }: Diagnosis): Finding {
    const { secrets } = this.#options;
    return {
      id: `doctor/${id}`,
      title: secrets.mask(title),
      remedy: secrets.mask(remedy),
      confidence,
      verdict,
      checks: [],
      evidence: evidence.flatMap((probe) => {
        const exchange = this.#observations.get(probe)?.exchange;
        return exchange === undefined ? [] : [secrets.record(exchange)];
      }),
      ...(link === undefined ? {} : { link }),
    };
  }

  #versionFinding(inferred: NonNullable<TargetFacts['version']>): Finding {
    return {
      id: 'doctor/version',
      title: `The target file declares version ${this.#target.version}, the site behaves like ${inferred.value}: ${inferred.evidence ?? ''}`,
      remedy:
        'Correct version: in the target file, or leave it out; `drush pm:list --status=enabled --format=list --fields=name,version` shows it. If it is right, something in front changes answers: a proxy that removes WWW-Authenticate makes 6.x look like 5.x.',
      confidence: 'likely',
      verdict: 'warn',
      checks: [],
    };
  }
}

/** The site looked at the credential and said no. */
function isRefusedLogin({ answer }: Observation): boolean {
  return /^(invalid_client|invalid_grant|INVALID_CREDENTIALS|INVALID_API_KEY|USER_DOES_NOT_EXIST|USER_BLOCKED)$/.test(answer?.error ?? '');
}

/** The exchange with the content coding undone, since some servers compress without being asked; as it was where that fails. */
function decoded(exchange: Exchange): Exchange {
  const { response } = exchange;
  const coding = response === undefined ? undefined : headerValue(response.headers, 'content-encoding')?.trim().toLowerCase();
  const decode = coding === undefined ? undefined : decoders[coding];
  if (response === undefined || decode === undefined) return exchange;
  try {
    const plain: WireResponse = {
      ...response,
      headers: response.headers.filter(([name]) => name.toLowerCase() !== 'content-encoding'),
      body: decode(response.body),
    };
    return { ...exchange, response: plain };
  } catch {
    return exchange;
  }
}

const decoders: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  gzip: (body) => gunzipSync(body, { maxOutputLength: maxBodyBytes }),
  'x-gzip': (body) => gunzipSync(body, { maxOutputLength: maxBodyBytes }),
  deflate: (body) => inflateSync(body, { maxOutputLength: maxBodyBytes }),
  br: (body) => brotliDecompressSync(body, { maxOutputLength: maxBodyBytes }),
};
