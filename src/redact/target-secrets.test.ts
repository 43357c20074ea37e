import { describe, expect, it } from 'vitest';
import { addTargetSecrets, vaultFor } from './target-secrets.ts';
import { Vault } from './vault.ts';

const target = {
  name: 'staging',
  profiles: ['miniorange/oauth'],
  baseUrl: 'https://gate:ke%65per-9x@staging.example.org',
  users: { main: { name: 'api_user', password: 'C0rrect horse' }, blocked: { name: 'blocked_user' } },
  clients: {
    main: { id: 'client-id-of-main', secret: 'secret-of-main', applicationId: 'application-1', apiKey: 'key-1234567890' },
    public: { id: 'public-1' },
  },
  tokens: { expired: 'expired-token-value' },
  headers: { 'X-Gate': 'open-sesame' },
  tls: { key: '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n', ca: 'public-certificate' },
};
const basic = (text: string) => Buffer.from(text).toString('base64');

describe('the secrets of a target', () => {
  it.each([
    ['C0rrect horse', '{{users.main.password}}'],
    ['secret-of-main', '{{clients.main.secret}}'],
    ['key-1234567890', '{{clients.main.apiKey}}'],
    ['expired-token-value', '{{tokens.expired}}'],
    ['open-sesame', '{{headers.X-Gate}}'],
    ['keeper-9x', '{{baseUrl.password}}'],
    [target.tls.key, '{{tls.key}}'],
    [basic('api_user:C0rrect horse'), '{{basic:users.main}}'],
    [basic('client-id-of-main:secret-of-main'), '{{basic:clients.main}}'],
    [basic('api_user:key-1234567890'), '{{basic:users.main:clients.main}}'],
    [basic('gate:keeper-9x'), '{{basic:baseUrl}}'],
    [basic('someone:secret-of-main'), expect.stringContaining('{{clients.main.secret b64}}')],
  ])('include %j', (value, masked) => {
    expect(vaultFor(target).mask(value)).toEqual(masked);
  });

  it('leave the name of a user as it is whose password begins with it, and mask one that was cut off elsewhere', () => {
    const vault = vaultFor({
      ...target,
      users: { main: { name: 'api_user', password: 'api_user-pass-1' } },
      clients: { main: { scope: 'api_user-pass content' } },
    });
    expect(vault.mask('scope=api_user')).toBe('scope=api_user');
    expect(vault.mask('{"scope":"api_user-pass"')).toContain('api_user-pass');
    expect(vault.mask('password=api_user-pa…')).toBe('password={{users.main.password cut}}…');
    expect(vault.mask('api_user-pass-1')).toBe('{{users.main.password}}');
  });

  it('keep users apart who share a long API key, and leave the name of anybody else as it is', () => {
    const apiKey = 'k7Qd2sVx9LbN4mRtY8wFhJ3pZc6uEgA1TnXo5iKvBq0DyWrSlCMe7UjHfPzG2aO9';
    const vault = vaultFor({ ...target, users: { main: { name: 'api_user' }, other: { name: 'bob' } }, clients: { main: { apiKey } } });
    const masked = ['api_user', 'bob', 'nobody'].map((name) => vault.mask(`Basic ${basic(`${name}:${apiKey}`)}`));
    expect(masked).toEqual([
      'Basic {{basic:users.main:clients.main}}',
      'Basic {{basic:users.other:clients.main}}',
      'Basic bm9ib2R5O{{clients.main.apiKey b64}}',
    ]);
  });

  it('do not include names, ids and certificates', () => {
    const text = 'api_user blocked_user client-id-of-main application-1 public-1 public-certificate staging.example.org';
    expect(vaultFor(target).mask(text)).toBe(text);
  });

  it('of several targets may share a vault', () => {
    const vault = new Vault();
    addTargetSecrets(vault, target);
    addTargetSecrets(vault, {
      name: 'other',
      profiles: [],
      baseUrl: 'http://localhost',
      users: { main: { password: 'another-password' } },
    });
    expect(vault.mask('C0rrect horse, another-password')).toBe('{{users.main.password}}, {{users.main.password}}');
  });
});
