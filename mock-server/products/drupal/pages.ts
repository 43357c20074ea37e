/**
 * Pages of core that are only told apart by who may see them, the forms beside accounts and content, and redirects to them.
 *
 * @module
 */
import type { Node, Site, User } from '../../site.ts';
import type { Access, Route, RouteContext } from '../product.ts';
import { isAnonymous, may, type Account } from './account.ts';
import { coreEdition } from './core-edition.ts';
import { guardedPages, jsonapiSettings } from './core-pages.ts';
import { HttpException } from './exception.ts';
import { createAccess, findNode, nodeAccess } from './nodes.ts';
import { htmlPage } from './page.ts';
import { redirectReply } from './redirect.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import { loadUser } from './rest-user.ts';

export function pageRoutes(site: Site): Route[] {
  return [
    ...Object.entries(guardedPages).flatMap(([permission, pages]) => pages.map(([path, title]) => guardedPage(path, title, permission))),
    ...(site.drupal.jsonapi === 'off' ? [] : [guardedPage(...jsonapiSettings, 'administer site configuration')]),
    ...openPages,
    ...accountPages,
    ...nodePages(site),
  ];
}

/** A page that only a permission guards; `a+b`: one of them. */
export function guardedPage(path: string, title: string, permission: string): Route {
  return {
    name: `page.${path.slice(1).replaceAll('/', '.')}`,
    path,
    isAdministrative: true,
    // Lists made by Views are HTML alone, and say so.
    ...(listings.has(path) && { formats: ['html'] }),
    access: ({ account }) => needs(permission, account),
    controller: (context) => htmlPage(context, title, '', { cacheability: 'good' }),
  };
}

const listings: ReadonlySet<string> = new Set([
  '/admin/content',
  '/admin/content/comment',
  '/admin/content/files',
  '/admin/people',
  '/admin/reports/dblog',
]);

function needs(permission: string, account: Account): Access {
  const any = permission.split('+');
  if (any.some((one) => may(account, one))) return true;
  const reason =
    any.length === 1
      ? `The '${permission}' permission is required.`
      : `The following permissions are required: ${any.map((one) => `'${one}'`).join(' OR ')}.`;
  return { reason };
}

const page = (path: string, title: string, more: Partial<Route> = {}): Route => ({
  name: `page.${path.slice(1).replaceAll('/', '.')}`,
  path,
  controller: (context) => htmlPage(context, title, ''),
  ...more,
});

const openPages: readonly Route[] = [
  page('/system/401', 'Unauthorized'),
  page('/system/403', 'Access denied'),
  page('/system/404', 'Page not found'),
  page('/system/4xx', 'Client error'),
  page('/filter/tips', 'Compose tips'),
];

const loggedInOnly = ({ account }: RouteContext): Access => (isAnonymous(account) ? { reason: '' } : true);

const onlyOwnAccount = "Users can only update their own account, unless they have the 'administer users' permission.";

const accountPages: readonly Route[] = [
  { name: 'user.page', path: '/user', access: loggedInOnly, controller: (context) => toOwnAccount(context, 302, '') },
  { name: 'user.edit', path: '/user/edit', access: loggedInOnly, controller: (context) => toOwnAccount(context, 302, '/edit') },
  {
    name: 'user.register',
    path: '/user/register',
    access: ({ account }) => (isAnonymous(account) ? true : { reason: '' }),
    controller: (context) => htmlPage(context, 'Create new account', '<form method="post"><input name="mail" /></form>'),
  },
  page('/user/logout/confirm', 'Are you sure you want to log out?', { access: loggedInOnly }),
  {
    ...page('/user/{user}/edit', '', { isAdministrative: true }),
    name: 'entity.user.edit_form',
    convert: { user: loadUser },
    requirements: { user: /^\d+$/ },
    access: ({ account, params }) => (ownsOrAdministers(params['user'], account) ? true : { reason: onlyOwnAccount, cacheability: 'poor' }),
    controller: (context) => htmlPage(context, nameOf(context.params['user']), ''),
  },
  {
    ...page('/user/{user}/cancel', 'Cancel account', { isAdministrative: true }),
    name: 'entity.user.cancel_form',
    convert: { user: loadUser },
    requirements: { user: /^\d+$/ },
    access: ({ account, params }) =>
      may(account, 'administer users') || (may(account, 'cancel account') && ownsOrAdministers(params['user'], account))
        ? true
        : { reason: "The 'cancel account' permission is required." },
  },
  {
    name: 'user.well-known.change_password',
    path: '/.well-known/change-password',
    access: loggedInOnly,
    controller: changePassword,
  },
];

function ownsOrAdministers(user: unknown, account: Account): boolean {
  return may(account, 'administer users') || (!isAnonymous(account) && account.user === user);
}

function nameOf(user: unknown): string {
  return user === 'anonymous' ? 'Anonymous' : (user as User).name;
}

function nodePages(site: Site): Route[] {
  const convert = { node: (id: string) => findNode(site, id) };
  const requirements = { node: /^\d+$/ };
  const form = (suffix: string, name: string, title: (node: Node) => string, access: (node: Node, account: Account) => Access): Route => ({
    name,
    path: `/node/{node}/${suffix}`,
    requirements,
    convert,
    isAdministrative: true,
    access: ({ account, params }) => access(params['node'] as Node, account),
    controller: (context) => htmlPage(context, title(context.params['node'] as Node), ''),
  });
  const types = [...site.nodeTypes.keys()];
  return [
    form(
      'edit',
      'entity.node.edit_form',
      ({ title }) => `Edit ${title}`,
      (node, account) => nodeAccess(node, 'update', account),
    ),
    form(
      'delete',
      'entity.node.delete_form',
      ({ title }) => `Delete ${title}`,
      (node, account) => nodeAccess(node, 'delete', account),
    ),
    form(
      'revisions',
      'entity.node.version_history',
      ({ title }) => `Revisions for ${title}`,
      (_, account) => (may(account, 'view all revisions') || may(account, 'bypass node access') ? true : { reason: '' }),
    ),
    page('/node/add', 'Add content', {
      isAdministrative: true,
      access: ({ account }) =>
        createAccess(types, account) === true ? true : { reason: "The 'administer content types' permission is required." },
    }),
    page('/node/add/{node_type}', 'Create content', {
      name: 'node.add',
      isAdministrative: true,
      convert: { node_type: (type) => (site.nodeTypes.has(type) ? type : undefined) },
      access: ({ account, params }) => createAccess([String(params['node_type'])], account),
    }),
  ];
}

function toOwnAccount({ account, request, site }: RouteContext, status: number, suffix: string): Reply {
  if (account.user === undefined) throw new HttpException(403, '');
  return redirectReply(status, request.url(`/user/${account.user.id}${suffix}`), site);
}

/** Symfony takes the usual Cache-Control off a permanent redirect. */
function changePassword(context: RouteContext): Reply {
  if (!coreEdition(context.site.drupal.major).movesPermanently) return toOwnAccount(context, 302, '/edit');
  return { ...toOwnAccount(context, 301, '/edit'), cacheControl: 'must-revalidate, private' };
}

/** Where somebody is sent instead of being refused, as a Location; undefined: nowhere. */
export function insteadOfRefusal(route: Route, reason: string, { user }: Account, request: Request): string | undefined {
  if (user !== undefined) {
    if (route.name === 'user.login') return request.url(`/user/${user.id}`);
    if (route.name === 'user.logout' && reason.startsWith("'csrf_token'")) return `${request.basePath}/user/logout/confirm`;
    return route.name === 'user.register' ? request.url(`/user/${user.id}/edit`) : undefined;
  }
  if (route.name === 'user.page') return request.url('/user/login');
  return route.name === 'user.logout' || route.name === 'page.user.logout.confirm' ? request.url('/') : undefined;
}
