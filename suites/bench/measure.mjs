// Processes timed in turns, and the table of what came out.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/** Rows of the table, printed as they come. A goal is `<= 1.25` or `>= 0.60`; without one the row is there to be looked at. */
export class Table {
  #rows = [];

  note(id, what, goal, value, more = '') {
    const [sign, bound] = goal.split(' ');
    const met = sign === '<=' ? value <= Number(bound) : sign === '>=' ? value >= Number(bound) : undefined;
    const row = {
      id,
      what,
      goal,
      value: value.toFixed(Number.isInteger(value) ? 0 : 2),
      met: met === undefined ? '' : met ? 'met' : 'missed',
      more,
    };
    this.#rows.push(row);
    console.log(
      `${id.padEnd(4)} ${what.padEnd(58)} ${row.value.padStart(8)}  ${goal.padEnd(9)} ${row.met}${more === '' ? '' : `  ${more}`}`,
    );
  }

  write(file) {
    const lines = this.#rows.map(
      ({ id, what, goal, value, met, more }) =>
        `| ${id} | ${what}${more === '' ? '' : ` (${more})`} | ${value} | ${goal.replace('<=', '≤').replace('>=', '≥')} | ${met} |`,
    );
    writeFileSync(file, `| id | what | measured | goal | |\n|---|---|---|---|---|\n${lines.join('\n')}\n`);
  }
}

export class Bench {
  /** Where all that is measured runs and writes. */
  folder;
  rounds;

  constructor(folder, rounds) {
    this.folder = folder;
    this.rounds = rounds;
  }

  /** Wall milliseconds of a process: arguments of Node, or a command line of a peer. */
  measure(args) {
    const [program, list] = typeof args === 'string' ? ['/bin/sh', ['-c', args]] : [process.execPath, args];
    const started = performance.now();
    const done = spawnSync(program, list, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
      cwd: this.folder,
      maxBuffer: 2 ** 28,
    });
    const took = performance.now() - started;
    if (done.status !== 0) throw new Error(`${list.join(' ')} ended with ${done.status}:\n${done.stdout}\n${done.stderr}`);
    return took;
  }

  /** Runs contenders in turn, round after round, after one that does not count, and returns the median of each. */
  interleave(contenders) {
    const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    for (let round = -1; round < this.rounds; round++) {
      for (const [name, args] of Object.entries(contenders)) {
        const ms = this.measure(args);
        if (round >= 0) times[name].push(ms);
      }
    }
    return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
  }

  /** Peak of resident memory of a whole Node process by GNU time, in KiB; the median of three. */
  peak(args) {
    const file = join(this.folder, 'peak');
    const peaks = Array.from({ length: 3 }, () => {
      this.measure(`/usr/bin/time -f %M -o ${file} ${[process.execPath, ...args].map((one) => `'${one}'`).join(' ')}`);
      return Number(readFileSync(file, 'utf8'));
    });
    return median(peaks);
  }

  /** Starts Node with arguments and waits for a line that matches. */
  start(args, pattern) {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: this.folder });
    return new Promise((resolve, reject) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        const match = pattern.exec(text);
        if (match !== null) resolve({ child, found: match[1] });
      });
      child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    });
  }

  /** Starts a peer on a free port and waits until it answers anything. */
  async startPeer(line) {
    const port = await freePort();
    const child = spawn('/bin/sh', ['-c', `exec ${line.replace('{port}', port)}`], { stdio: 'ignore', cwd: this.folder });
    const base = `http://127.0.0.1:${port}`;
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(50)) {
      if (child.exitCode !== null) throw new Error(`${line} ended with ${child.exitCode}`);
      const answer = await fetch(`${base}/user/1`).catch(() => undefined);
      if (answer !== undefined) return { child, base };
    }
    child.kill();
    throw new Error(`${line} did not answer within a minute`);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resident memory of a process in KiB, from /proc; undefined elsewhere. */
export function memoryOf(pid, key = 'VmRSS') {
  try {
    return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
