/**
 * The real world for a run: sockets, clocks, the secret store.
 *
 * @module
 */
import type { Answer } from '../judge/answer.ts';
import { bodyText, type WireRequest } from '../model/exchange.ts';
import type { Target } from '../model/target.ts';
import { recordExchange } from '../redact/record-exchange.ts';
import type { Hit, Vault } from '../redact/vault.ts';
import type { Secrets } from './context.ts';
import type { RunEffects } from './run.ts';
import { createFakes } from '../spec/fake.ts';
import { realClock } from '../support/clock.ts';
import { guarded } from '../transport/guarded.ts';
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
      return Promise.resolve(limited(guarded(transport, clock), { ...limits, clock }));
    },
    secretsFor: (target) => createSecrets(vault, target),
    fakesFor: createFakes,
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
  const telling = tellingLabels(target);
  return {
    add: (label, value) => {
      // A placeholder of a report that is judged again stands for a secret and is none; neither is a name, however it was come by.
      if (!value.startsWith('{{') && !known.includes(value)) vault.add(label, value);
    },
    mask: (text) => vault.mask(text),
    record: (exchange) => recordExchange(exchange, target.baseUrl, vault),
    findEcho: (answer, request) => {
      const hits = answerHits(answer, vault).filter(({ label, kind }) => kind === 'token' || telling.has(label));
      if (hits.length === 0) return undefined;
      const sent = new Set(requestHits(request, vault).map(({ label }) => label));
      return hits.find(({ kind, label }) => kind === 'secret' || sent.has(label))?.label;
    },
  };
}

/** Headers and body are looked through one by one, as they are recorded: what was looked through once is remembered. */
function answerHits({ response, text }: Answer, vault: Vault): readonly Hit[] {
  return [...vault.findInHeaders(response.headers), ...vault.find(text)];
}

function requestHits({ path, headers, body }: WireRequest, vault: Vault): readonly Hit[] {
  return [...vault.find(path), ...vault.findInHeaders(headers), ...(body === undefined ? [] : vault.find(bodyText(body)))];
}

/** Labels of the passwords and secrets whose appearance in an answer cannot be chance. */
function tellingLabels(target: Target): Set<string> {
  const known = publicValues(target);
  const labels = [
    ...Object.entries(target.users ?? {}).map(([role, { password }]) => [`users.${role}.password`, password] as const),
    ...Object.entries(target.clients ?? {}).flatMap(([role, { secret, apiKey }]) => [
      [`clients.${role}.secret`, secret] as const,
      [`clients.${role}.apiKey`, apiKey] as const,
    ]),
  ];
  const tells = (value: string | undefined) => value !== undefined && isTelling(value) && !known.some((one) => one.includes(value));
  return new Set(
    labels.filter(([, value]) => tells(value)).flatMap(([label]) => [label, `basic:${label.replace(/\.(password|secret|apiKey)$/, '')}`]),
  );
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
