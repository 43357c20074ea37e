import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../model/record.ts';
import { curlCommand, variableName } from './curl.ts';

const run = promisify(execFile);
const secret = 'p$w`"\'\\ !&=+%é';
const env = { DAC_USERS_MAIN_PASSWORD: secret, TOKEN: 'eyJ.a.b', TOKEN_2: 'eyJ.c.d' };

function request(fields: Partial<RecordedRequest>): RecordedRequest {
  return { method: 'GET', url: 'http://127.0.0.1:1/x', headers: [], ...fields };
}

function body(text: string): NonNullable<RecordedRequest['body']> {
  return { text, bytes: Buffer.byteLength(text) };
}

const form: RecordedRequest['headers'] = [['Content-Type', 'application/x-www-form-urlencoded']];

describe('curlCommand', () => {
  it('is readable for the ordinary case', () => {
    const command = curlCommand(
      request({
        method: 'POST',
        url: 'https://example.org/drupal/rest_api/access_token',
        headers: [
          ['Accept', 'application/json'],
          ...form,
          ['Content-Length', '10'],
          ['Host', 'example.org'],
          ['User-Agent', 'drupal-auth-conformance/1'],
        ],
        body: body('grant_type=password&username=api_user&password={{users.main.password}}'),
      }),
    );
    expect(command.text.split(' \\\n  ')).toEqual([
      'curl -i https://example.org/drupal/rest_api/access_token',
      "-H 'Accept: application/json'",
      '--data-raw grant_type=password',
      '--data-raw username=api_user',
      '--data-urlencode "password=$DAC_USERS_MAIN_PASSWORD"',
    ]);
    expect(command.variables).toEqual(['DAC_USERS_MAIN_PASSWORD']);
    expect(command.note).toBeUndefined();
  });

  it('gives two tokens two variables, and one token one', () => {
    const { text, variables } = curlCommand(
      request({
        headers: [
          ['Authorization', 'Bearer {{token:main#2 len=781}}'],
          ['Cookie', 't={{token:other#1 len=781}}; u={{token:main#2 len=781}}x'],
        ],
      }),
      { oneLine: true },
    );
    expect(text).toBe(
      `curl -i http://127.0.0.1:1/x -H "Authorization: Bearer $TOKEN" -H "Cookie: t=$TOKEN_2; u=\${TOKEN}x" -H Accept:`.replace(
        '-H Accept:',
        "-H 'Accept:'",
      ),
    );
    expect(variables).toEqual(['TOKEN', 'TOKEN_2']);
  });

  it.each([
    ['{{users.main.password}}', 'DAC_USERS_MAIN_PASSWORD'],
    ['{{clients.main.applicationId}}', 'DAC_CLIENTS_MAIN_APPLICATION_ID'],
    ['{{token:main#2 len=781}}', 'TOKEN'],
    ['{{users.main.password b64}}', 'DAC_USERS_MAIN_PASSWORD_B64'],
    ['{{headers.X-Gate}}', 'DAC_HEADERS_X_GATE'],
    ['{{cookie:SESSabc#1}}', 'DAC_COOKIE_SESSABC'],
  ])('names the variable of %s %s', (placeholder, name) => {
    expect(variableName(placeholder)).toBe(name);
  });

  it('lets curl make Basic credentials from their parts', () => {
    const { text } = curlCommand(request({ headers: [['Authorization', 'Basic {{basic:clients.main}}']] }), { oneLine: true });
    expect(text).toContain('-u "$DAC_CLIENTS_MAIN_ID:$DAC_CLIENTS_MAIN_SECRET"');
    const withKey = curlCommand(request({ headers: [['Authorization', 'Basic {{basic:users.other:clients.main}}']] }), { oneLine: true });
    expect(withKey.text).toContain('-u "$DAC_USERS_OTHER_NAME:$DAC_CLIENTS_MAIN_API_KEY"');
  });

  it('says when it cannot repeat the request exactly', () => {
    expect(curlCommand(request({ method: 'POST', body: { text: 'abc', bytes: 9000, truncated: true } })).note).toMatch(/body is cut/);
    expect(curlCommand(request({ raw: true, body: body('GET / HTTP/1.1\r\n\r\n') })).text).toBe(
      "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | nc -w 10 127.0.0.1 1",
    );
    expect(curlCommand(request({ raw: true, url: 'https://h/x', body: body('a\u0000{{token:main#1}}') }))).toMatchObject({
      text: `printf 'a\\000%s' "$TOKEN" | openssl s_client -quiet -connect h:443 -servername h`,
    });
  });

  it('does not fail on a URL that is none', () => {
    expect(curlCommand(request({ url: 'not a url' })).text).toContain("'not a url'");
    expect(curlCommand(request({ url: 'not a url', raw: true, body: body('x') })).text).toContain('nc -w 10 HOST 80');
  });
});

/** A stand-in for curl that prints the number of its arguments, each of them, and what it reads: so the quoting is judged by a real shell. */
const shim = `#!/bin/sh
printf '%d\\0' "$#"
printf '%s\\0' "$@"
case " $* " in *' @- '*) cat;; esac
`;

describe.skipIf(process.platform === 'win32')('in a real shell', { timeout: 60_000 }, () => {
  let path = '';
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), 'dac-curl-'));
    writeFileSync(join(path, 'curl'), shim);
    chmodSync(join(path, 'curl'), 0o755);
  });

  async function words(command: string): Promise<{ args: string[]; stdin?: Buffer }> {
    const { stdout } = await run('sh', ['-c', command], {
      env: { ...env, PATH: `${path}${delimiter}${process.env['PATH'] ?? ''}` },
      encoding: 'buffer',
    });
    const parts: string[] = [];
    let at = 0;
    for (let wanted = 1; parts.length < wanted; wanted = Number(parts[0]) + 1) {
      const end = stdout.indexOf(0, at);
      parts.push(stdout.subarray(at, end).toString('utf8'));
      at = end + 1;
    }
    const args = parts.slice(1);
    return { args, ...(args.includes('@-') ? { stdin: stdout.subarray(at) } : {}) };
  }

  it('hands curl exactly the recorded header, URL and body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary-ascii', maxLength: 30 }),
        fc.string({ unit: 'binary', maxLength: 30 }),
        async (value, text) => {
          // A process argument cannot hold NUL, and $(…) drops line feeds at the end: neither is a header value.
          fc.pre(!value.includes('\0') && !value.endsWith('\n') && value !== '' && !/\{\{/.test(value + text) && text.isWellFormed());
          const url = `http://127.0.0.1/${encodeURIComponent(text)}?x='a'&y=$HOME\``;
          const { args, stdin } = await words(
            curlCommand(
              request({
                method: 'POST',
                url,
                headers: [
                  ['X-Value', value],
                  ['Accept', '*/*'],
                  ['Content-Type', 'text/plain'],
                ],
                body: body(text),
              }),
            ).text,
          );
          expect(args).toContain(url);
          expect(args).toContain(`X-Value: ${value}`);
          if (stdin === undefined) expect(args[args.indexOf('--data-raw') + 1]).toBe(text);
          else expect(stdin.toString('utf8')).toBe(text);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('fills in a secret literally, whatever surrounds it', async () => {
    for (const around of [
      '{{users.main.password}}',
      'x{{users.main.password}}y',
      '"{{users.main.password}}',
      "'$`\\!{{users.main.password}}",
    ]) {
      const { args } = await words(curlCommand(request({ headers: [['X', around]] })).text);
      expect(args).toContain(`X: ${around.replace('{{users.main.password}}', secret)}`);
    }
  });

  it('sends bytes above ASCII in a header as the bytes that they were', async () => {
    const { stdout } = await run(
      'sh',
      ['-c', curlCommand(request({ headers: [['X', 'caf\u00e9']] })).text.replace('curl', 'printf "%s\\n"')],
      { encoding: 'buffer' },
    );
    expect(stdout.includes(Buffer.from([0x63, 0x61, 0x66, 0xe9]))).toBe(true);
  });

  it('repeats binary bodies', async () => {
    const { stdin } = await words(curlCommand(request({ method: 'POST', body: { base64: 'AAEC/w==', bytes: 4 } })).text);
    expect(stdin?.toString('base64')).toBe('AAEC/w==');
  });
});

const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

describe.skipIf(!hasCurl)('with the real curl (skipped where it is not installed)', { timeout: 60_000 }, () => {
  let server: Server;
  let received = '';
  let base = '';
  beforeAll(async () => {
    server = createServer((socket) => {
      received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        const length = /content-length: (\d+)/i.exec(received)?.[1] ?? '0';
        const end = received.indexOf('\r\n\r\n');
        if (end !== -1 && received.length >= end + 4 + Number(length))
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  async function send(fields: Partial<RecordedRequest>): Promise<{ line: string; headers: string[]; body: string }> {
    await run('sh', ['-c', curlCommand(request({ ...fields, url: `${base}${fields.url ?? '/x'}` })).text], {
      env: { ...env, PATH: process.env['PATH'] ?? '', http_proxy: '', NO_PROXY: '*' },
    });
    const [head = '', ...rest] = received.split('\r\n\r\n');
    const [line = '', ...headers] = head.split('\r\n');
    return { line, headers: headers.filter((header) => !/^(host|user-agent):/i.test(header)), body: rest.join('\r\n\r\n') };
  }

  it('sends a form with a secret encoded as a form', async () => {
    const sent = await send({
      method: 'POST',
      headers: form,
      body: body('grant_type=password&password={{users.main.password}}x%20y&n=a+b'),
    });
    expect(sent.line).toBe('POST /x HTTP/1.1');
    expect(new URLSearchParams(Buffer.from(sent.body, 'latin1').toString('utf8')).get('password')).toBe(`${secret}x y`);
    expect(sent.body.endsWith('&n=a+b')).toBe(true);
    expect(sent.headers.map((header) => header.toLowerCase())).toContain('content-type: application/x-www-form-urlencoded');
  });

  it.each<[string, Partial<RecordedRequest>, string, string[], string]>([
    ['nothing that was not recorded', {}, 'GET /x HTTP/1.1', [], ''],
    ['dots and brackets as they are', { url: '/a/../b?x=[1]&y={2}' }, 'GET /a/../b?x=[1]&y={2} HTTP/1.1', [], ''],
    ['an empty header', { headers: [['X-Empty', '']] }, 'GET /x HTTP/1.1', ['X-Empty:'], ''],
    [
      'a header twice',
      {
        headers: [
          ['X', '1'],
          ['X', '2'],
        ],
      },
      'GET /x HTTP/1.1',
      ['X: 1', 'X: 2'],
      '',
    ],
    ['HEAD', { method: 'HEAD' }, 'HEAD /x HTTP/1.1', [], ''],
    ['DELETE', { method: 'DELETE', headers: [['Accept', 'a/b']] }, 'DELETE /x HTTP/1.1', ['Accept: a/b'], ''],
    [
      'a GET with a body',
      { body: body('{"a":1}'), headers: [['Content-Type', 'application/json']] },
      'GET /x HTTP/1.1',
      ['Content-Type: application/json', 'Content-Length: 7'],
      '{"a":1}',
    ],
    [
      'a body with CR LF',
      { method: 'POST', body: body('--b\r\nx\r\n'), headers: [['Content-Type', 'multipart/form-data; boundary=b']] },
      'POST /x HTTP/1.1',
      ['Content-Type: multipart/form-data; boundary=b', 'Content-Length: 8'],
      '--b\r\nx\r\n',
    ],
  ])('sends %s', async (_, fields, line, headers, text) => {
    const sent = await send(fields);
    expect(sent).toEqual({ line, headers, body: text });
  });
});
