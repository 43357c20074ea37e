/**
 * Pages of core that are only told apart by who may see them, and the redirect to the page where a password is changed.
 *
 * @module
 */
import type { Access, Route, RouteContext } from '../product.ts';
import { may } from './account.ts';
import { HttpException } from './exception.ts';
import { htmlPage } from './page.ts';
import { redirectReply } from './redirect.ts';
import type { Reply } from './reply.ts';

const administration: readonly (readonly [path: string, title: string, permission: string])[] = [
  ['/admin', 'Administration', 'access administration pages'],
  ['/admin/content', 'Content', 'access content overview'],
  ['/admin/people', 'People', 'administer users'],
  ['/admin/config', 'Configuration', 'access administration pages'],
  ['/admin/modules', 'Extend', 'administer modules'],
  ['/admin/reports', 'Reports', 'access site reports'],
];

export const pageRoutes: readonly Route[] = [
  ...administration.map(([path, title, permission]): Route => {
    return {
      name: `system.${path.slice(1).replaceAll('/', '_')}`,
      path,
      access: (context) => needs(permission, context),
      controller: (context) => htmlPage(context, title, ''),
    };
  }),
  {
    name: 'user.well-known.change_password',
    path: '/.well-known/change-password',
    access: ({ account }) => (account.user === undefined ? { reason: '' } : true),
    controller: changePassword,
  },
];

function needs(permission: string, { account }: RouteContext): Access {
  return may(account, permission) ? true : { reason: `The '${permission}' permission is required.` };
}

/** Symfony takes the usual Cache-Control off a permanent redirect. */
function changePassword({ account, request, site }: RouteContext): Reply {
  if (account.user === undefined) throw new HttpException(403, '');
  return { ...redirectReply(301, request.url(`/user/${account.user.id}/edit`), site), cacheControl: 'must-revalidate, private' };
}
