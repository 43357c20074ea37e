/**
 * What a run hands to each of its cases: the target, the means to reach it, and the rules of judgement. Effects enter here and nowhere else.
 *
 * @module
 */
import type { Rules } from '../judge/judge.ts';
import type { Profile } from '../model/catalogue.ts';
import type { Exchange, SendOptions, Transport, WireRequest } from '../model/exchange.ts';
import type { Mismatch, RecordedExchange } from '../model/record.ts';
import type { When } from '../model/spec.ts';
import type { Target } from '../model/target.ts';
import { inRange } from '../judge/scope.ts';
import type { Answer } from '../judge/answer.ts';
import type { ExpiryDriver } from './expire.ts';
import type { FixtureStore } from './fixture.ts';
import type { LoneTransport } from './lone.ts';
import type { Standing } from './standing.ts';

/** The part of the secret store that a run needs; implemented by `src/redact`. */
export interface Secrets {
  /** Makes a value secret from here on. */
  add(label: string, value: string): void;
  mask(text: string): string;
  record(exchange: Exchange): RecordedExchange;
  /**
   * Label of the first secret that an answer gives away: a password or client secret of the target, or a token that came with the request. Values
   * too short or too plain to tell are left out.
   */
  findEcho(answer: Answer, request: WireRequest): string | undefined;
}

export interface TargetContext {
  readonly target: Target;
  readonly profile: Profile;
  readonly transport: Transport;
  /** Sends, and asks once more alone where a request timed out beside others; see `LoneTransport`. */
  readonly sendTwice?: LoneTransport['sendTwice'];
  readonly sendOptions: Omit<SendOptions, 'freshConnection' | 'signal'>;
  readonly secrets: Secrets;
  readonly rules: Rules;
  readonly validate: (schema: string, value: unknown) => readonly Mismatch[];
  readonly expiry: ExpiryDriver;
  readonly fixtures: FixtureStore;
  /** Seeded people-like values for one case; loaded on first use. */
  readonly fakesFor: (address: string) => Promise<(name: string) => unknown>;
  readonly seed: number;
  readonly userAgent: string;
  /** Milliseconds of a monotonic clock since the run started. */
  readonly elapsedMs: () => number;
  /** The time of day here; only to compare it with the target's. */
  readonly today: () => Date;
  /** Whether the target answers anything at all right now; asked after a connection failed. */
  readonly isAlive: () => Promise<boolean>;
  /** Absent where the plain request was not tried, or did not work. */
  readonly standing?: Standing;
  readonly signal: AbortSignal;
  /** `--from`: recorded answers of a case or a fixture; see `RunEffects`. */
  readonly replay?: (scope: string) => Transport;
}

/** The context for one case or fixture: with recorded answers, its own. */
export function scoped(context: TargetContext, scope: string): TargetContext {
  if (context.replay === undefined) return context;
  const { sendTwice: _, ...rest } = context;
  return { ...rest, transport: context.replay(scope) };
}

/** Whether a condition describes the target; an unknown version matches every range. */
export function applies(when: When | undefined, { target }: Pick<TargetContext, 'target'>): boolean {
  if (when === undefined) return true;
  if (when.version !== undefined && inRange(target.version, when.version) === false) return false;
  return when.drupal === undefined || inRange(target.drupal, when.drupal) !== false;
}
