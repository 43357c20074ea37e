/**
 * Who a request acts as, and what it may do.
 *
 * @module
 */
import type { Site, User } from '../../site.ts';

export interface Account {
  /** Undefined: the anonymous user, or a client that acts for nobody. */
  readonly user: User | undefined;
  /** Provider that authenticated it; undefined: none did. */
  readonly provider: string | undefined;
  /** Everything is allowed (user 1, administrator role). */
  readonly all: boolean;
  readonly permissions: ReadonlySet<string>;
  /** The permissions as core's caches tell accounts apart: `admin`, or the roles. */
  readonly cacheContext: string;
  /** Simple OAuth: client id of the consumer, for X-Consumer-ID. */
  readonly consumer?: string;
}

export function may(account: Account, permission: string): boolean {
  return account.all || account.permissions.has(permission);
}

export function isAnonymous(account: Account): boolean {
  return account.user === undefined;
}

/** The anonymous user; `provider` when a provider applied and let it through. */
export function anonymous(site: Site, provider?: string): Account {
  const role = site.roles.get('anonymous');
  return { user: undefined, provider, all: false, permissions: role === undefined ? none : role.permissions, cacheContext: 'anonymous' };
}

/** A user with the permissions of all its roles; user 1 may do everything. */
export function accountOf(user: User, provider: string, site: Site): Account {
  const { all, permissions } = permissionsOf(['authenticated', ...user.roles], site);
  return { user, provider, all: all || user.id === 1, permissions, cacheContext: cacheContextOf(user, user.roles, site) };
}

/** The super user and administrators share one context; everybody else's is the set of roles. */
export function cacheContextOf(user: User, roles: readonly string[], site: Site): string {
  return user.id === 1 || roles.some((id) => site.roles.get(id)?.isAdmin === true)
    ? 'admin'
    : `authenticated ${[...roles].sort().join(' ')}`;
}

/** Union of the permissions of some roles. */
export function permissionsOf(roles: readonly string[], site: Site): { all: boolean; permissions: ReadonlySet<string> } {
  let all = false;
  const held: ReadonlySet<string>[] = [];
  for (const id of roles) {
    const role = site.roles.get(id);
    if (role === undefined) continue;
    if (role.isAdmin) all = true;
    if (role.permissions.size > 0) held.push(role.permissions);
  }
  const [first, ...rest] = held;
  if (first === undefined) return { all, permissions: none };
  if (rest.length === 0) return { all, permissions: first };
  const union = new Set(first);
  for (const permissions of rest) for (const permission of permissions) union.add(permission);
  return { all, permissions: union };
}

const none: ReadonlySet<string> = new Set();
