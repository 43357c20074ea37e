/**
 * The names a case can use: keys of the target, paths of the profile, generated values, and what its steps have captured.
 *
 * @module
 */
import type { Answer } from '../judge/answer.ts';
import type { Profile } from '../model/catalogue.ts';
import type { Target } from '../model/target.ts';
import { substitute, type Lookup } from '../spec/variables.ts';

const targetNamespaces = ['users', 'clients', 'content', 'tokens', 'graphql', 'expiry'] as const;

/** When a token was issued, in the site's time (ExpiryDriver.nowMs), and how long it is said to live. */
export interface Issue {
  /** Before it was asked for: it cannot end earlier than counted from here. */
  readonly issuedMs: number;
  /** When it was here: it cannot end later than counted from here. Default: `issuedMs`. */
  readonly answeredMs?: number;
  readonly lifetimeSeconds: number | undefined;
  /** Seconds that the target's clock was ahead of ours then, by its Date header; absent when they agree as far as whole seconds tell. */
  readonly skewSeconds?: number;
}

export class Scope {
  /** What the case is about: named outcomes cite it beside the invariant they judge. */
  clauses: readonly string[] = [];
  /** Whether a request may be sent once more where no answer came: it changes nothing, and costs no failed login. */
  isRepeatable = true;
  readonly captures = new Map<string, unknown>();
  readonly answers = new Map<string, Answer>();
  readonly issues = new Map<string, Issue>();
  readonly #target: Target;
  readonly #profile: Profile;
  readonly #fakes: (name: string) => unknown;
  readonly #seed: number;

  constructor(target: Target, profile: Profile, fakes: (name: string) => unknown, seed: number) {
    this.#seed = seed;
    this.#target = target;
    this.#profile = profile;
    this.#fakes = fakes;
  }

  /** Resolves a name of `${…}`; undefined when there is no such value. With an answer, `answer.status` names its status. */
  lookup(answer?: Answer): Lookup {
    return (name) => this.#resolve(name, answer);
  }

  #resolve(name: string, answer: Answer | undefined): unknown {
    if (this.captures.has(name)) return this.captures.get(name);
    const [namespace = '', ...rest] = name.split('.');
    const key = rest.join('.');
    if ((targetNamespaces as readonly string[]).includes(namespace)) return readPath(this.#target, name);
    switch (namespace) {
      case 'paths':
        return this.#path(key, answer);
      case 'fake':
        return this.#fakes(key);
      case 'host':
        return new URL(this.#target.baseUrl).host;
      case 'target':
        return targetFact(this.#target, key);
      case 'run':
        return key === 'seed' ? this.#seed : undefined;
      case 'answer':
        return key === 'status' ? answer?.response.status : undefined;
      default:
        return undefined;
    }
  }

  #path(key: string, answer: Answer | undefined): unknown {
    const path = this.#target.paths?.[key] ?? this.#profile.paths[key];
    return path === undefined ? undefined : substitute(path, this.lookup(answer));
  }
}

function targetFact(target: Target, key: string): unknown {
  const url = new URL(target.baseUrl);
  const facts: Record<string, string> = {
    baseUrl: target.baseUrl,
    basePath: url.pathname.replace(/\/$/, ''),
    origin: url.origin,
    host: url.host,
  };
  return facts[key];
}

/** A dotted path into the target; undefined when a part of it is missing. */
export function readPath(target: Target, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined,
      target,
    );
}
