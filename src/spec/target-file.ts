/**
 * Target files: checked, with `${env:NAME}` and `${file:PATH}` filled in. Messages never show a value that may be secret.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { targetSchema, type Target, type TargetFile } from '../model/target.ts';
import type { Diagnostic } from '../support/error.ts';
import { escapeToken, readPointer } from '../support/pointer.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import { Problems, specError } from './diagnose.ts';
import { readSource, reasonOf } from './files.ts';
import { loadGuards, type Guards } from './guards.ts';
import { readYaml, type YamlDocument } from './read.ts';

/** A value that must not appear in any output. */
export interface LabelledSecret {
  /** Key of the target file, e.g. `users.main.password`. */
  readonly label: string;
  readonly value: string;
}

export interface TargetFileResult {
  /** One per YAML document, in their order. */
  readonly targets: readonly Target[];
  readonly secrets: readonly LabelledSecret[];
}

export interface TargetFileOptions {
  /** Names of the profiles that exist. */
  readonly profiles: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly guards?: Guards;
}

/**
 * Reads a target file.
 *
 * @throws SpecError with every problem of the file; UsageError when it cannot be read.
 */
export async function readTargetFile(path: string, options: TargetFileOptions): Promise<TargetFileResult> {
  const { text } = readSource(path);
  return parseTargets(text, path, options);
}

/** The same for a text; `${file:PATH}` is relative to the folder of `path`. */
export async function parseTargets(text: string, path: string, options: TargetFileOptions): Promise<TargetFileResult> {
  const guards = options.guards ?? (await loadGuards());
  const { documents, diagnostics: unreadable } = await readYaml(text, path, { isSecret: true });
  const diagnostics: Diagnostic[] = [...unreadable];
  const targets: Target[] = [];
  const secrets: LabelledSecret[] = [];
  if (documents.length === 0 && unreadable.length === 0) {
    diagnostics.push({
      place: { file: path, line: 1, column: 1 },
      message: 'the file is empty; a target has at least "profile" and "baseUrl"',
    });
  }
  for (const document of documents) {
    const reader = new TargetReader(document, options, guards);
    const target = await reader.read();
    diagnostics.push(...reader.problems.diagnostics);
    secrets.push(...reader.secrets);
    if (target !== undefined) targets.push(target);
  }
  if (diagnostics.length > 0) throw specError(diagnostics);
  return { targets: nameApart(targets), secrets };
}

/** Keys whose values are secret. */
const secretKeys: readonly RegExp[] = [
  /^\/clients\/[^/]+\/(secret|apiKey)$/,
  /^\/users\/[^/]+\/password$/,
  /^\/tokens\/[^/]+$/,
  /^\/headers\/[^/]+$/,
  /^\/tls\/key$/,
];

/** Keys whose values messages may show. Every other value could be a secret under a misspelt key. */
const harmlessKeys: readonly RegExp[] = [
  /^\/(name|version|drupal|baseUrl)$/,
  /^\/(profile|content|paths|graphql|expiry|limits|waivers)(\/|$)/,
  /^\/clients\/[^/]+\/(id|applicationId|auth|scope|grants(\/\d+)?|lifetimeSeconds|actsAs|redirectUri)$/,
  /^\/users\/[^/]+\/(name|id|mail)$/,
  /^\/tls\/(ca|cert|insecure)$/,
];

function mayBeSecret(pointer: string, value: unknown): boolean {
  const hasCredentials = typeof value === 'string' && /:\/\/[^/]*@/.test(value);
  return hasCredentials || !harmlessKeys.some((pattern) => pattern.test(pointer));
}

class TargetReader {
  readonly problems: Problems;
  readonly secrets: LabelledSecret[] = [];
  readonly #document: YamlDocument;
  readonly #options: TargetFileOptions;
  readonly #guards: Guards;
  /** Values that came from outside the file: never shown, whatever their key. */
  readonly #substituted = new Set<string>();

  constructor(document: YamlDocument, options: TargetFileOptions, guards: Guards) {
    this.#document = document;
    this.#options = options;
    this.#guards = guards;
    this.problems = new Problems(document, {
      isSecret: (pointer) => mayBeSecret(pointer, valueAt(document, pointer)) || this.#substituted.has(pointer),
      maskLine: maskLines(document),
    });
  }

  async read(): Promise<Target | undefined> {
    const data = await this.#substitute(this.#document.data, '', targetSchema as SchemaPart);
    if (this.problems.diagnostics.length > 0) return undefined;
    if (!this.#guards.target(data)) {
      this.problems.shape(targetSchema, this.#guards.target.errors ?? []);
      return undefined;
    }
    const baseUrl = this.#checkUrl(data.baseUrl, '/baseUrl', 'baseUrl');
    if (data.expiry?.control !== undefined) this.#checkUrl(data.expiry.control, '/expiry/control', 'control');
    this.#checkProfiles(data.profile);
    this.#checkHeaders(data.headers ?? {});
    if (this.problems.diagnostics.length > 0 || baseUrl === undefined) return undefined;
    this.#collectSecrets(data, '');
    const { profile, name, ...rest } = data;
    return {
      ...rest,
      name: name ?? new URL(baseUrl).host,
      baseUrl,
      profiles: typeof profile === 'string' ? [profile] : [...new Set(profile)],
      file: this.#document.file,
    };
  }

  // ── substitution ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async #substitute(value: unknown, pointer: string, schema: SchemaPart | undefined): Promise<unknown> {
    if (typeof value === 'string') return this.#substituteText(value, pointer, schema);
    if (Array.isArray(value)) {
      return Promise.all(value.map((item, index) => this.#substitute(item, `${pointer}/${index}`, schema?.items)));
    }
    if (typeof value !== 'object' || value === null) return value;
    const members: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value)) {
      const part =
        schema?.properties?.[name] ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined);
      members.push([name, await this.#substitute(member, `${pointer}/${escapeToken(name)}`, part)]);
    }
    return Object.fromEntries(members);
  }

  async #substituteText(text: string, pointer: string, schema: SchemaPart | undefined): Promise<unknown> {
    if (!text.includes('${')) return text;
    let result = '';
    let at = 0;
    for (const match of text.matchAll(/\$?\$\{([^}]*)(\}?)/g)) {
      const [whole, reference = '', close] = match;
      result += text.slice(at, match.index);
      at = match.index + whole.length;
      if (whole.startsWith('$$')) {
        result += whole.slice(1);
        continue;
      }
      const value = await this.#resolve(reference.trim(), whole, close === '}', pointer);
      if (value === undefined) return text;
      result += value;
    }
    this.#substituted.add(pointer);
    result += text.slice(at);
    return convert(result, schema?.type);
  }

  async #resolve(reference: string, whole: string, isClosed: boolean, pointer: string): Promise<string | undefined> {
    const key = keyOf(pointer);
    const [, kind, name = ''] = /^(env|file):(.*)$/.exec(reference) ?? [];
    if (kind === undefined || name === '' || !isClosed) {
      // Half of a password may look like a reference: it is not repeated where it may be one.
      const found = mayBeSecret(pointer, '') ? '"${"' : `"${whole}"`;
      this.problems.at(pointer, `${key} has ${found}, which is neither \${env:NAME} nor \${file:PATH}; a literal "\${" is written "$\${"`);
      return undefined;
    }
    if (kind === 'env') {
      const value = (this.#options.env ?? process.env)[name];
      if (value === undefined || value === '') {
        const state = value === undefined ? 'not set' : 'empty';
        this.problems.within(pointer, whole, `${key} needs the environment variable ${name}, which is ${state}`);
        return undefined;
      }
      return value;
    }
    try {
      const text = await readFile(resolve(dirname(this.#document.file), name), 'utf8');
      return text.replace(/\r?\n$/, '');
    } catch (error) {
      this.problems.within(pointer, whole, `${key} needs the file "${name}": ${reasonOf(error as NodeJS.ErrnoException)}`);
      return undefined;
    }
  }

  // ── meaning ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #checkUrl(text: string, pointer: string, label: string): string | undefined {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const shown = this.#substituted.has(pointer) ? '' : `, found "${text}"`;
    if (url === undefined) this.problems.at(pointer, `${label} must be an absolute URL such as https://example.org/drupal${shown}`);
    else if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      this.problems.at(pointer, `${label} must begin with http:// or https://, found "${url.protocol}//"`);
    } else if (url.username !== '' || url.password !== '') {
      this.problems.at(pointer, `${label} must hold no user name or password; put an Authorization header under "headers"`);
    } else if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
      this.problems.at(pointer, `${label} must have no query and no fragment${shown}`);
    } else return url.href.replace(/\/+$/, '');
    return undefined;
  }

  #checkProfiles(profile: TargetFile['profile']): void {
    const names = typeof profile === 'string' ? [profile] : profile;
    const known = this.#options.profiles;
    for (const [index, name] of names.entries()) {
      const pointer = typeof profile === 'string' ? '/profile' : `/profile/${index}`;
      if (known.includes(name)) continue;
      this.problems.at(pointer, `unknown profile "${name}".${didYouMean(name, known) || ` Profiles are ${listOf([...known], 'and')}`}`);
    }
    const products = names.filter((name) => known.includes(name) && productPattern.test(name));
    const [first, second] = products;
    if (first === undefined || second === undefined) return;
    this.problems.at(
      '/profile',
      `profile names two products, ${first} and ${second}; write each as a YAML document of its own, separated by "---"`,
    );
  }

  #checkHeaders(headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      const pointer = `/headers/${escapeToken(name)}`;
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) this.problems.atKey(pointer, `"${name}" cannot be the name of a header`);
      // eslint-disable-next-line no-control-regex
      if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
        this.problems.at(pointer, `the value of header ${name} has a line break or a control character`);
    }
  }

  #collectSecrets(value: unknown, pointer: string): void {
    if (typeof value === 'string') {
      if (value !== '' && secretKeys.some((pattern) => pattern.test(pointer))) {
        this.secrets.push({ label: keyOf(pointer), value });
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) this.#collectSecrets(member, `${pointer}/${escapeToken(name)}`);
    }
  }
}

/** The part of JSON Schema that conversion follows. */
interface SchemaPart {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: boolean | SchemaPart;
  readonly items?: SchemaPart;
}

/** Profiles that describe a product; the others may stand beside one. */
const productPattern = /^(miniorange\/|simple-oauth$|oauth-server$)/;

function keyOf(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/** Where the schema wants a number or a boolean, a text from outside is read as one. */
function convert(text: string, type: string | undefined): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}

/** Source lines of a document with its secrets blotted out; references such as `${env:NAME}` stay. */
function maskLines(document: YamlDocument): (line: number, text: string) => string {
  const isReference = (source: string) => /^["']?\$\{(env|file):[^}]*\}["']?$/.test(source);
  const hidden = [...secretScalars(document.data, '')].filter((pointer) => !isReference(document.sourceOf(pointer) ?? ''));
  const spans = hidden.flatMap((pointer) => document.spansOf(pointer));
  return (line, text) =>
    spans
      .filter((span) => span.line === line)
      .reduce((masked, { column, length }) => masked.slice(0, column - 1) + '*'.repeat(length) + masked.slice(column - 1 + length), text);
}

function valueAt({ data }: YamlDocument, pointer: string): unknown {
  const read = readPointer(data, pointer);
  return read.found ? read.value : undefined;
}

function* secretScalars(value: unknown, pointer: string): Generator<string> {
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) yield* secretScalars(member, `${pointer}/${escapeToken(name)}`);
  } else if (value !== null && mayBeSecret(pointer, value)) yield pointer;
}

/** Targets without a name are called after their host; namesakes after their profile too, and then by number. */
export function nameApart(targets: readonly Target[]): Target[] {
  const named = targets.map((target) => {
    const isAlone = targets.filter(({ name }) => name === target.name).length === 1;
    return isAlone ? target : { ...target, name: `${target.name} (${target.profiles.join(', ')})` };
  });
  return named.map((target, index) => {
    const earlier = named.slice(0, index).filter(({ name }) => name === target.name).length;
    return earlier === 0 ? target : { ...target, name: `${target.name} ${earlier + 1}` };
  });
}
