/**
 * Starts the built command as a person would: a process of its own, an empty home, a working folder of its own.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of the built command. `suites/_build.ts` brings it up to date before the first test. */
export const binary = fileURLToPath(new URL('../../dist/bin/main.cjs', import.meta.url));

export interface RunOptions {
  /** Working folder. Default: a new empty one, removed by `dispose`. */
  readonly cwd?: string;
  /** Added to an environment that holds nothing but PATH, HOME, NO_COLOR and a time zone. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is closed after it. Default: closed at once. */
  readonly input?: string;
  /** The process is killed, and the test told, after so long. Default 30. */
  readonly timeoutSeconds?: number;
  /** Flags for node itself. */
  readonly nodeFlags?: readonly string[];
}

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; null if a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Standard output so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the match as soon as standard output (or error output) matches; rejects when the process ends before. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly kill: (signal?: NodeJS.Signals) => void;
}

/** A folder with a home and a place to work in. `await using` or `using` removes it. */
export interface Workshop extends Disposable {
  readonly folder: string;
  readonly home: string;
  /** Writes a file below the folder and returns its path. */
  readonly write: (name: string, text: string) => string;
  readonly read: (name: string) => string;
  /** Every file below the folder, as relative paths, sorted. */
  readonly files: () => string[];
  /** Runs the command here and waits for its end. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Finished>;
  /** Starts the command here; for servers and for runs that are interrupted. */
  readonly start: (args: readonly string[], options?: RunOptions) => Started;
}

/** Makes a workshop in a temporary folder whose path holds a space. */
export function openWorkshop(): Workshop {
  const base = mkdtempSync(join(tmpdir(), 'dac test '));
  const [folder, home] = [join(base, 'work'), join(base, 'home')];
  mkdirSync(folder);
  mkdirSync(home);
  const running = new Set<Started>();
  const start = (args: readonly string[], options: RunOptions = {}): Started => {
    const started = startCommand(args, { cwd: folder, ...options, env: { HOME: home, ...options.env } });
    running.add(started);
    void started.finished.then(() => running.delete(started));
    return started;
  };
  return {
    folder,
    home,
    write: (name, text) => {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort(),
    run: (args, options) => start(args, options).finished,
    start,
    [Symbol.dispose]: () => {
      for (const started of running) started.kill('SIGKILL');
      rmSync(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Runs the command once in an empty workshop. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  using workshop = openWorkshop();
  return await workshop.run(args, options);
}

function startCommand(args: readonly string[], options: RunOptions): Started {
  const { timeoutSeconds = 30, nodeFlags = [], input, env = {} } = options;
  const child = spawn(process.execPath, [...nodeFlags, binary, ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  // A command that does not read its input may close it first.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let isOverdue = false;
  const alarm = setTimeout(() => {
    isOverdue = true;
    child.kill('SIGKILL');
  }, timeoutSeconds * 1000);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(alarm);
      if (isOverdue) {
        reject(new Error(`dac ${args.join(' ')} did not end within ${timeoutSeconds} s.\nstdout:\n${stdout}\nstderr:\n${stderr}`));
      } else resolve({ stdout, stderr, code, signal });
      look();
    });
  });
  // Those who only watch the output must not bring the test run down.
  finished.catch(() => undefined);
  return {
    child,
    finished,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const watcher = (): void => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (match === null && child.exitCode === null && child.signalCode === null) return;
          watchers.delete(watcher);
          if (match !== null) resolve(match);
          else
            reject(new Error(`dac ${args.join(' ')} ended before it printed ${String(pattern)}.\nstdout:\n${stdout}\nstderr:\n${stderr}`));
        };
        watchers.add(watcher);
        watcher();
      }),
    kill: (signal = 'SIGTERM') => void child.kill(signal),
  };
}
