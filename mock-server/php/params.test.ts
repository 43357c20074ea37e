import { describe, expect, it } from 'vitest';
import { parseMultipart } from './multipart.ts';
import { parsePhpParams } from './params.ts';

const parsed = (text: string): unknown => JSON.parse(JSON.stringify(parsePhpParams(text)));

describe('parsePhpParams', () => {
  it.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2', { a: '2' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a+b=c+d', { a_b: 'c d' }],
    ['a.b=1', { a_b: '1' }],
    ['a[]=1&a[]=2', { a: { '0': '1', '1': '2' } }],
    ['a[x][y]=1', { a: { x: { y: '1' } } }],
    ['a%5B%5D=1', { a: { '0': '1' } }],
    ['a[=1', { a_: '1' }],
    ['a=%41%zz', { a: 'A%zz' }],
    ['a=%ff', { a: '\ufffd' }],
    ['&&a=1&', { a: '1' }],
    ['__proto__=1', { ['__proto__']: '1' }],
  ])('reads %s as PHP does', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  it('drops what follows the thousandth parameter', () => {
    const text = Array.from({ length: 1500 }, (_, i) => `p${i}=x`).join('&');
    expect(Object.keys(parsePhpParams(`${text}&last=1`))).toHaveLength(1000);
  });
});

describe('parseMultipart', () => {
  const part = (name: string, value: string, extra = ''): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${value}\r\n`;

  it('reads fields and leaves files out', () => {
    const body = `${part('a', '1')}${part('f', 'x', '; filename="f"')}${part('c[]', '2')}--b--\r\n`;
    expect(JSON.parse(JSON.stringify(parseMultipart(body, 'multipart/form-data; boundary=b')))).toEqual({ a: '1', c: { '0': '2' } });
  });

  it('reads nothing without a boundary', () => {
    expect(parseMultipart(part('a', '1'), 'multipart/form-data')).toEqual({});
  });
});
