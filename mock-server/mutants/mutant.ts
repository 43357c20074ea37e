/**
 * A mutant: the mock with one deliberate mistake, and the clauses which that mistake breaks. It decorates the core and never
 * changes it, so that writing one takes a line or two.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { decodeUtf8, encodeUtf8 } from '../bytes.ts';
import type { Answer } from '../serve.ts';
import type { Site } from '../site.ts';

export interface Mutant {
  /** `profile/name`, e.g. `miniorange/oauth/no-token-type`. */
  readonly id: string;
  readonly profile: string;
  /** What is wrong, as a sentence. */
  readonly title: string;
  /** Clause ids; at least one must be cited by a check that notices. */
  readonly breaks: readonly string[];
  decorate(answer: Answer): Answer;
}

export type Decorator = Mutant['decorate'];

/** A writer of mutants of one profile whose clauses stand in one document. */
export function mutantsOf(
  profile: string,
  document: string,
): (name: string, title: string, breaks: readonly string[], decorate: Decorator) => Mutant {
  return (name, title, breaks, decorate) => ({
    id: `${profile}/${name}`,
    profile,
    title,
    breaks: breaks.map((clause) => (clause.startsWith('/') ? clause.slice(1) : `${document}/${clause}`)),
    decorate,
  });
}

// Decorators

/** Bends every answer for which the condition holds. */
export function bendWhen(
  holds: (request: WireRequest, response: WireResponse, site: Site) => boolean,
  bend: (response: WireResponse, request: WireRequest, site: Site) => WireResponse,
): Decorator {
  return (answer) => (request, site) => {
    const response = answer(request, site);
    return holds(request, response, site) ? bend(response, request, site) : response;
  };
}

/** Reads every request as another one: what the mistake makes of it. */
export function readAs(reading: (request: WireRequest, site: Site) => WireRequest): Decorator {
  return (answer) => (request, site) => answer(reading(request, site), site);
}

/** Takes a decision wrongly that cannot be reached from outside; see `Policy` of the site. */
export function deciding(policy: string, value: unknown = true): Decorator {
  return (answer) => (request, site) => {
    site.policy.set(policy, value);
    try {
      return answer(request, site);
    } finally {
      site.policy.delete(policy);
    }
  };
}

// Conditions

export const isTokenRequest = (request: WireRequest): boolean => /\/(rest_api\/access_token|oauth\/token)(\?|$)/i.test(request.path);

/** A refusal whose body carries this `error`. */
export function refusing(error: string): (request: WireRequest, response: WireResponse) => boolean {
  return (_, response) => response.status >= 400 && jsonOf(response)?.['error'] === error;
}

export const issuing = (request: WireRequest, response: WireResponse): boolean => isTokenRequest(request) && response.status === 200;

/** A JSON answer of the user resource. */
export const reading = (request: WireRequest, response: WireResponse): boolean =>
  /\/user\/\d+\?/.test(request.path) && response.status === 200 && jsonOf(response) !== undefined;

// Changes

export type Json = Record<string, unknown>;

export function jsonOf(response: WireResponse): Json | undefined {
  const text = decodeUtf8(response.body);
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function json(change: (body: Json) => Json): (response: WireResponse) => WireResponse {
  return (response) => withText(response, JSON.stringify(change(jsonOf(response) ?? {})));
}

export function without(...names: readonly string[]): (response: WireResponse) => WireResponse {
  return json((body) => Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name))));
}

export function withText(response: WireResponse, text: string): WireResponse {
  const body = encodeUtf8(text);
  return withHeader({ ...response, body }, 'Content-Length', String(body.length));
}

export function withStatus(status: number): (response: WireResponse) => WireResponse {
  return (response) => ({ ...response, status, reason: '' });
}

/** Sets, or with undefined removes, a header. */
export function withHeader(response: WireResponse, name: string, value: string | undefined): WireResponse {
  const lower = name.toLowerCase();
  const others = response.headers.filter(([key]) => key.toLowerCase() !== lower);
  return { ...response, headers: value === undefined ? others : [...others, [name, value]] };
}

export function requestHeader(request: WireRequest, name: string): string | undefined {
  return request.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

export function withRequestHeader(request: WireRequest, name: string, value: string | undefined): WireRequest {
  const others = request.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: value === undefined ? others : [...others, [name, value]] };
}

/** Changes the form of a token request; other requests stay as they are. */
export function withForm(change: (form: URLSearchParams, site: Site) => void): Decorator {
  return readAs((request, site) => {
    if (!isTokenRequest(request) || request.body === undefined) return request;
    const form = new URLSearchParams(decodeUtf8(request.body));
    change(form, site);
    return { ...request, body: encodeUtf8(form.toString()) };
  });
}
