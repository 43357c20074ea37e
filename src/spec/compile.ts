/**
 * Files of authors in, catalogue out: clauses, profiles and cases, expanded and checked, with every problem of every file told at once.
 *
 * @module
 */
import type { Catalogue, CatalogueCase, Clause, Profile, RegisterDocument } from '../model/catalogue.ts';
import { clausesSchema, type ClauseFile } from '../model/clause.ts';
import { profileSchema, type ProfileFile } from '../model/profile.ts';
import { specSchema, type SpecFile } from '../model/spec.ts';
import type { Diagnostic } from '../support/error.ts';
import { escapeToken } from '../support/pointer.ts';
import { didYouMean } from '../support/suggest.ts';
import { AuthorFile } from './author.ts';
import { compileCases } from './case.ts';
import { checkVersions, type ClauseRegister } from './check.ts';
import { Problems, specError } from './diagnose.ts';
import { digestOf } from './digest.ts';
import { loadGuards, type Guards } from './guards.ts';
import { compileProfile } from './profile.ts';
import { readYaml } from './read.ts';
import { coverage, type DocumentCoverage } from './register.ts';

/** One file of an author. The path is shown in messages; its last part is part of the addresses. */
export interface SpecSource {
  readonly path: string;
  readonly text: string;
}

export interface CompileOptions {
  /** What the files add to: their cases may use its profiles, fixtures and clauses. */
  readonly base?: Catalogue;
  /** Cases of a profile of the base that was loaded without them: their addresses are taken. */
  readonly casesOf?: (profile: string) => readonly CatalogueCase[];
  readonly guards?: Guards;
}

/**
 * Compiles files to a catalogue, `base` included.
 *
 * @throws SpecError with every problem of every file.
 */
export async function compile(sources: readonly SpecSource[], options: CompileOptions = {}): Promise<Catalogue> {
  const compiler = new Compiler(options, options.guards ?? (await loadGuards()));
  for (const source of sources.toSorted((a, b) => compareText(a.path, b.path))) await compiler.read(source);
  const catalogue = await compiler.compile();
  if (compiler.diagnostics.length > 0) throw specError(compiler.diagnostics);
  return catalogue;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type FileKind = 'spec' | 'profile' | 'clauses';

/** A folder called `clauses` and a file called `profile.yaml` say what they are; elsewhere the keys tell. */
function kindOf(path: string, data: unknown): FileKind {
  const parts = path.split(/[/\\]/);
  if (/^profile\.ya?ml$/.test(parts.at(-1) ?? '')) return 'profile';
  if (parts.at(-2) === 'clauses') return 'clauses';
  if (typeof data !== 'object' || data === null) return 'spec';
  if ('document' in data && 'clauses' in data) return 'clauses';
  return ['surfaces', 'authorities', 'product', 'extends', 'fixtures'].some((key) => key in data) ? 'profile' : 'spec';
}

function stemOf(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? '').replace(/\.ya?ml$/, '');
}

class Compiler {
  readonly diagnostics: Diagnostic[] = [];
  readonly #guards: Guards;
  readonly #base: Catalogue | undefined;
  readonly #casesOf: NonNullable<CompileOptions['casesOf']>;
  readonly #clauseFiles: AuthorFile<ClauseFile>[] = [];
  readonly #profileFiles: AuthorFile<ProfileFile>[] = [];
  readonly #specFiles: AuthorFile<SpecFile>[] = [];
  readonly #clauses: Map<string, Clause>;
  readonly #documents: Map<string, RegisterDocument>;
  readonly #profiles: Map<string, Profile>;
  readonly #addresses: Map<string, string>;
  /** Profiles and documents whose files cannot be read: to name them is not a mistake of who names them. */
  readonly #unreadable = new Set<string>();
  #isWhole = true;

  constructor({ base, casesOf }: CompileOptions, guards: Guards) {
    this.#base = base;
    this.#casesOf = casesOf ?? (() => []);
    this.#guards = guards;
    this.#clauses = new Map(Object.entries(base?.clauses ?? {}));
    this.#documents = new Map(Object.entries(base?.documents ?? {}));
    this.#profiles = new Map(Object.entries(base?.profiles ?? {}));
    this.#addresses = new Map((base?.cases ?? []).map((one) => [one.address, one.file]));
  }

  /** Reads one file and checks its shape. */
  async read({ path, text }: SpecSource): Promise<void> {
    const { documents, diagnostics } = await readYaml(text, path);
    this.diagnostics.push(...diagnostics);
    const [document, second] = documents;
    const kind = kindOf(path, document?.data);
    if (document === undefined) {
      if (diagnostics.length === 0) this.diagnostics.push({ place: { file: path, line: 1, column: 1 }, message: 'the file is empty' });
      this.#unreadable.add(stemOf(path));
      this.#isWhole = false;
      return;
    }
    const problems = new Problems(document);
    if (second !== undefined) problems.at('', 'the file holds several YAML documents, expected one');
    const { data } = document;
    if (kind === 'spec' && this.#guards.spec(data)) this.#specFiles.push(new AuthorFile(document, data, problems));
    else if (kind === 'profile' && this.#guards.profile(data)) this.#profileFiles.push(new AuthorFile(document, data, problems));
    else if (kind === 'clauses' && this.#guards.clauses(data)) this.#clauseFiles.push(new AuthorFile(document, data, problems));
    else {
      const schema = { spec: specSchema, profile: profileSchema, clauses: clausesSchema }[kind];
      problems.shape(schema, this.#guards[kind].errors ?? []);
      this.diagnostics.push(...problems.diagnostics);
      this.#isWhole = false;
      const named = (data ?? {}) as { profile?: unknown; document?: unknown };
      if (kind === 'profile') this.#unreadable.add(String(named.profile));
      if (kind === 'clauses') this.#unreadable.add(String(named.document));
    }
  }

  /** Compiles what has been read. The result is good only if there are no diagnostics. */
  async compile(): Promise<Catalogue> {
    for (const file of this.#clauseFiles) this.#addClauses(file);
    const register = { clauses: this.#clauses, unreadable: this.#unreadable };
    for (const file of this.#inOrderOfExtension()) await this.#addProfile(file, register);
    for (const profile of new Set(this.#specFiles.map(({ data }) => data.profile)))
      for (const { address, file } of this.#casesOf(profile)) this.#addresses.set(address, file);
    const cases = this.#specFiles.flatMap((file) => this.#addCases(file));
    if (this.#isWhole) for (const file of this.#profileFiles) this.#checkFlows(file);
    const registers = this.#clauseFiles.filter(({ data }) => data.register).map(({ data }) => data.document);
    const content: Omit<Catalogue, 'digest'> = {
      documents: Object.fromEntries(this.#documents),
      clauses: Object.fromEntries(this.#clauses),
      profiles: Object.fromEntries(this.#profiles),
      cases: [...(this.#base?.cases ?? []), ...cases],
      registers: [...(this.#base?.registers ?? []), ...registers],
    };
    const files = [...this.#clauseFiles, ...this.#profileFiles, ...this.#specFiles];
    // On top of a base only what is new is hashed: hashing the shipped catalogue again would cost a short run 60 ms.
    const own =
      this.#base === undefined ? content : { base: this.#base.digest, sources: files.map(({ name, data }) => [stemOf(name), data]) };
    const catalogue: Catalogue = { digest: digestOf(own), ...content };
    // Whether a register is covered can be told only when every file could be read.
    if (this.#isWhole && this.#clauseFiles.length > 0) {
      // The cases of the base cannot cite a document that it does not know.
      const { documents } = coverage({ ...catalogue, cases });
      for (const file of this.#clauseFiles) checkRegister(file, documents);
    }
    this.diagnostics.push(...files.flatMap(({ problems }) => problems.diagnostics));
    return catalogue;
  }

  #checkFlows({ data, problems }: AuthorFile<ProfileFile>): void {
    for (const [step, address] of Object.entries(data.flows ?? {})) {
      const full = `${data.profile}/${address}`;
      if (this.#addresses.has(full)) continue;
      problems.at(`/flows/${escapeToken(step)}`, `there is no case ${full}.${didYouMean(full, [...this.#addresses.keys()])}`);
    }
  }

  #addClauses(file: AuthorFile<ClauseFile>): void {
    const { document, title, url, updated, witness, products, clauses } = file.data;
    if (this.#documents.has(document)) file.problems.at('/document', `document "${document}" already has a register`);
    this.#documents.set(document, { title, witness, ...definedOnly({ url, updated }) });
    for (const [index, { id: name, url: link, ...spec }] of clauses.entries()) {
      const pointer = `/clauses/${index}`;
      const id = `${document}/${name}`;
      if (this.#clauses.has(id)) file.problems.at(`${pointer}/id`, `clause ${name} stands twice in ${document}`);
      checkVersions(spec.when, `${pointer}/when`, file);
      const absolute = link?.startsWith('#') && url !== undefined ? url + link : (link ?? url);
      this.#clauses.set(id, { id, document, witness, ...spec, ...definedOnly({ products, url: absolute }) });
    }
  }

  /** Each profile after the one that it extends; one that extends itself is diagnosed and left out. */
  #inOrderOfExtension(): AuthorFile<ProfileFile>[] {
    const ordered: AuthorFile<ProfileFile>[] = [];
    let waiting = this.#profileFiles;
    while (waiting.length > 0) {
      const names = new Set(waiting.map(({ data }) => data.profile));
      const ready = waiting.filter(({ data }) => data.extends === undefined || !names.has(data.extends));
      if (ready.length === 0) break;
      ordered.push(...ready);
      waiting = waiting.filter((file) => !ready.includes(file));
    }
    for (const file of waiting) {
      file.problems.at('/extends', `profile ${file.data.profile} extends itself, by way of ${file.data.extends}`);
      this.#unreadable.add(file.data.profile);
    }
    return ordered;
  }

  async #addProfile(file: AuthorFile<ProfileFile>, register: ClauseRegister): Promise<void> {
    const { profile: name, extends: base } = file.data;
    if (this.#profiles.has(name)) file.problems.at('/profile', `profile "${name}" is already defined`);
    if (base !== undefined && !this.#profiles.has(base)) {
      if (!this.#unreadable.has(base)) file.unknown('/extends', 'profile', base, this.#profileNames());
      this.#unreadable.add(name);
      return;
    }
    const profile = await compileProfile(file, register, this.#profiles);
    if (profile === undefined) this.#unreadable.add(name);
    else this.#profiles.set(name, profile);
  }

  #profileNames(): Set<string> {
    return new Set([...this.#profiles.keys(), ...this.#profileFiles.map(({ data }) => data.profile)]);
  }

  #addCases(file: AuthorFile<SpecFile>): CatalogueCase[] {
    const { profile: name } = file.data;
    const stem = stemOf(file.name);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) {
      file.problems.at('', `the file name "${stem}" becomes part of addresses; it must be lower-case words and digits joined by hyphens`);
    }
    const profile = this.#profiles.get(name);
    if (profile === undefined) {
      if (!this.#unreadable.has(name)) file.unknown('/profile', 'profile', name, this.#profileNames());
      this.#isWhole = false;
      return [];
    }
    const cases = compileCases(file, stem, {
      profile,
      profiles: this.#profiles,
      register: { clauses: this.#clauses, unreadable: this.#unreadable },
    });
    for (const { address } of cases) {
      const owner = this.#addresses.get(address);
      const written = address.split('/')[profile.name.split('/').length + 1] ?? '';
      if (owner !== undefined) {
        file.problems.atKey(`/cases/${written}`, `case ${address} is already defined in ${owner}; rename the case or the file`);
      }
      this.#addresses.set(address, file.name);
    }
    return cases;
  }
}

/** Says which clauses of a register have neither check nor exclusion, or both. */
function checkRegister(file: AuthorFile<ClauseFile>, documents: readonly DocumentCoverage[]): void {
  const { document, register = false, clauses } = file.data;
  const covered = new Map(documents.find((one) => one.document === document)?.clauses.map((one) => [one.id, one]));
  for (const [index, { id }] of clauses.entries()) {
    const clause = covered.get(`${document}/${id}`);
    const pointer = `/clauses/${index}/id`;
    if (clause?.excluded !== undefined && clause.checks.length > 0) {
      file.problems.at(pointer, `clause ${id} is excluded, yet ${clause.checks[0]} verifies it; remove the exclusion or the citation`);
    }
    if (register && clause?.state === 'uncovered') {
      file.problems.at(pointer, `clause ${id} has neither a check that cites it nor "excluded" with a reason`);
    }
  }
}

/** A copy without the members that are undefined. */
function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
