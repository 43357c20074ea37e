import { describe, expect, it } from 'vitest';
import type { RequestTemplate } from '../model/catalogue.ts';
import { derivedSecrets } from './derived-secrets.ts';

const values: Record<string, string> = { 'users.main.password': 'correct-horse', 'users.main.name': 'ada', token: 'abcdefgh12345678' };

function derive(fields: [string, string][], headers: [string, string][] = []) {
  const template: RequestTemplate = { method: 'POST', path: '/', query: [], headers, body: { kind: 'form', fields } };
  return derivedSecrets(template, (name) => values[name]);
}

describe('derived secrets', () => {
  it('are what a filter makes of a password or a token', () => {
    expect(derive([['password', '${users.main.password | chop}']], [['Authorization', 'Bearer ${token | reverse}']])).toEqual([
      { label: 'token_reverse', value: '87654321hgfedcba' },
      { label: 'users.main.password_chop', value: 'correct-hors' },
    ]);
  });

  it('are found inside Basic credentials, however they are spelled there', () => {
    const basic = 'Basic ${basic(users.main.name | form, users.main.password | chop | form)}';
    expect(derive([], [['Authorization', basic]])).toEqual([{ label: 'users.main.password_chop', value: 'correct-hors' }]);
  });

  it('are none where a secret is only spelled otherwise, since it is known in every spelling', () => {
    expect(derive([['password', '${users.main.password | percent}']])).toEqual([]);
    expect(derive([], [['Authorization', 'Basic ${basic(users.main.name, users.main.password | form) | base64}']])).toEqual([]);
  });

  it('are what is put into base64 twice, which is no spelling that anybody would look for', () => {
    const encoded = Buffer.from('correct-horse').toString('base64');
    const once = { label: 'users.main.password_base64', value: encoded };
    expect(derive([], [['Authorization', 'Basic ${basic(users.main.name, users.main.password | base64)}']])).toEqual([once]);
    expect(derive([['password', '${users.main.password | base64 | base64url}']])).toEqual([once]);
    expect(derive([['password', '${users.main.password | base64 | percent}']])).toEqual([]);
  });

  it('are not what a filter makes of a name, nor the value itself', () => {
    expect(
      derive([
        ['username', '${users.main.name | upper}'],
        ['password', '${users.main.password}x'],
        ['other', '${fake.password | chop}'],
      ]),
    ).toEqual([]);
  });

  it('are none where a report that is judged again holds a placeholder', () => {
    const template: RequestTemplate = { method: 'GET', path: '/', query: [], headers: [['Authorization', 'Bearer ${token | behead}']] };
    expect(derivedSecrets(template, () => '{{token:main#1 len=64}}')).toEqual([]);
    expect(derivedSecrets(template, () => 'abcdefgh12345678')).toHaveLength(1);
  });

  it('are none where the value is missing', () => {
    expect(derive([['password', '${users.other.password | chop}']])).toEqual([]);
  });
});
