/**
 * Which values of a target file are secret.
 *
 * @module
 */
import type { Target } from '../model/target.ts';
import { Vault } from './vault.ts';

/**
 * A vault that knows every secret of a target: passwords, client secrets, API keys, tokens, headers, the key of a client certificate, and the Basic
 * credentials that users and clients make with them.
 */
export function vaultFor(target: Target): Vault {
  const vault = new Vault();
  addTargetSecrets(vault, target);
  return vault;
}

/** Adds the secrets of one more target to a vault that several targets share. */
export function addTargetSecrets(vault: Vault, target: Target): void {
  for (const { name } of Object.values(target.users ?? {})) if (name !== undefined) vault.allow(name);
  for (const { id, scope = '' } of Object.values(target.clients ?? {}))
    for (const word of [id ?? '', ...scope.split(' ')]) vault.allow(word);
  for (const [role, { name, password }] of Object.entries(target.users ?? {})) {
    if (password === undefined || password === '') continue;
    vault.add(`users.${role}.password`, password, nested);
    if (name !== undefined) vault.pair(name, `users.${role}.password`, password);
  }
  for (const [role, { id, secret, apiKey }] of Object.entries(target.clients ?? {})) {
    if (secret !== undefined && secret !== '') {
      vault.add(`clients.${role}.secret`, secret, nested);
      if (id !== undefined) vault.pair(id, `clients.${role}.secret`, secret);
    }
    if (apiKey !== undefined && apiKey !== '') {
      vault.add(`clients.${role}.apiKey`, apiKey, nested);
      for (const [user, { name = '' }] of Object.entries(target.users ?? {}))
        vault.pair(name, `users.${user}:clients.${role}.apiKey`, apiKey);
    }
  }
  for (const [name, token] of Object.entries(target.tokens ?? {})) vault.add(`tokens.${name}`, token);
  for (const [name, value] of Object.entries(target.headers ?? {})) vault.addHeader(name, value);
  if (target.tls?.key !== undefined) vault.add('tls.key', target.tls.key);
  if (URL.canParse(target.baseUrl)) {
    const { username, password } = new URL(target.baseUrl);
    if (password !== '') {
      vault.add('baseUrl.password', decodeURIComponent(password));
      vault.pair(decodeURIComponent(username), 'baseUrl.password', decodeURIComponent(password));
    }
  }
}

const nested = { nested: true } as const;
