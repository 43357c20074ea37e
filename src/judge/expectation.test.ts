import { describe, expect, it } from 'vitest';
import type { Expectation } from '../model/catalogue.ts';
import type { HeaderLine } from '../model/exchange.ts';
import { viewAnswer } from './answer.ts';
import { matchExpectation, MissingAnswer } from './expectation.ts';

function answer(status: number, body: unknown, headers: HeaderLine[] = [['Content-Type', 'application/json']]) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return viewAnswer({ httpVersion: '1.1', status, reason: '', headers, body: Buffer.from(text) });
}

const context = { earlier: () => undefined, validate: () => [] };

function match(expectation: Expectation, given = answer(200, {}), more: Partial<typeof context> = {}) {
  return matchExpectation(expectation, given, { ...context, ...more });
}

describe('every kind of check has an answer that passes and one that fails', () => {
  it('status: a code, a class, a list', () => {
    expect(match({ kind: 'status', status: 401 }, answer(401, {}))).toEqual([]);
    expect(match({ kind: 'status', status: '4xx' }, answer(405, {}))).toEqual([]);
    expect(match({ kind: 'status', status: [400, 401] }, answer(403, {}))).toEqual([
      { at: 'status', expected: '400 or 401', actual: '403' },
    ]);
  });

  it('header: name without case, null for absent', () => {
    const given = answer(200, {}, [['cache-control', 'no-store, private']]);
    expect(match({ kind: 'header', header: { 'Cache-Control': { contains: 'no-store' } } }, given)).toEqual([]);
    expect(match({ kind: 'header', header: { 'Cache-Control': null } }, given)).toHaveLength(1);
  });

  it('body: what the validator says', () => {
    const mismatch = { at: '/a', expected: 'present', actual: 'absent' };
    expect(match({ kind: 'body', schema: 'x' }, answer(200, {}))).toEqual([]);
    expect(matchExpectation({ kind: 'body', schema: 'x' }, answer(200, {}), { ...context, validate: () => [mismatch] })).toEqual([
      mismatch,
    ]);
  });

  it('json: says what stands there when it is no JSON', () => {
    const json = { kind: 'json', json: { a: 1 } } as const;
    expect(match(json, answer(200, { a: 1 }))).toEqual([]);
    expect(match(json, answer(200, '<!DOCTYPE html><p>no'))).toEqual([{ at: 'body', expected: 'JSON', actual: 'an HTML page' }]);
    expect(match(json, answer(200, 'Notice: x\n{"a":1}'))[0]?.actual).toBe('text before the JSON: "Notice: x"');
    expect(match(json, answer(200, '\ufeff{"a":1}'))[0]?.actual).toBe('a byte order mark before the JSON');
    expect(match(json, answer(200, ''))[0]?.actual).toBe('an empty body');
  });

  it('absent: a pointer that exists is a difference', () => {
    const absent = { kind: 'absent', absent: ['/access_token'] } as const;
    expect(match(absent, answer(401, { error: 'x' }))).toEqual([]);
    expect(match(absent, answer(401, '<html>'))).toEqual([]);
    expect(match(absent, answer(200, { access_token: null }))).toEqual([{ at: '/access_token', expected: 'absent', actual: 'null' }]);
  });

  it('same and differs: look at an earlier answer', () => {
    const earlier = (name: string) => (name === 'first' ? answer(401, { a: 1, t: 'x' }) : undefined);
    const now = answer(401, { a: 1, t: 'y' });
    const given = { ...context, earlier };
    expect(matchExpectation({ kind: 'same', as: 'first', at: ['status', 'keys', '/a', 'content-type'] }, now, given)).toEqual([]);
    expect(matchExpectation({ kind: 'same', as: 'first', at: ['/t'] }, now, given)).toHaveLength(1);
    expect(matchExpectation({ kind: 'differs', as: 'first', at: ['/t'] }, now, given)).toEqual([]);
    expect(matchExpectation({ kind: 'differs', as: 'first', at: ['/a'] }, now, given)).toHaveLength(1);
    expect(() => matchExpectation({ kind: 'same', as: 'never', at: ['status'] }, now, given)).toThrow(MissingAnswer);
  });

  it('jwt: header and claims of a token in the body', () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'RS256' })}.${part({ aud: 'client' })}.sig`;
    const jwt = { kind: 'jwt', at: '/access_token', header: { alg: 'RS256' }, claims: { aud: 'client' } } as const;
    expect(match(jwt, answer(200, { access_token: token }))).toEqual([]);
    expect(match({ ...jwt, claims: { aud: 'other' } }, answer(200, { access_token: token }))).toHaveLength(1);
    expect(match(jwt, answer(200, { access_token: 'opaque' }))[0]?.expected).toBe('a JWT');
  });

  it('within: bounds are included, a numeric string counts', () => {
    const within = { kind: 'within', at: '/expires_in', min: 299, max: 300 } as const;
    expect(match(within, answer(200, { expires_in: '300' }))).toEqual([]);
    expect(match(within, answer(200, { expires_in: 18000 }))).toEqual([
      { at: '/expires_in', expected: 'a number between 299 and 300', actual: '18000' },
    ]);
  });

  it('text: the body as it stands', () => {
    expect(match({ kind: 'text', text: 'ok' }, answer(200, 'ok'))).toEqual([]);
    expect(match({ kind: 'text', text: { contains: 'no' } }, answer(200, 'ok'))).toHaveLength(1);
  });
});
