/**
 * Holds the house in shape: which folder may import which, who may print, exit, read a clock or roll dice. The tables are the rule;
 * a failure names the line, the rule and the way out.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const allBelowCli = [
  'support',
  'model',
  'generated',
  'spec',
  'transport',
  'judge',
  'redact',
  'run',
  'report',
  'compare',
  'export',
  'doctor',
  'provision',
].map((name) => `src/${name}`);

/** Folder → folders that it may import beside itself, lowest layer first. A folder that is not listed here fails the test. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/generated': ['src/model'],
  'src/support': [],
  'src/model': ['src/support'],

  'src/redact': ['src/support', 'src/model'],
  'src/judge': ['src/support', 'src/model'],
  'src/transport': ['src/support', 'src/model'],
  'src/spec': ['src/support', 'src/model', 'src/generated'],

  'src/run': ['src/support', 'src/model', 'src/generated', 'src/spec', 'src/transport', 'src/judge', 'src/redact'],

  'src/report': ['src/support', 'src/model', 'src/generated', 'src/judge', 'src/redact'],
  'src/compare': ['src/support', 'src/model', 'src/generated', 'src/judge'],
  'src/export': ['src/support', 'src/model', 'src/spec', 'src/judge'],
  'src/doctor': ['src/support', 'src/model', 'src/generated', 'src/spec', 'src/transport', 'src/judge', 'src/redact', 'src/run'],
  'src/provision': ['src/support'],

  'mock-server': ['src/support', 'src/model'],
  // The public entries (src/index.ts and its siblings).
  src: allBelowCli,
  'src/cli': [...allBelowCli, 'src', 'mock-server'],
};

/** The same inside the mock: products know the site, adapters and the control API know products. */
const mockMayImport: Readonly<Record<string, readonly string[]>> = {
  'mock-server/products': ['mock-server'],
  'mock-server/mutants': ['mock-server', 'mock-server/products'],
  'mock-server/adapters': ['mock-server', 'mock-server/products', 'mock-server/mutants'],
};

interface Ban {
  readonly name: string;
  readonly what: RegExp;
  readonly where: (file: string) => boolean;
  readonly because: string;
}

const isPure = (file: string): boolean => /^src\/(judge|compare|export)\//.test(file);
const isMockCore = (file: string): boolean => /^mock-server\/(?!adapters\/|index\.ts$)/.test(file);

const bans: readonly Ban[] = [
  {
    name: 'printing or signalling outside src/cli',
    what: /\bconsole\s*\.|\bprocess\s*\.\s*(stdout|stderr|kill|abort)\b/,
    where: (file) => !file.startsWith('src/cli/'),
    because: 'only src/cli prints and signals; return the text, or take a `write` function',
  },
  {
    name: 'ending of the process outside src/cli/main.ts',
    what: /\bprocess\s*\.\s*(exit|exitCode)\b/,
    where: (file) => file !== 'src/cli/main.ts',
    because: 'only src/cli/main.ts ends the process; throw one of the errors of src/support/error.ts, or return the code',
  },
  {
    name: 'clock or dice in the pure folders or the core of the mock',
    what: /\bDate\s*\.\s*now\b|\bnew Date\s*(\(\s*\)|(?![\w\s(.]))|\bperformance\s*\.\s*now\b|\bMath\s*\.\s*random\b|\brandom(Bytes|UUID|Int)\b|\bgetRandomValues\b/,
    where: (file) => isPure(file) || isMockCore(file),
    because: 'time and chance are passed in here, so that a run can be repeated',
  },
  {
    name: 'timer in the pure folders or the core of the mock',
    what: /\bset(Timeout|Interval|Immediate)\b/,
    where: (file) => isPure(file) || isMockCore(file),
    because: 'nothing waits here; waiting belongs to an adapter or to the runner',
  },
];

/** Packages that cost a start more than they give it. They come by import(), where they are used. */
const heavyPackages = ['@faker-js/faker', 'ajv', 'ajv-formats', 'commander', 'eta', 'graphql', 'jose', 'msw', 'vitest', 'yaml'];

/** Entry → heavy packages that its static imports may reach. */
const staticReach: Readonly<Record<string, readonly string[]>> = {
  'src/cli/main.ts': [],
  'src/cli/commands/run.ts': [],
  'src/index.ts': [],
  'mock-server/index.ts': [],
};

/** Builtins that reach the world outside; the pure folders and the core of the mock have no use for them. */
const worldly = /^node:(fs|net|tls|http|https|http2|dns|dgram|child_process|cluster|worker_threads|os|readline|timers|process)(\/|$)/;

interface ImportLine {
  readonly line: number;
  readonly specifier: string;
  readonly kind: 'static' | 'type' | 'dynamic';
  /** File in the repository, for a relative specifier. */
  readonly target?: string;
}

interface Source {
  readonly file: string;
  readonly imports: readonly ImportLine[];
  /** Without comments and types. */
  readonly code: string;
}

const sources = readSources(['src', 'mock-server']);
const byFile = new Map(sources.map((source) => [source.file, source]));

describe('architecture', () => {
  it('finds the sources it is about', () => {
    expect(byFile.has('src/cli/main.ts')).toBe(true);
    expect(sources.some((source) => source.imports.length > 0)).toBe(true);
  });

  it('lets imports point only along the arrows of the table', () => {
    const slips = sources.flatMap(({ file, imports }) =>
      imports.flatMap(({ line, target }) => {
        if (target === undefined) return [];
        const [from, to] = [folderOf(file), folderOf(target)];
        const allowed = mayImport[from];
        if (allowed === undefined)
          return [`${file}:${line}: folder ${from} has no row in the table of this test; decide which layer it belongs to`];
        if (from === to || allowed.includes(to)) return [];
        return [`${file}:${line}: imports ${target}; ${from} may import only itself${allowed.map((name) => `, ${name}`).join('')}`];
      }),
    );
    expect(slips).toEqual([]);
  });

  it('keeps the products of the mock apart from its adapters', () => {
    const part = (file: string): string => Object.keys(mockMayImport).find((folder) => file.startsWith(`${folder}/`)) ?? folderOf(file);
    const slips = sources.flatMap(({ file, imports }) =>
      imports.flatMap(({ line, target }) => {
        const allowed = mockMayImport[part(file)];
        if (target === undefined || allowed === undefined || !target.startsWith('mock-server/')) return [];
        if (part(target) === part(file) || allowed.includes(part(target))) return [];
        return [`${file}:${line}: imports ${target}; ${part(file)} may import only itself, ${allowed.join(', ')}`];
      }),
    );
    expect(slips).toEqual([]);
  });

  it('has no cycle between folders', () => {
    const edges = new Map<string, Set<string>>();
    for (const { file, imports } of sources) {
      for (const { target } of imports) {
        if (target === undefined || folderOf(target) === folderOf(file)) continue;
        const from = folderOf(file);
        edges.set(from, (edges.get(from) ?? new Set()).add(folderOf(target)));
      }
    }
    // The generated guards name the types of the model they check; nothing else looks upwards.
    edges.get('src/generated')?.delete('src/model');
    expect(findCycle(edges)?.join(' → ')).toBeUndefined();
  });

  it('has no cycle of values between files', () => {
    const edges = new Map(
      sources.map(({ file, imports }) => [
        file,
        new Set(imports.flatMap(({ kind, target }) => (kind === 'static' && target !== undefined ? [target] : []))),
      ]),
    );
    expect(findCycle(edges)?.join(' → ')).toBeUndefined();
  });

  it('imports only files that exist, by their full name', () => {
    const slips = sources.flatMap(({ file, imports }) =>
      imports.flatMap(({ line, specifier, target }) => {
        if (target === undefined || target.startsWith('src/generated/')) return [];
        if (byFile.has(target) || /\.(json|eta|css|svg)$/.test(target)) return [];
        return [`${file}:${line}: imports "${specifier}", which is no source file; write the path with its .ts`];
      }),
    );
    expect(slips).toEqual([]);
  });

  it('imports no test from a source', () => {
    const slips = sources.flatMap(({ file, imports }) =>
      imports.flatMap(({ line, specifier }) =>
        /\.test(-d)?\.ts$|(^|\/)suites\/|^vitest$/.test(specifier) && !/^(src|mock-server)\/vitest(\/|\.ts$)/.test(file)
          ? [`${file}:${line}: imports "${specifier}"; what tests need stays in tests`]
          : [],
      ),
    );
    expect(slips).toEqual([]);
  });

  for (const { name, what, where, because } of bans) {
    it(`finds no ${name}`, () => {
      const slips = sources
        .filter(({ file }) => where(file))
        .flatMap(({ file, code }) => {
          const hit = what.exec(code)?.[0];
          return hit === undefined ? [] : [`${place(file, hit)}: uses ${hit}; ${because}`];
        });
      expect(slips).toEqual([]);
    });
  }

  it('keeps the pure folders and the core of the mock away from files, sockets and processes', () => {
    const slips = sources
      .filter(({ file }) => isPure(file) || isMockCore(file))
      .flatMap(({ file, imports }) =>
        imports.flatMap(({ line, specifier, kind }) =>
          kind !== 'type' && worldly.test(specifier) ? [`${file}:${line}: imports ${specifier}; plain data in, plain data out`] : [],
        ),
      );
    expect(slips).toEqual([]);
  });

  for (const [entry, allowed] of Object.entries(staticReach)) {
    it.skipIf(!byFile.has(entry))(`loads no heavy package with ${entry}`, () => {
      const slips = [...reach(entry)].flatMap(([file, chain]) =>
        byFile.get(file)!.imports.flatMap(({ line, kind, specifier }) => {
          const name = heavyPackages.find((heavy) => specifier === heavy || specifier.startsWith(`${heavy}/`));
          if (kind !== 'static' || name === undefined || allowed.includes(name)) return [];
          return [`${file}:${line}: loads ${name} (by ${chain.join(' → ')}); use import() where it is needed`];
        }),
      );
      expect(slips).toEqual([]);
    });
  }
});

describe('the reader of import lines', () => {
  it('sees static, type, side-effect, re-exporting, dynamic and multi-line imports, and no prose', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from './b.ts';",
      "import './c.ts';",
      'import {',
      '  d,',
      "} from './d.ts';",
      "export type { E } from './e.ts';",
      "export * from './f.ts';",
      "const g = await import('./g.ts');",
      "type H = import('./h.ts').H;",
      " * import { i } from './i.ts';",
      "// import('./j.ts')",
    ].join('\n');
    expect(importLines('src/x/y.ts', text).map(({ line, specifier, kind }) => `${line} ${kind} ${specifier}`)).toEqual([
      '1 static ./a.ts',
      '2 type ./b.ts',
      '3 static ./c.ts',
      '4 static ./d.ts',
      '7 type ./e.ts',
      '8 static ./f.ts',
      '9 dynamic ./g.ts',
      '10 dynamic ./h.ts',
    ]);
  });

  it('finds a cycle and names it', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a'])],
    ]);
    expect(findCycle(edges)).toEqual(['a', 'b', 'c', 'a']);
    expect(findCycle(new Map([['a', new Set(['b'])]]))).toBeUndefined();
  });
});

function readSources(folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) =>
      readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => posix.join(folder, name.replaceAll('\\', '/'))),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !/\.test(-d)?\.ts$/.test(file) && !/(^|\/)_[^/]*$/.test(file))
    .filter((file) => !file.startsWith('src/generated/'))
    .sort()
    .map((file) => {
      const text = readFileSync(root + file, 'utf8');
      return { file, imports: importLines(file, text), code: transformSync(text, { loader: 'ts', legalComments: 'none' }).code };
    });
}

function importLines(file: string, text: string): ImportLine[] {
  const patterns: readonly [RegExp, ImportLine['kind']][] = [
    [/^(?:import|export)\s+type\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm, 'type'],
    [/^(?:import|export)\b(?!\s+type\b)[^;'"()=]*?\bfrom\s*['"]([^'"]+)['"]/gm, 'static'],
    [/^import\s*['"]([^'"]+)['"]/gm, 'static'],
    [/^(?!\s*(?:\*|\/\/)).*?\bimport\(\s*['"]([^'"]+)['"]/gm, 'dynamic'],
  ];
  return patterns
    .flatMap(([pattern, kind]) =>
      [...text.matchAll(pattern)].map((match) => {
        const specifier = match[1]!;
        const line = text.slice(0, match.index).split('\n').length;
        return specifier.startsWith('.')
          ? { line, specifier, kind, target: posix.join(dirname(file), specifier) }
          : { line, specifier, kind };
      }),
    )
    .sort((a, b) => a.line - b.line);
}

function folderOf(file: string): string {
  const [top, second, ...rest] = file.split('/');
  return top === 'src' && rest.length > 0 ? `src/${second}` : top!;
}

/** Line of the first occurrence in the source text; comments that hold the same words may come first. */
function place(file: string, words: string): string {
  const lines = readFileSync(root + file, 'utf8').split('\n');
  const index = lines.findIndex((line) => !/^\s*(\*|\/\/|\/\*)/.test(line) && line.includes(words.trim()));
  return index < 0 ? file : `${file}:${index + 1}`;
}

function findCycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const finished = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (finished.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next, [...path, node]);
      if (cycle) return cycle;
    }
    finished.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = walk(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Every file that static imports reach from an entry, with the chain that leads there. */
function reach(entry: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>([[entry, [entry]]]);
  for (const [file, chain] of found) {
    for (const { kind, target } of byFile.get(file)?.imports ?? []) {
      if (kind === 'static' && target !== undefined && byFile.has(target) && !found.has(target)) found.set(target, [...chain, target]);
    }
  }
  return found;
}
