import { describe, expect, it } from 'vitest';
import type { Site } from '../../site.ts';
import { ask, get, postForm, siteOf, type Reply } from '../../testing.ts';

function view(user: number | string, as: string, on: Site = siteOf('miniorange/oauth')): Reply {
  const password = [...on.users.values()].find(({ name }) => name === as)?.password ?? '';
  const form = { grant_type: 'password', username: as, password, client_id: 'main-client-4f1c9a7be2d0' };
  const token = postForm(on, '/rest_api/access_token', form).json['access_token'] as string;
  return get(on, `/user/${user}?_format=json`, { 'AUTH-METHOD': '0a070001', Authorization: `Bearer ${token}` });
}

const shared = ['uid', 'uuid', 'langcode', 'name', 'created', 'changed', 'default_langcode', 'user_picture'];

describe('user resource', () => {
  it('shows a permitted viewer what is public', () => {
    expect(Object.keys(view(4, 'api_user').json)).toEqual(shared);
  });

  it('shows users their own mail, languages and time zone', () => {
    expect(Object.keys(view(2, 'api_user').json)).toEqual(
      'uid uuid langcode preferred_langcode preferred_admin_langcode name mail timezone created changed default_langcode user_picture'.split(
        ' ',
      ),
    );
  });

  it('shows administrators status, access, login, init and roles, and nobody a password', () => {
    const { json, text } = view(2, 'api_admin');
    expect(Object.keys(json)).toEqual(expect.arrayContaining(['status', 'access', 'login', 'init', 'roles']));
    expect(json['roles']).toEqual([expect.objectContaining({ target_id: 'api_user', target_type: 'user_role' })]);
    expect(text).not.toContain('pass');
  });

  it.each([
    ['another user, without the permission', 2, 'alice', "The 'access user profiles' permission is required."],
    ['a blocked user', 5, 'api_user', "The 'access user profiles' permission is required and the user must be active."],
    ['the anonymous account', 0, 'api_user', ''],
  ])('refuses %s with 403', (_, id, as, message) => {
    const reply = view(id, as);
    expect([reply.status, reply.json]).toEqual([403, { message }]);
  });

  it('shows users without the permission their own account', () => {
    expect(view(3, 'alice').status).toBe(200);
  });

  it.each(['99', 'abc', '-1', '99999999999999999999'])('answers 404 for the id %s', (id) => {
    const message = 'The "user" parameter was not converted for the path "/user/{user}" (route name: "rest.entity.user.GET")';
    expect(view(id, 'api_user').json).toEqual({ message });
  });

  it('reads a leading zero as the same user', () => {
    expect(view('02', 'api_user').json['uid']).toEqual([{ value: 2 }]);
  });

  it('sends the headers of a REST read', () => {
    const reply = view(2, 'api_user');
    expect(reply.header('cache-control')).toBe('must-revalidate, no-cache, private');
    expect(reply.header('x-generator')).toBe('Drupal 10 (https://www.drupal.org)');
    expect(reply.header('expires')).toBe('Sun, 19 Nov 1978 05:00:00 GMT');
    expect(reply.header('link')).toContain('<http://site.example/user/2>; rel="canonical"');
  });

  it('escapes what JSON need not, as PHP does', () => {
    const on = siteOf('miniorange/oauth');
    expect(view(7, 'api_user', on).text).toContain('"name":[{"value":"\\u00fcn\\u00ef user"}]');
  });

  it('answers methods that the resource does not have with 405 and Allow', () => {
    const on = siteOf('miniorange/oauth');
    const token = postForm(on, '/rest_api/access_token', {
      grant_type: 'password',
      username: 'api_user',
      password: 'api_user-pass-1',
      client_id: 'main-client-4f1c9a7be2d0',
    }).json['access_token'] as string;
    const headers = { 'AUTH-METHOD': '0a070001', Authorization: `Bearer ${token}` };
    const reply = ask(on, 'PATCH', '/user/2?_format=json', headers);
    expect([reply.status, reply.header('allow')]).toEqual([405, 'GET, POST, HEAD']);
    expect(ask(on, 'HEAD', '/user/2?_format=json', headers)).toMatchObject({ status: 200, text: '' });
    expect(ask(on, 'OPTIONS', '/user/2?_format=json')).toMatchObject({ status: 200, text: '' });
  });
});
