import { describe, expect, it } from 'vitest';
import type { RequestTemplate } from '../model/catalogue.ts';
import type { Target } from '../model/target.ts';
import { buildRequest } from './request.ts';

const target: Target = { name: 't', profiles: [], baseUrl: 'https://example.org/drupal/' };
const plain: RequestTemplate = { method: 'POST', path: '/rest_api/access_token', query: [], headers: [] };

function build(template: Partial<RequestTemplate>, values: Record<string, unknown> = {}, given = target) {
  return buildRequest({ ...plain, ...template }, given, (name) => values[name], 'test/1');
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');

describe('a request', () => {
  it('stands below the folder of the base URL', () => {
    expect(build({}).path).toBe('/drupal/rest_api/access_token');
  });

  it('keeps a query as it is written, and adds encoded pairs to it', () => {
    expect(build({ path: '/user/2?%5Fformat=json', query: [['a b', 'ü&']] }).path).toBe('/drupal/user/2?%5Fformat=json&a%20b=%C3%BC%26');
  });

  it('percent-encodes what no request line can carry, and nothing else', () => {
    expect(build({ path: '/a b/ü?x=[1]\u0000' }).path).toBe('/drupal/a%20b/%C3%BC?x=[1]%00');
  });

  it('leaves out a header, a parameter or a JSON member whose optional key the target lacks', () => {
    const scope = '${clients.main.scope?}';
    const form = { body: { kind: 'form' as const, fields: [['a', '1'] as const, ['scope', scope] as const] } };
    expect(text(build(form).body)).toBe('a=1');
    expect(text(build(form, { 'clients.main.scope': 'x y' }).body)).toBe('a=1&scope=x+y');
    expect(build({ headers: [['AUTH-METHOD', '${clients.main.applicationId?}']] }).headers.map(([name]) => name)).toEqual(['User-Agent']);
    expect(text(build({ body: { kind: 'json', value: { a: 1, scope } } }).body)).toBe('{"a":1}');
  });

  it('encodes a form in order, with repetitions, as the URL standard says', () => {
    const request = build(
      {
        body: {
          kind: 'form',
          fields: [
            ['b', 'x y'],
            ['a', '${pw}'],
            ['b', ''],
          ],
        },
      },
      { pw: "p+&=\u0000Ω'(~" },
    );
    expect(text(request.body)).toBe('b=x+y&a=p%2B%26%3D%00%CE%A9%27%28%7E&b=');
    expect(request.headers).toContainEqual(['Content-Type', 'application/x-www-form-urlencoded']);
  });

  it('keeps a Content-Type that the spec names, in any case', () => {
    const request = build({ headers: [['content-type', 'text/plain']], body: { kind: 'form', fields: [] } });
    expect(request.headers.filter(([name]) => /content-type/i.test(name))).toEqual([['content-type', 'text/plain']]);
  });

  it('gives a text body no Content-Type of its own', () => {
    expect(build({ body: { kind: 'text', value: 'x' } }).headers.map(([name]) => name)).toEqual(['User-Agent']);
  });

  it('adds the headers of the target', () => {
    expect(build({}, {}, { ...target, headers: { 'X-Gate': 'open' } }).headers).toContainEqual(['X-Gate', 'open']);
  });

  it('ends the lines of a raw head with CRLF and leaves its body alone', () => {
    expect(text(build({ raw: 'GET / HTTP/1.1\nHost: x\n\na\nb' }).raw)).toBe('GET / HTTP/1.1\r\nHost: x\r\n\r\na\nb');
  });

  it('survives a lone surrogate', () => {
    expect(text(build({ body: { kind: 'form', fields: [['a', '\ud800']] } }).body)).toBe('a=%EF%BF%BD');
  });
});
