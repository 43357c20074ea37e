/**
 * What an editor makes of our schemas: yaml-language-server, over its own protocol, on files that name their schema in a comment.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const schemas = fileURLToPath(new URL('../../specs/schema/', import.meta.url));

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly uri?: string;
    readonly diagnostics?: readonly { readonly message: string }[];
    readonly items?: readonly unknown[];
  };
  readonly result?: unknown;
}

/** A client of the language server: just enough of the protocol for completion and diagnostics. */
class Editor {
  readonly #server: ChildProcess;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #diagnostics = new Map<string, (messages: string[]) => void>();
  #buffer = Buffer.alloc(0);
  #lastId = 0;

  constructor() {
    const manifest = createRequire(import.meta.url).resolve('yaml-language-server/package.json');
    this.#server = spawn(process.execPath, [join(dirname(manifest), 'bin', 'yaml-language-server'), '--stdio'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#server.stdout?.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  async open(): Promise<void> {
    await this.request('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true } } });
    this.notify('initialized', {});
    this.notify('workspace/didChangeConfiguration', {
      settings: { yaml: { completion: true, validate: true, schemaStore: { enable: false } } },
    });
  }

  /** Opens a file and gives what the editor underlines. */
  async diagnose(name: string, text: string): Promise<string[]> {
    const uri = pathToFileURL(join(schemas, name)).href;
    const told = new Promise<string[]>((resolve) => this.#diagnostics.set(uri, resolve));
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return await told;
  }

  /** Labels offered at the end of the text. */
  async complete(name: string, text: string): Promise<string[]> {
    await this.diagnose(name, text);
    const lines = text.split('\n');
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const result = await this.request('textDocument/completion', {
      textDocument: { uri: pathToFileURL(join(schemas, name)).href },
      position,
    });
    const { items } = result as { items: readonly { label: string }[] };
    return items.map(({ label }) => label);
  }

  close(): void {
    this.#server.kill();
  }

  request(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.#send({ id, method, params });
    return answer;
  }

  notify(method: string, params: object): void {
    this.#send({ method, params });
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(bytes: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.subarray(0, Math.max(end, 0)).toString())?.[1] ?? Number.NaN);
      if (end < 0 || !(this.#buffer.length >= end + 4 + length)) return;
      const message = JSON.parse(this.#buffer.subarray(end + 4, end + 4 + length).toString()) as Message;
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take({ id, method, params, result }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      this.#diagnostics.get(params?.uri ?? '')?.((params?.diagnostics ?? []).map(({ message }) => message));
    } else if (method === 'workspace/configuration' && id !== undefined) {
      const settings = { completion: true, validate: true, schemaStore: { enable: false } };
      this.#send({ id, result: (params?.items ?? []).map((_, index) => (index === 0 ? settings : {})) });
    } else if (method !== undefined && id !== undefined) this.#send({ id, result: null });
    else if (id !== undefined) this.#answers.get(id)?.(result);
  }
}

describe('an editor with yaml-language-server', { timeout: 30_000 }, () => {
  const editor = new Editor();
  const head = (schema: string): string => `# yaml-language-server: $schema=./${schema}.schema.json\n`;
  beforeAll(() => editor.open());
  afterAll(() => editor.close());

  it.each([
    ['target', 'profile: oauth2\nbaseUrl: https://example.org\n', ['clients', 'users', 'waivers', 'limits']],
    ['target', 'profile: oauth2\nbaseUrl: https://example.org\nwaivers:\n  - ', ['check', 'reason', 'expires', 'link']],
    ['spec', '', ['title', 'profile', 'cases', 'requests']],
    ['profile', '', ['profile', 'authorities', 'surfaces', 'fixtures']],
    ['clauses', '', ['document', 'clauses']],
    ['site', '', ['name', 'roles', 'users', 'products', 'server']],
    ['site', 'users:\n  - ', ['id', 'name', 'password', 'roles', 'active']],
  ] as const)('offers the keys of a %s file after %j', async (schema, text, keys) => {
    expect(await editor.complete(`${schema}-${text.length}-completion.yaml`, head(schema) + text)).toEqual(
      expect.arrayContaining([...keys]),
    );
  });

  it.each([
    ['target', 'profile: oauth2\nbaseUrl: https://example.org\nclinets: {}\n', /clinets/],
    [
      'target',
      'profile: oauth2\nbaseUrl: https://example.org\nwaivers: [{ check: a, reason: long enough, expire: 2027-01-01 }]\n',
      /expire/,
    ],
    ['spec', 'title: A\nprofile: oauth2\ncasses: {}\n', /casses/],
    ['site', 'users: [{ id: 2, nmae: bob }]\n', /nmae/],
    ['waivers', "waivers: [{ check: a, reason: '', expires: 2027-01-01 }]\n", /minimum length of 10/],
  ] as const)('underlines a key that a %s file does not have', async (schema, text, key) => {
    const told = await editor.diagnose(`${schema}-${text.length}-wrong.yaml`, head(schema) + text);
    expect(told.join('\n')).toMatch(key);
  });

  it('has a schema for each kind of file, reachable from the package', () => {
    const resolve = createRequire(import.meta.url).resolve;
    for (const file of readdirSync(schemas)) expect(() => resolve(`drupal-auth-conformance/schema/${file}`)).not.toThrow();
  });
});
