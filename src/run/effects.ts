/**
 * The real world for a run: sockets, clocks, the secret store.
 *
 * @module
 */
import type { Answer } from '../judge/answer.ts';
import type { Target } from '../model/target.ts';
import { recordExchange } from '../redact/record-exchange.ts';
import type { Vault } from '../redact/vault.ts';
import type { Secrets } from './context.ts';
import type { RunEffects } from './run.ts';
import { fakesFor } from '../spec/fake.ts';
import { realClock } from '../support/clock.ts';
import { limited } from '../transport/limited.ts';
import { createUndiciTransport } from '../transport/undici.ts';

export interface Surroundings {
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onStatus?: (line: string | undefined) => void;
}

export function createEffects(vault: Vault, { env, onStatus }: Surroundings): RunEffects {
  const clock = realClock();
  return {
    transportFor: (target, limits) => {
      const transport = createUndiciTransport({
        baseUrl: target.baseUrl,
        connections: limits.concurrency,
        env,
        clock,
        ...(target.tls === undefined ? {} : { tls: target.tls }),
      });
      return Promise.resolve(limited(transport, { ...limits, clock }));
    },
    secretsFor: (target) => createSecrets(vault, target),
    fakesFor,
    today: () => new Date(),
    elapsedMs: () => clock.nowMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    advanceClock,
    ...(onStatus === undefined ? {} : { onStatus }),
  };
}

/** `POST <control>/clock {"advanceSeconds": N}`: the control API of the mock. */
async function advanceClock(control: string, seconds: number): Promise<string | undefined> {
  try {
    const response = await fetch(`${control}/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advanceSeconds: seconds }),
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.ok ? undefined : `POST ${control}/clock answered ${response.status}`;
  } catch (error) {
    return `POST ${control}/clock failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function createSecrets(vault: Vault, target: Target): Secrets {
  const known = publicValues(target);
  return {
    add: (label, value) => vault.add(label, value),
    mask: (text) => vault.mask(text),
    record: (exchange) => recordExchange(exchange, target.baseUrl, vault),
    findIn: (answer) => vault.find(textOf(answer), (value) => isTelling(value) && !known.some((one) => one.includes(value))),
  };
}

/** Headers and body, as one text to look through. */
function textOf(answer: Answer): string {
  return `${answer.response.headers.map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${answer.text}`;
}

/** Long and mixed enough that meeting it in an answer cannot be chance: a password "password" stands on every login page. */
function isTelling(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((pattern) => pattern.test(value)).length;
  return value.length >= 8 && classes >= 2;
}

/** What an answer may well contain: names, ids, mails, the address itself. */
function publicValues(target: Target): string[] {
  const people = Object.values(target.users ?? {}).flatMap(({ name, mail }) => [name, mail]);
  const clients = Object.values(target.clients ?? {}).flatMap(({ id, applicationId }) => [id, applicationId]);
  const content = Object.values(target.content ?? {}).flatMap(({ title, path }) => [title, path]);
  return [target.baseUrl, ...people, ...clients, ...content].filter((value) => value !== undefined);
}
