/**
 * Kinds of answers: what a deployment says in the same way to every request of one kind, such as every refusal of a wrong client ID.
 *
 * @module
 */
import type { CatalogueCase, CatalogueCheck, Profile, RequestStep } from '../../model/catalogue.ts';
import { bodyText, type WireRequest, type WireResponse } from '../../model/exchange.ts';
import type { RecordedExchange } from '../../model/record.ts';

export interface AnswerKind {
  /** As a person reads it: `POST /rest_api/access_token (password) → 401 INVALID_CREDENTIALS`. */
  readonly name: string;
  /** The same whatever the grant: what is said of an answer to one grant holds for the other. */
  readonly topic: string;
  /** The error that the answer names; undefined: none. */
  readonly error?: string;
}

/** What decides about the kind, of an exchange on the wire or in a record. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly sent: string;
  readonly status: number;
  readonly received: string;
}

export function kindOnWire(request: WireRequest, response: WireResponse): AnswerKind {
  const sent = request.body === undefined ? '' : bodyText(request.body);
  return kindOf({ method: request.method, path: request.path, sent, status: response.status, received: bodyText(response.body) });
}

/** Undefined when no answer came. */
export function kindInRecord({ request, response }: RecordedExchange): AnswerKind | undefined {
  if (response === undefined) return undefined;
  const { pathname, search } = new URL(request.url);
  const received = response.body.text ?? '';
  return kindOf({ method: request.method, path: pathname + search, sent: request.body?.text ?? '', status: response.status, received });
}

function kindOf({ method, path: target, sent, status, received }: Seen): AnswerKind {
  const [path = '', query = ''] = target.split('?');
  const template = path
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '{uuid}')
    .replace(/\/\d+(?=\/|$)/g, '/{id}');
  const format = /(?:^|&)_format=([a-z_]+)/.exec(query)?.[1];
  // With another method nobody reads one.
  const grant = method === 'POST' ? (grantIn(sent) ?? grantIn(query)) : undefined;
  const asked = `${method} ${template}${format === undefined ? '' : `?_format=${format}`}`;
  const body = parseJson(received);
  const error = isRecord(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
  const said = `→ ${status}${error === undefined ? (body === undefined && received !== '' ? ' (no JSON)' : '') : ` ${error}`}`;
  return {
    name: `${asked}${grant === undefined ? '' : ` (${grant})`} ${said}`,
    topic: `${asked} ${said}`,
    ...(error === undefined ? {} : { error }),
  };
}

const grants = ['password', 'client_credentials', 'authorization_code', 'refresh_token'];

/** All grants that nobody knows are one. */
function grantIn(parameters: string): string | undefined {
  const grant = /(?:^|&)grant_type=([^&]*)|"grant_type": ?"([^"]*)"|name="grant_type"\r\n\r\n(.*?)\r\n/
    .exec(
      parameters.replace(/%5f/gi, '_').replace(/%([2-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    )
    ?.slice(1)
    .find((one) => one !== undefined);
  return grant === undefined || grants.includes(grant) ? grant : 'another grant';
}

export function jsonOf(response: WireResponse): unknown {
  return parseJson(bodyText(response.body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The checks of each step of a case by the name that the step has in a record, those of its named outcome and of its proofs included. */
export function checksByStep(one: CatalogueCase, { surfaces }: Profile): Map<string, readonly CatalogueCheck[]> {
  const checks = new Map<string, readonly CatalogueCheck[]>();
  const add = (step: RequestStep, name: string): void => {
    const surface = step.request.surface === undefined ? undefined : surfaces[step.request.surface];
    const outcome = surface === undefined || step.expect === undefined || step.expect === 'either' ? undefined : surface[step.expect];
    checks.set(name, [...step.checks, ...(outcome?.checks ?? [])]);
    if (step.expect !== 'accepted' || surface === undefined) return;
    for (const proof of surface.accepted.proof) if (proof.kind === 'request') add(proof, `${name}-${proof.name}`);
  };
  for (const step of one.steps) if (step.kind === 'request') add(step, step.name);
  return checks;
}
