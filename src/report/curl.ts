/**
 * An exchange as a command line that repeats it: quoted for a POSIX shell, secrets as variables to fill in. Pure.
 *
 * @module
 */
import type { RecordedRequest } from '../model/record.ts';
import { hasHostile } from './text.ts';

export interface CurlCommand {
  /** The command, ready to paste; continued lines end in a backslash. */
  readonly text: string;
  /** Shell variables to set first, without `$`, in order of use. */
  readonly variables: readonly string[];
  /** Why it cannot repeat the request exactly, if so. */
  readonly note?: string;
}

interface CurlOptions {
  /** On one line, for places that hold one. Default: an option a line. */
  readonly oneLine?: boolean;
}

/** Headers that curl writes itself in the same way, or that only say who sent the request. */
const ownHeaders = new Set(['content-length', 'connection', 'transfer-encoding']);
const ourAgent = /^drupal-auth-conformance\b/;

/** The curl line of a recorded request; a raw one becomes a line for nc or openssl. */
export function curlCommand(request: RecordedRequest, options: CurlOptions = {}): CurlCommand {
  const shell = new Shell();
  const url = parseUrl(request.url);
  if (request.raw === true) return rawCommand(request, url, shell);

  const words: string[] = [];
  const method = request.method;
  const body = request.body;
  const type = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const isForm = type !== undefined && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
  const data = body === undefined ? undefined : bodyWords(body, isForm, shell);

  words.push(method === 'HEAD' ? 'curl --head' : 'curl -i');
  if (method !== 'HEAD' && method !== (data === undefined ? 'GET' : 'POST')) words.push(`-X ${shell.quote(method)}`);
  if (/[[\]{}]/.test(withoutPlaceholders(request.url))) words.push('--globoff');
  if (/\/\.{1,2}(?:\/|$|\?)/.test(request.url)) words.push('--path-as-is');
  words.push(shell.quote(request.url));
  const urlAt = words.length - 1;

  const present = new Set(request.headers.map(([name]) => name.toLowerCase()));
  for (const [name, value] of request.headers) {
    const key = name.toLowerCase();
    if (ownHeaders.has(key) || (key === 'host' && value === url?.host) || (key === 'user-agent' && ourAgent.test(value))) continue;
    if (key === 'content-type' && data?.implied === true && value === 'application/x-www-form-urlencoded') continue;
    const pair = key === 'authorization' ? basicPair(value) : undefined;
    if (pair !== undefined) {
      words.push(`-u ${shell.quote(pair)}`);
      continue;
    }
    words.push(`-H ${value === '' ? shell.quote(`${name};`) : shell.quote(`${name}: ${value}`, 'latin1')}`);
  }
  if (!present.has('accept')) words.push("-H 'Accept:'");
  if (data !== undefined && !present.has('content-type')) words.push("-H 'Content-Type:'");
  words.push(...(data?.words ?? []));

  const line = words.splice(0, urlAt + 1).join(' ');
  const command = [line, ...words].join(options.oneLine === true ? ' ' : ' \\\n  ');
  const note = body?.truncated === true ? 'the recorded body is cut, so this does not repeat the request exactly' : undefined;
  return {
    text: data?.pipe === undefined ? command : `${data.pipe} | ${command}`,
    variables: shell.variables,
    ...(note === undefined ? {} : { note }),
  };
}

/** `Basic {{basic:clients.main}}`, or with the key of a client `Basic {{basic:users.main:clients.main}}`: curl makes the header from both by itself. */
function basicPair(value: string): string | undefined {
  const [, user, client] = /^Basic \{\{basic:users\.([\w-]+):clients\.([\w-]+)\}\}$/.exec(value) ?? [];
  if (user !== undefined && client !== undefined) return `{{users.${user}.name}}:{{clients.${client}.apiKey}}`;
  const [, owner = '', role = ''] = /^Basic \{\{basic:(clients|users)\.([\w-]+)\}\}$/.exec(value) ?? [];
  if (owner === '') return undefined;
  return owner === 'users' ? `{{users.${role}.name}}:{{users.${role}.password}}` : `{{clients.${role}.id}}:{{clients.${role}.secret}}`;
}

interface BodyWords {
  readonly words: readonly string[];
  /** A command whose output is the body. */
  readonly pipe?: string;
  /** True when curl adds the form content type by itself. */
  readonly implied: boolean;
}

function bodyWords(body: NonNullable<RecordedRequest['body']>, isForm: boolean, shell: Shell): BodyWords {
  if (body.text === undefined) {
    return { words: ['--data-binary @-'], pipe: `printf %s ${shell.quote(body.base64 ?? '')} | base64 -d`, implied: true };
  }
  const text = body.text;
  if (isControlled(text)) return { words: ['--data-binary @-'], pipe: shell.printf(text), implied: true };
  if (isForm && hasPlaceholder(text)) return { words: formWords(text, shell), implied: true };
  return { words: [`--data-raw ${shell.quote(text)}`], implied: true };
}

/** Pairs with a secret are encoded by curl, from its plain value; all others go out as they were sent. */
function formWords(text: string, shell: Shell): string[] {
  return text.split('&').map((pair) => {
    if (!hasPlaceholder(pair)) return `--data-raw ${shell.quote(pair)}`;
    const at = pair.indexOf('=');
    const name = at === -1 ? '' : pair.slice(0, at);
    const value = at === -1 ? pair : pair.slice(at + 1);
    if (hasPlaceholder(name)) return `--data-raw ${shell.quote(pair)}`;
    return `--data-urlencode ${shell.quote(`${name}=${decodeAround(value)}`)}`;
  });
}

function decodeAround(value: string): string {
  return value
    .split(placeholder)
    .map((part) => (placeholderAlone.test(part) ? part : decodeForm(part)))
    .join('');
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function rawCommand(request: RecordedRequest, url: URL | undefined, shell: Shell): CurlCommand {
  const host = url?.hostname ?? 'HOST';
  const isTls = url?.protocol === 'https:';
  const port = url?.port === undefined || url.port === '' ? (isTls ? '443' : '80') : url.port;
  const sender = isTls
    ? `openssl s_client -quiet -connect ${shell.quote(`${host}:${port}`)} -servername ${shell.quote(host)}`
    : `nc -w 10 ${shell.quote(host)} ${port}`;
  const body = request.body;
  const bytes = body?.text === undefined ? `printf %s ${shell.quote(body?.base64 ?? '')} | base64 -d` : shell.printf(body.text);
  return {
    text: `${bytes} | ${sender}`,
    variables: shell.variables,
    note:
      body?.truncated === true
        ? 'the recorded bytes are cut, so this does not repeat the request exactly'
        : 'sent as raw bytes, since no HTTP client sends such a request',
  };
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(withoutPlaceholders(text));
  } catch {
    return undefined;
  }
}

/** `{{users.main.password}}`, `{{token:main#2 len=781}}`, `{{clients.main.basic b64 len=40}}`. */
const placeholder = /(\{\{[A-Za-z][^{}\n]{0,120}\}\})/;
const placeholderAlone = /^\{\{[A-Za-z][^{}\n]{0,120}\}\}$/;

function hasPlaceholder(text: string): boolean {
  return placeholder.test(text);
}

function withoutPlaceholders(text: string): string {
  return text
    .split(placeholder)
    .map((part) => (placeholderAlone.test(part) ? 'x' : part))
    .join('');
}

/** True when the text holds anything that cannot be seen when pasted; tabs and line feeds are fine inside quotes. */
function isControlled(text: string): boolean {
  return hasHostile(text.replace(/[\t\n]/g, ''));
}

/** Quotes words for `sh`, and remembers which variables they use. */
class Shell {
  readonly variables: string[] = [];
  readonly #names = new Map<string, string>();

  /** One shell word. `latin1`: characters up to U+00FF stand for bytes, as in recorded header values. */
  quote(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const parts = text.split(placeholder).filter((part) => part !== '');
    if (isControlled(withoutPlaceholders(text)) || (encoding === 'latin1' && /[^\x00-\x7f]/.test(withoutPlaceholders(text)))) {
      return `"$(${this.printf(text, encoding)})"`;
    }
    if (parts.length === 0) return "''";
    if (!parts.some((part) => placeholderAlone.test(part))) return single(text);
    const simple = parts.every((part) => placeholderAlone.test(part) || /^[^"$`\\!]*$/.test(part));
    if (simple) return `"${parts.map((part, index) => this.#inQuotes(part, parts[index + 1])).join('')}"`;
    return parts.map((part) => (placeholderAlone.test(part) ? `"$${this.#variable(part)}"` : single(part))).join('');
  }

  /** A printf command that writes the text byte for byte. */
  printf(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const parts = text.split(placeholder).filter((part) => part !== '');
    const format = parts.map((part) => (placeholderAlone.test(part) ? '%s' : printfFormat(part, encoding))).join('');
    const values = parts.filter((part) => placeholderAlone.test(part)).map((part) => ` "$${this.#variable(part)}"`);
    // A format that begins with a hyphen would be taken for an option.
    return `printf ${single(format.replace(/^-/, '\\055'))}${values.join('')}`;
  }

  #inQuotes(part: string, next: string | undefined): string {
    if (!placeholderAlone.test(part)) return part;
    const name = this.#variable(part);
    return next !== undefined && /^\w/.test(next) ? `\${${name}}` : `$${name}`;
  }

  #variable(part: string): string {
    const known = this.#names.get(part);
    if (known !== undefined) return known;
    const base = variableName(part);
    let name = base;
    for (let index = 2; this.variables.includes(name); index += 1) name = `${base}_${index}`;
    this.#names.set(part, name);
    this.variables.push(name);
    return name;
  }
}

/** `{{users.main.password}}` → `DAC_USERS_MAIN_PASSWORD`; any token → `TOKEN`; a remark such as `b64` is kept, since the value differs. */
export function variableName(part: string): string {
  const [label = '', ...remarks] = part.replace(/^\{\{|\}\}$/g, '').split(' ');
  const remark = remarks.filter((one) => !one.startsWith('len=')).join('_');
  const name = /^(?:token|access_token|refresh_token|jwt)\b/.test(label) ? 'TOKEN' : `DAC_${label.replace(/#.*$/, '')}`;
  return `${name}_${remark}`
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase();
}

function single(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function printfFormat(text: string, encoding: 'utf8' | 'latin1'): string {
  let format = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '%') format += '%%';
    else if (character === '\\') format += '\\\\';
    else if (character === '\r') format += '\\r';
    else if (character === '\n') format += '\\n';
    else if (character === '\t') format += '\\t';
    else if (code < 0x20 || code === 0x7f) format += octal(code);
    else if (code < 0x80) format += character;
    else if (encoding === 'latin1' && code < 0x100) format += octal(code);
    else format += [...new TextEncoder().encode(character)].map(octal).join('');
  }
  return format;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
