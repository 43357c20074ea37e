/**
 * A mutant: the mock with one deliberate mistake, and the clauses which that mistake breaks. It decorates the core and never
 * changes it, so that writing one takes a line or two.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { decodeUtf8, encodeUtf8 } from '../bytes.ts';
import type { Delivery } from '../faults.ts';
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
  /** What goes wrong on the way to the client; shows on a socket only. */
  deliver?(delivery: Delivery, request: WireRequest): Delivery;
}

export type Decorator = Mutant['decorate'];

/** A writer of mutants of one profile whose clauses stand in one document. */
export function mutantsOf(profile: string, document: string): WriteMutant {
  return (name, title, breaks, decorate, deliver) => ({
    id: `${profile}/${name}`,
    profile,
    title,
    breaks: breaks.map((clause) => (clause.startsWith('/') ? clause.slice(1) : `${document}/${clause}`)),
    decorate,
    ...(deliver === undefined ? {} : { deliver }),
  });
}

/** Clauses are ids of the document, or with a slash in front `/document/id`. */
export type WriteMutant = (
  name: string,
  title: string,
  breaks: readonly string[],
  decorate: Decorator,
  deliver?: NonNullable<Mutant['deliver']>,
) => Mutant;

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

/** Several mistakes, the first one nearest to the client. */
export function allOf(...decorators: readonly Decorator[]): Decorator {
  return (answer) => decorators.reduceRight((inner, decorate) => decorate(inner), answer);
}

/** A mistake with a memory of its own for each mock. */
export function remembering(make: () => Decorator): Decorator {
  return (answer) => make()(answer);
}

/** Only requests for which the condition holds meet the mistake. */
export function onlyFor(holds: (request: WireRequest, site: Site) => boolean, decorate: Decorator): Decorator {
  return (answer) => {
    const wrong = decorate(answer);
    return (request, site) => (holds(request, site) ? wrong : answer)(request, site);
  };
}

/** Every n-th of the requests for which the condition holds. */
export function nth(n: number, holds: (request: WireRequest) => boolean): (request: WireRequest) => boolean {
  let count = 0;
  return (request) => holds(request) && ++count % n === 0;
}

export const untouched: Decorator = (answer) => answer;

// Conditions

export const isTokenRequest = (request: WireRequest): boolean => /\/(rest_api\/access_token|oauth\/token)(\?|$)/i.test(request.path);

/** A refusal whose body carries this `error`. */
export function refusing(error: string): (request: WireRequest, response: WireResponse) => boolean {
  return (_, response) => response.status >= 400 && jsonOf(response)?.['error'] === error;
}

export const issuing = (request: WireRequest, response: WireResponse): boolean => isTokenRequest(request) && response.status === 200;

export const isUserRequest = (request: WireRequest): boolean => /\/user\/\d+\?/.test(request.path);

/** A JSON answer of the user resource. */
export const reading = (request: WireRequest, response: WireResponse): boolean =>
  isUserRequest(request) && response.status === 200 && jsonOf(response) !== undefined;

/** Any refusal in JSON with a member `error`. */
export const anyRefusal = (_: WireRequest, response: WireResponse): boolean =>
  response.status >= 400 && jsonOf(response)?.['error'] !== undefined;

/** The form of a token request; undefined: it is none, or is no form. */
export function formOf(request: WireRequest): URLSearchParams | undefined {
  if (!isTokenRequest(request) || request.body === undefined) return undefined;
  const type = requestHeader(request, 'content-type') ?? '';
  return type.toLowerCase().startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(decodeUtf8(request.body)) : undefined;
}

/** A token request of this grant. */
export function asking(grant: string): (request: WireRequest) => boolean {
  return (request) => formOf(request)?.get('grant_type') === grant;
}

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
    const form = formOf(request);
    if (form === undefined) return request;
    change(form, site);
    return { ...request, body: encodeUtf8(form.toString()) };
  });
}

/** The same request as a POST with this form and nothing else in its body. */
export function asForm(request: WireRequest, form: URLSearchParams): WireRequest {
  const posted = withRequestHeader(request, 'Content-Type', 'application/x-www-form-urlencoded');
  return { ...posted, method: 'POST', path: request.path.split('?', 1)[0] ?? '', body: encodeUtf8(form.toString()) };
}

/** Another answer in the place of this one. */
export function replaced(status: number, type: string, text: string): (response: WireResponse) => WireResponse {
  return (response) => withHeader(withText(withStatus(status)(response), text), 'Content-Type', type);
}

/** Changes the text of the body; the length follows. */
export function text(change: (body: string) => string): (response: WireResponse) => WireResponse {
  return (response) => withText(response, change(decodeUtf8(response.body)));
}
