/**
 * The user resource of core's REST module: field sets by viewer, and the HTML page that shares its path.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { phpJsonHex } from '../../php/json.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Site, User } from '../../site.ts';
import type { Access, Route, RouteContext } from '../product.ts';
import { may, type Account } from './account.ts';
import { coreEdition } from './core-edition.ts';
import { entityPageLinks, htmlPage } from './page.ts';
import { jsonType, type Reply } from './reply.ts';
import { restRoutes } from './rest.ts';

export function userRoutes(site: Site): Route[] {
  const convert = { user: loadUser };
  return [
    {
      name: 'entity.user.canonical',
      path: '/user/{user}',
      requirements: { user: /^\d+$/ },
      convert,
      access: viewAccess,
      controller: userPage,
    },
    ...restRoutes(site, 'entity:user', {
      path: '/user/{user}',
      createPath: '/entity/user',
      convert,
      methods: { GET: { access: viewAccess, controller: getUser } },
    }),
  ];
}

function getUser({ account, params, request, site }: RouteContext): Reply {
  const user = params['user'] as User;
  return {
    status: 200,
    headers: [...userLinks(user, (path) => request.url(path)), jsonType],
    body: fieldsText(user, account, site),
    cacheability: may(account, 'administer users') ? 'good' : 'poor',
    tags: [`user:${user.id}`],
  };
}

/** A leading zero is the same user; anything else that is not a number is nobody. User 0 is the anonymous account. */
export function loadUser(value: string, site: Site): User | 'anonymous' | undefined {
  if (!/^\d{1,15}$/.test(value)) return undefined;
  const id = Number(value);
  return id === 0 ? 'anonymous' : site.users.get(id);
}

/** UserAccessControlHandler, operation view. */
function viewAccess({ account, params, site }: RouteContext): Access {
  const user = params['user'] as User | 'anonymous';
  if (user === 'anonymous') return { reason: '' };
  if (account.user?.id === user.id || may(account, 'administer users')) return true;
  const { alwaysAsksForActiveUser, profileVariesByUser } = coreEdition(site.drupal.major);
  const isPermitted = may(account, 'access user profiles');
  if (isPermitted && user.active) return true;
  const mustBeActive = isPermitted || alwaysAsksForActiveUser ? ' and the user must be active' : '';
  return {
    reason: `The 'access user profiles' permission is required${mustBeActive}.`,
    cacheability: profileVariesByUser ? 'poor' : 'good',
  };
}

/** How much of a user an account sees. */
export function userVisibility(
  user: User,
  account: Account,
): { isVisible: boolean; isSelf: boolean; administers: boolean; seesMail: boolean } {
  const isSelf = account.user?.id === user.id;
  const administers = may(account, 'administer users');
  return {
    isVisible: isSelf || administers || (user.active && may(account, 'access user profiles')),
    isSelf,
    administers,
    seesMail: isSelf || administers || may(account, 'view user email addresses'),
  };
}

const shownFields = ['uuid', 'langcode', 'preferredLangcode', 'name', 'mail', 'timezone', 'created', 'changed'] as const;

interface Written {
  readonly of: Pick<User, (typeof shownFields)[number]>;
  readonly text: string;
}

/** What was last written of a user as itself, with mail, and without: writing it anew is a third of the work of such an answer. */
const written = new WeakMap<User, Partial<Record<'self' | 'mail' | 'public', Written>>>();

function fieldsText(user: User, account: Account, site: Site): string {
  const { isSelf, administers, seesMail } = userVisibility(user, account);
  if (administers) return phpJsonHex(userFields(user, account, site));
  const view = isSelf ? 'self' : seesMail ? 'mail' : 'public';
  const known = written.get(user)?.[view];
  if (known !== undefined && shownFields.every((name) => known.of[name] === user[name])) return known.text;
  const text = phpJsonHex(userFields(user, account, site));
  written.set(user, { ...written.get(user), [view]: { of: { ...user }, text } });
  return text;
}

/** Fields in the order of the user entity, each with the field access of UserAccessControlHandler. */
export function userFields(user: User, account: Account, site: Site): Record<string, unknown> {
  const { isSelf: self, administers, seesMail } = userVisibility(user, account);
  const fields: Record<string, unknown> = {
    uid: value(user.id),
    uuid: value(user.uuid),
    langcode: value(user.langcode),
  };
  if (self || administers) {
    fields['preferred_langcode'] = value(user.preferredLangcode);
    fields['preferred_admin_langcode'] = [];
  }
  fields['name'] = value(user.name);
  if (seesMail) fields['mail'] = user.mail === '' ? [] : value(user.mail);
  if (self || administers) fields['timezone'] = value(user.timezone);
  if (administers) fields['status'] = value(user.active);
  fields['created'] = time(user.created);
  fields['changed'] = time(user.changed);
  if (administers) {
    fields['access'] = time(user.access);
    fields['login'] = time(user.login);
    fields['init'] = user.init === '' ? [] : value(user.init);
    fields['roles'] = user.roles.map((id) => ({ target_id: id, target_type: 'user_role', target_uuid: site.roles.get(id)?.uuid ?? null }));
  }
  fields['default_langcode'] = value(true);
  fields['user_picture'] = [];
  return fields;
}

function value(content: unknown): [{ value: unknown }] {
  return [{ value: content }];
}

/** A time item: RFC 3339 in UTC, with the format that the normaliser states. */
export function time(epochSeconds: number): [{ value: string; format: string }] {
  return [{ value: rfc3339(epochSeconds), format: 'Y-m-d\\TH:i:sP' }];
}

export function rfc3339(epochSeconds: number): string {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, 19)}+00:00`;
}

function userLinks(user: User, url: (path: string) => string): HeaderLine[] {
  return [
    ['Link', `<${url(`/user/${user.id}`)}>; rel="canonical"`],
    ['Link', `<${url(`/user/${user.id}/edit`)}>; rel="edit-form"`],
    ['Link', `<${url(`/user/${user.id}/cancel`)}>; rel="https://drupal.org/link-relations/cancel-form"`],
    ['Link', `<${url('/admin/people')}>; rel="collection"`],
  ];
}

function userPage(context: RouteContext): Reply {
  const { id, name } = context.params['user'] as User;
  return htmlPage(context, name, `<article><p>${escapeHtml(name)}</p></article>`, { headers: entityPageLinks(context, `/user/${id}`) });
}
