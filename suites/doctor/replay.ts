/**
 * Recorded deployments as a transport: each request of the doctor is answered with what the real deployment answered to the same request.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Exchange, FailureKind, HeaderLine, Transport, WireRequest } from '../../src/model/exchange.ts';
import type { Target } from '../../src/model/target.ts';
import { browserAgent } from '../../src/doctor/probes.ts';

interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

type RecordedAnswer =
  | { readonly failure: FailureKind }
  | { readonly status: number; readonly reason: string; readonly headers: readonly HeaderLine[]; readonly body: string };

export interface RecordedFault {
  readonly baseUrl: string;
  readonly description: string;
  readonly server: string;
  /** Clock of the recording machine when the token came. */
  readonly tokenAtMs?: number;
  /** Recorded probe → index into the answers. */
  readonly answers: Readonly<Record<string, number>>;
}

interface Archive {
  readonly requests: Readonly<Record<string, Readonly<Record<string, RecordedRequest>>>>;
  readonly faults: Readonly<Record<string, RecordedFault>>;
  readonly answers: readonly RecordedAnswer[];
}

export const archive = JSON.parse(gunzipSync(readFileSync(new URL('./faults/recorded.json.gz', import.meta.url))).toString()) as Archive;

export type Product = 'so609' | 'so522' | 'mo210';

export function productOfFault(fault: string): Product {
  return fault.slice(fault.lastIndexOf('-') + 1) as Product;
}

const users = { main: { name: 'api_user', password: 'api_user-pass-1', id: 2 }, other: { name: 'bob', id: 4 } };
const content = { article: { id: 1, type: 'article' } };
/** Credentials of the password in front of one recorded site. */
const gatePassword = 'Basic c3RhZ2luZzpzdGFnaW5nLXBhc3M=';
const key = `${'K3y'.repeat(21)}K`;

/** The target file that the owner of a recorded deployment would write for a profile. */
export function targetOf(fault: string, profile: string): Target {
  const recorded = archive.faults[fault];
  if (recorded === undefined) throw new Error(`no recorded fault "${fault}"`);
  const common = {
    name: fault,
    baseUrl: recorded.baseUrl,
    users,
    content,
    ...(fault.includes('creds-sent') ? { headers: { Authorization: gatePassword } } : {}),
  };
  switch (profile) {
    case 'simple-oauth':
      return {
        ...common,
        profiles: [profile, 'rest', 'jsonapi', 'graphql'],
        clients: {
          main: {
            id: 'lab-cc',
            secret: 'lab-cc-secret',
            actsAs: 2,
            ...(fault.includes('password-grant') ? { grants: ['client_credentials', 'password'] } : {}),
          },
        },
      };
    case 'miniorange/basic':
      return { ...common, profiles: [profile, 'rest', 'jsonapi'], clients: { main: { applicationId: 'ba51c0a1' } } };
    case 'miniorange/api-key':
      return { ...common, profiles: [profile, 'rest', 'jsonapi'], clients: { main: { applicationId: 'a9140001', apiKey: key } } };
    case 'miniorange/api-key in api-key':
      return {
        ...common,
        profiles: ['miniorange/api-key', 'rest', 'jsonapi'],
        clients: { main: { applicationId: 'a9140002', apiKey: key } },
      };
    case 'miniorange/oauth':
      return { ...common, profiles: [profile, 'rest', 'jsonapi'], clients: { main: { id: 'x', applicationId: '0a070001' } } };
    default:
      throw new Error(`no target for profile "${profile}"`);
  }
}

/** Answers from one recorded deployment; what was not recorded cannot be sent. */
export function replay(fault: string): Transport & { readonly unanswered: readonly string[]; readonly receivedAtMs: () => number } {
  const recorded = archive.faults[fault];
  const requests = archive.requests[productOfFault(fault)];
  if (recorded === undefined || requests === undefined) throw new Error(`no recorded fault "${fault}"`);
  const probesByKey = new Map<string, string>();
  for (const [probe, request] of Object.entries(requests)) if (!probesByKey.has(keyOf(request))) probesByKey.set(keyOf(request), probe);
  const unanswered: string[] = [];
  let token: string | undefined;
  const basePath = new URL(recorded.baseUrl).pathname.replace(/\/$/, '');
  const recordedProbe = (request: WireRequest): string | undefined => {
    if (request.headers.some(([, value]) => value === browserAgent)) return undefined;
    const { sent, purpose } = describe(request, basePath, token);
    if (sent === undefined) return undefined;
    const probe = probesByKey.get(keyOf(sent));
    const isAnonymous = !sent.headers.some(([name]) => name === 'authorization' || name === 'api-key');
    return recorded.answers['cachebust-good'] === undefined || purpose === undefined ? probe : cachedProbe(purpose, isAnonymous);
  };
  return {
    unanswered,
    receivedAtMs: () => recorded.tokenAtMs ?? 0,
    close: () => Promise.resolve(),
    send(request) {
      const probe = recordedProbe(request);
      const answer = probe === undefined ? undefined : archive.answers[recorded.answers[probe] ?? -1];
      const timing = { startedMs: 0, endedMs: 1 };
      if (answer === undefined) {
        unanswered.push(`${request.method} ${request.path}`);
        return Promise.resolve({ failure: { kind: 'unsendable', message: 'not recorded' }, timing });
      }
      if ('failure' in answer) return Promise.resolve({ failure: { kind: answer.failure, message: 'no answer in time' }, timing });
      token ??= probe === 'token-good-form' ? /"access_token":"([^"]+)"/.exec(answer.body)?.[1] : undefined;
      const { status, reason, headers } = answer;
      const response: Exchange['response'] = { httpVersion: '1.1', status, reason, headers, body: Buffer.from(answer.body) };
      return Promise.resolve({ response, timing });
    },
  };
}

/** Addresses that were new to the cache had probes of their own in the recordings. */
function cachedProbe(purpose: string, isAnonymous: boolean): string | undefined {
  if (purpose === 'pair') return isAnonymous ? 'cachebust-good-again-as-none' : 'cachebust-good';
  return purpose === 'fresh' && isAnonymous ? 'cachebust-none' : undefined;
}

function describe(
  request: WireRequest,
  basePath: string,
  token: string | undefined,
): { sent: RecordedRequest | undefined; purpose?: string | undefined } {
  if (!request.path.startsWith(basePath)) return { sent: undefined };
  const purpose = /&dac=(\w+)-/.exec(request.path)?.[1];
  const path = request.path.slice(basePath.length).replace(/&dac=[^&]*/, '');
  const body = request.body === undefined ? null : Buffer.from(request.body).toString();
  const seen = new Set(['authorization', 'authorisation', 'auth-method', 'api-key']);
  const headers = request.headers
    .filter(([name, value]) => seen.has(name.toLowerCase()) && value !== gatePassword)
    .map(([name, value]) => [name.toLowerCase(), token === undefined ? value : value.replace(token, 'GOOD')] as const);
  return { sent: { method: request.method, path, headers, body }, purpose };
}

/** Requests are the same when method, path, credentials and fields are; a preflight's wishes changed nothing in the recordings. */
function keyOf({ method, path, headers, body }: RecordedRequest): string {
  if (method === 'OPTIONS') return `OPTIONS ${path}`;
  const fields =
    body === null
      ? ''
      : body.startsWith('{')
        ? body
        : [...new URLSearchParams(body)]
            .map((pair) => pair.join('='))
            .toSorted()
            .join('&');
  // The module looks at the application before it looks at any credential.
  const counted = headers.some(([name, value]) => name === 'auth-method' && value === 'deadbeef')
    ? headers.filter(([name]) => name === 'auth-method')
    : headers;
  const lines = counted.map((pair) => pair.join(': ')).toSorted();
  return [method, path, ...lines, fields].join('\n');
}
