/**
 * The control API under `/__control`: clock, reset, fixtures, faults, journal. JSON in, JSON out; never served to the world unless
 * asked for, since it shows passwords and makes tokens.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../src/model/exchange.ts';
import { UsageError } from '../src/support/error.ts';
import { decodeUtf8, encodeUtf8 } from './bytes.ts';
import type { Fault } from './faults.ts';
import { readFixtures, writeFixture } from './fixtures.ts';
import type { Service } from './serve.ts';
import { httpDate, reasonOf } from './web-server.ts';

type Result = { readonly status: number; readonly value: unknown };
type Handler = (service: Service, body: unknown) => Result;

/** A request that the control API cannot use; `message` says what is wrong and what is expected. */
class ControlError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
  }
}

const ok = (value: unknown): Result => ({ status: 200, value });

const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/__control': { GET: () => ok({ paths: Object.keys(routes) }) },
  '/__control/clock': {
    GET: (service) => ok(clockValue(service)),
    POST: (service, body) => {
      const { advanceSeconds } = fields(body, ['advanceSeconds']);
      if (typeof advanceSeconds !== 'number' || !Number.isFinite(advanceSeconds)) {
        throw new ControlError(400, `advanceSeconds must be a number of seconds, found ${JSON.stringify(advanceSeconds)}.`);
      }
      service.site.clock.advance(advanceSeconds);
      return ok(clockValue(service));
    },
  },
  '/__control/reset': {
    POST: (service) => {
      service.reset();
      return ok({ reset: true });
    },
  },
  '/__control/fixtures': {
    GET: (service) => ok(readFixtures(service.site)),
    POST: (service, body) => {
      const made = writeFixture(service.site, body);
      if (typeof made === 'string') throw new ControlError(400, made);
      return { status: 201, value: made };
    },
  },
  '/__control/faults': {
    GET: (service) => ok(service.faults.list()),
    POST: (service, body) => {
      for (const fault of Array.isArray(body) ? body : [body]) service.faults.add(fault as Fault);
      return { status: 201, value: service.faults.list() };
    },
    DELETE: (service) => {
      service.faults.clear();
      return ok([]);
    },
  },
  '/__control/journal': {
    GET: (service) => {
      service.journal.enabled = true;
      return ok(service.journal.entries);
    },
    DELETE: (service) => {
      service.journal.enabled = true;
      service.journal.clear();
      return ok([]);
    },
  },
};

export function answerControl(request: WireRequest, path: string, service: Service): WireResponse {
  try {
    const methods = routes[path.split('?', 1)[0]?.replace(/\/+$/, '') ?? ''];
    if (methods === undefined) throw new ControlError(404, `No control path ${path}. Known: ${Object.keys(routes).join(', ')}.`);
    const handler = methods[request.method];
    if (handler === undefined) throw new ControlError(405, `${path} answers ${Object.keys(methods).join(', ')}, not ${request.method}.`);
    const { status, value } = handler(service, readBody(request));
    return jsonResponse(status, value, service);
  } catch (error) {
    if (error instanceof UsageError) return jsonResponse(400, { error: error.message }, service);
    if (!(error instanceof ControlError)) throw error;
    return jsonResponse(error.status, { error: error.message }, service);
  }
}

function clockValue({ site }: Service): { now: string; epochMs: number } {
  const epochMs = Math.round(site.clock.now());
  return { now: new Date(epochMs).toISOString(), epochMs };
}

function readBody(request: WireRequest): unknown {
  if (request.body === undefined || request.body.length === 0) return {};
  try {
    return JSON.parse(decodeUtf8(request.body)) as unknown;
  } catch (cause) {
    throw new ControlError(400, `The body must be JSON: ${(cause as Error).message}.`);
  }
}

/** An object without keys other than these. */
function fields(body: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ControlError(400, `The body must be a JSON object with ${known.join(', ')}.`);
  }
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new ControlError(400, `Unknown key "${unknown}". Known: ${known.join(', ')}.`);
  return body as Record<string, unknown>;
}

function jsonResponse(status: number, value: unknown, { site }: Service): WireResponse {
  const body = encodeUtf8(`${JSON.stringify(value, null, 2)}\n`);
  return {
    httpVersion: '1.1',
    status,
    reason: reasonOf(status),
    headers: [
      ['Date', httpDate(site.clock.now())],
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}
