/**
 * Kinds of answers: what a deployment says in the same way to every request of one kind, such as every refusal of a wrong client ID. And what the
 * checks of a profile speak of, in the answers of one topic.
 *
 * @module
 */
import type { CatalogueCase, CatalogueCheck, Expectation, Profile, RequestStep } from '../../model/catalogue.ts';
import { bodyText, type WireRequest, type WireResponse } from '../../model/exchange.ts';
import type { RecordedExchange } from '../../model/record.ts';

/** Members of a JSON body, from the outside in; an array counts by its first item. */
export type Pointer = readonly string[];

export type Leaf =
  { readonly kind: 'status' } | { readonly kind: 'header'; readonly name: string } | { readonly kind: 'member'; readonly at: Pointer };

export interface AnswerKind {
  /** As a person reads it: `POST /rest_api/access_token (password) → 401 INVALID_CREDENTIALS`. */
  readonly name: string;
  /** The same whatever the grant: what is said of an answer to one grant holds for the other. */
  readonly topic: string;
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
  const grant = grantIn(sent === '' ? query : sent);
  const asked = `${method} ${template}${format === undefined ? '' : `?_format=${format}`}`;
  const said = `→ ${status}${sayingOf(received)}`;
  return { name: `${asked}${grant === undefined ? '' : ` (${grant})`} ${said}`, topic: `${asked} ${said}` };
}

const grants = ['password', 'client_credentials', 'authorization_code', 'refresh_token'];

/** All grants that nobody knows are one. */
function grantIn(parameters: string): string | undefined {
  const grant = /(?:^|&)grant_type=([^&]*)|"grant_type": ?"([^"]*)"|name="grant_type"\r\n\r\n(.*?)\r\n/
    .exec(parameters)
    ?.slice(1)
    .find((one) => one !== undefined);
  return grant === undefined || grants.includes(grant) ? grant : 'another grant';
}

/** The error that a body names, or that it is no JSON. */
function sayingOf(text: string): string {
  const body = parseJson(text);
  if (body === undefined) return text === '' ? '' : ' (no JSON)';
  const error = isRecord(body) ? body['error'] : undefined;
  return typeof error === 'string' ? ` ${error}` : '';
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

/** What checks look at in the answers of one topic. */
export class Spoken {
  /** In lower case. */
  readonly headers = new Set<string>();
  readonly members = new Set<string>();
  /** Whether the status is looked at, and whether one is told from another of its class. */
  status: 'not' | 'class' | 'exact' = 'not';

  add(checks: readonly CatalogueCheck[], profile: Profile): void {
    for (const { level, alternatives } of checks) {
      if (level !== 'may') for (const { expectation } of alternatives) this.#addExpectation(expectation, profile);
    }
  }

  #addExpectation(expectation: Expectation, profile: Profile): void {
    const addPointer = (pointer: string) =>
      pointer
        .split('/')
        .slice(1)
        .forEach((part) => this.members.add(part));
    switch (expectation.kind) {
      case 'status':
        if (typeof expectation.status !== 'string') this.status = 'exact';
        else if (this.status === 'not') this.status = 'class';
        return;
      case 'header':
        return Object.keys(expectation.header).forEach((name) => this.headers.add(name.toLowerCase()));
      case 'json':
        return this.#addKeys(expectation.json);
      case 'body':
        return this.#addProperties(profile.schemas[expectation.schema]);
      case 'same':
      case 'differs':
        return expectation.at.filter((part) => part.startsWith('/')).forEach(addPointer);
      case 'within':
      case 'jwt':
        return addPointer(expectation.at);
      case 'absent':
      case 'text':
        return;
    }
  }

  #addKeys(template: unknown): void {
    if (Array.isArray(template)) template.forEach((item) => this.#addKeys(item));
    else if (isRecord(template)) {
      for (const [key, value] of Object.entries(template)) {
        this.members.add(key);
        this.#addKeys(value);
      }
    }
  }

  #addProperties(schema: unknown): void {
    if (Array.isArray(schema)) schema.forEach((one) => this.#addProperties(one));
    else if (isRecord(schema)) {
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties' && isRecord(value)) Object.keys(value).forEach((name) => this.members.add(name));
        this.#addProperties(value);
      }
    }
  }

  /** Leaves of an answer that are spoken of. */
  leavesOf(response: WireResponse): Leaf[] {
    const headers = [...new Set(response.headers.map(([name]) => name))].filter((name) => this.headers.has(name.toLowerCase()));
    return [
      ...(this.status === 'not' ? [] : [{ kind: 'status' } as const]),
      ...headers.map((name): Leaf => ({ kind: 'header', name })),
      ...this.#membersOf(jsonOf(response), []).map((at): Leaf => ({ kind: 'member', at })),
    ];
  }

  /** An item of an array has no name of its own, so that it is looked into and not counted. */
  #membersOf(value: unknown, at: Pointer): Pointer[] {
    if (at.length >= deepest) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : this.#membersOf(value[0], [...at, '0']);
    if (!isRecord(value)) return [];
    return Object.entries(value).flatMap(([name, member]) =>
      this.members.has(name) ? [[...at, name], ...this.#membersOf(member, [...at, name])] : [],
    );
  }
}

const deepest = 6;

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
