/**
 * Several targets in one run. What runs at the same time is told by the requests that the targets have in hand, not by a clock.
 */
import { createServer, request as forward, type Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createDrupalMock } from '../../mock-server/index.ts';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../../src/model/record.ts';
import { readReportFile } from '../../src/report/stream.ts';
import { openWorkshop, type Workshop } from './_run.ts';

/** What targets have in hand, together. A token request is held until enough of them are there, for the first time. */
class Load {
  readonly #inHand = new Map<string, number>();
  readonly #wanted: number;
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));
  mostRequests = 0;
  mostTargets = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  async take(target: string, isHeld: boolean): Promise<void> {
    this.#inHand.set(target, (this.#inHand.get(target) ?? 0) + 1);
    const counts = [...this.#inHand.values()].filter((count) => count > 0);
    this.mostRequests = Math.max(
      this.mostRequests,
      counts.reduce((sum, count) => sum + count, 0),
    );
    this.mostTargets = Math.max(this.mostTargets, counts.length);
    if (isHeld && this.mostTargets >= this.#wanted) this.#open();
    if (isHeld) await this.#opened;
    // Others get their chance to be there at the same time.
    for (let turns = 0; turns < 5; turns++) await turn();
  }

  leave(target: string): void {
    this.#inHand.set(target, (this.#inHand.get(target) ?? 0) - 1);
  }
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A mock site behind a door that counts. */
async function startSite(name: string, load: Load): Promise<{ readonly url: string; readonly file: Record<string, unknown> }> {
  const mock = createDrupalMock({ profile: 'miniorange/oauth' });
  const site = await mock.listen();
  const door: Server = createServer((incoming, outgoing) => {
    const target = String(incoming.headers['x-target'] ?? name);
    void load.take(target, incoming.method === 'POST').then(() => {
      const onward = forward(
        `http://127.0.0.1:${site.port}${incoming.url}`,
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
    outgoing.on('close', () => load.leave(target));
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => door.closeAllConnections(),
    () => mock.close(),
    () => new Promise((resolve) => door.close(resolve)),
  );
  const { port } = door.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    file: { ...mock.target(), name, baseUrl: url, expiry: { method: 'clock', control: `http://127.0.0.1:${site.port}/__control` } },
  };
}

async function startSites(count: number, load: Load, workshop: Workshop): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `site-${String(index).padStart(2, '0')}`);
  for (const name of names) workshop.write(`targets/${name}.yaml`, JSON.stringify((await startSite(name, load)).file));
  return names;
}

async function readAll(workshop: Workshop, file = 'dac-report/report.ndjson') {
  const records: ReportRecord[] = [];
  for await (const record of readReportFile(`${workshop.folder}/${file}`)) records.push(record);
  const header = records[0] as HeaderRecord;
  return {
    header,
    cases: records.filter((record): record is CaseRecord => record.type === 'case'),
    footer: records.at(-1) as FooterRecord,
  };
}

const select = ['miniorange/oauth/password-grant', 'miniorange/oauth/token-errors/wrong-password'];

describe('two targets', () => {
  it('are run at the same time, and come out as they do alone', async () => {
    using workshop = openWorkshop();
    const load = new Load(2);
    const names = await startSites(2, load, workshop);
    const { stdout, stderr, code } = await workshop.run(['run', ...select, '-t', 'targets', '-r', 'terminal', '-r', 'junit', '-r', 'html']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(load.mostTargets).toBe(2);
    const { header, cases, footer } = await readAll(workshop);
    expect(header.targets.map(({ name }) => name)).toEqual(names);
    expect(footer.cases.pass).toBe(cases.length);
    const perTarget = names.map((name) => cases.filter(({ target }) => target === name).map(({ address, order }) => `${order} ${address}`));
    await workshop.run(['run', ...select, '-t', `targets/${names[0]}.yaml`, '-o', 'alone']);
    const alone = (await readAll(workshop, 'alone/report.ndjson')).cases.map(({ address, order }) => `${order} ${address}`);
    expect(perTarget).toEqual([alone, alone]);
    // Each target in one block, whatever came first.
    const blocks = [...stdout.matchAll(/^(?:✓ (\S+)| {2}✓ \S+) +\d+ passed/gm)].map(([, name]) => name ?? '');
    expect(blocks.filter((name) => name !== '').sort()).toEqual(names);
    expect(blocks.join(' ')).toMatch(/^site-\d\d {1,3}(?: *) ?site-\d\d/);
  }, 120_000);

  it('on the same host are run one after the other, each with its own name', async () => {
    using workshop = openWorkshop();
    const load = new Load(1);
    const { file } = await startSite('site', load);
    const one = (target: string) => JSON.stringify({ ...file, name: 'site', headers: { 'X-Target': target } });
    workshop.write('t.yaml', one('first-of-the-two'));
    workshop.write('u.yaml', one('second-of-the-two'));
    const { code } = await workshop.run(['run', ...select, '-t', 't.yaml', '-t', 'u.yaml']);
    expect(code).toBe(0);
    expect(load.mostTargets).toBe(1);
    const { header } = await readAll(workshop);
    expect(header.targets.map(({ name }) => name)).toEqual(['site (miniorange/oauth)', 'site (miniorange/oauth) 2']);
  }, 120_000);
});

describe('ten targets', () => {
  it('are run at the same time, with no more requests in flight than --total-concurrency', async () => {
    using workshop = openWorkshop();
    const load = new Load(4);
    const names = await startSites(10, load, workshop);
    const { stdout, code } = await workshop.run(['run', ...select, '-t', 'targets', '--total-concurrency', '4'], { timeoutSeconds: 100 });
    expect(code).toBe(0);
    expect({ requests: load.mostRequests, targets: load.mostTargets }).toEqual({ requests: 4, targets: 4 });
    const { header, cases, footer } = await readAll(workshop);
    expect(header.targets.map(({ name }) => name)).toEqual(names);
    expect(new Set(cases.map(({ target }) => target)).size).toBe(10);
    expect(footer.cases.pass).toBe(cases.length);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }, 120_000);

  it('are all run at once by default', async () => {
    using workshop = openWorkshop();
    const load = new Load(10);
    await startSites(10, load, workshop);
    const { code } = await workshop.run(['run', ...select, '-t', 'targets'], { timeoutSeconds: 100 });
    expect({ code, targets: load.mostTargets }).toEqual({ code: 0, targets: 10 });
  }, 120_000);

  it('leave a whole report of what there is when the run is interrupted', async () => {
    using workshop = openWorkshop();
    // Held for ever.
    const load = new Load(11);
    await startSites(10, load, workshop);
    const run = workshop.start(['run', ...select, '-t', 'targets', '-r', 'terminal', '-r', 'junit', '-r', 'html', '-r', 'json'], {
      timeoutSeconds: 100,
    });
    await run.printed(/site-09 · /);
    while (load.mostTargets < 10) await turn();
    run.kill('SIGINT');
    const { code, stdout } = await run.finished;
    expect(code).toBe(130);
    expect(stdout).toContain('Exit 130: interrupted');
    const { footer } = await readAll(workshop);
    expect(footer.cut).toBe('interrupted');
    expect((JSON.parse(workshop.read('dac-report/report.json')) as { footer: FooterRecord }).footer.cut).toBe('interrupted');
    expect(workshop.read('dac-report/junit.xml')).toMatch(/<\/testsuites>\n$/);
    expect(workshop.read('dac-report/report.html')).toContain('this report is partial');
  }, 120_000);

  it('are dealt out whole to shards, and joined again to the report of one run', async () => {
    using workshop = openWorkshop();
    const names = await startSites(10, new Load(1), workshop);
    await workshop.run(['run', ...select, '-t', 'targets', '-o', 'whole'], { timeoutSeconds: 100 });
    const dealt: string[][] = [];
    for (const index of [1, 2, 3]) {
      await workshop.run(['run', ...select, '-t', 'targets', '--shard', `${index}/3`, '-o', `shard-${index}`], { timeoutSeconds: 100 });
      dealt.push((await readAll(workshop, `shard-${index}/report.ndjson`)).header.targets.map(({ name }) => name));
    }
    expect(dealt.flat().sort()).toEqual(names);
    expect(dealt.map(({ length }) => length).sort()).toEqual([3, 3, 4]);
    const { code } = await workshop.run([
      'merge',
      'shard-3/report.ndjson',
      'shard-1/report.ndjson',
      'shard-2/report.ndjson',
      '-o',
      'merged',
    ]);
    expect(code).toBe(0);
    const [whole, merged] = [await readAll(workshop, 'whole/report.ndjson'), await readAll(workshop, 'merged/report.ndjson')];
    const timeless = (header: HeaderRecord) => ({ ...header, startedAt: '' });
    expect(timeless(merged.header)).toEqual(timeless(whole.header));
    expect(merged.footer.cases).toEqual(whole.footer.cases);
  }, 120_000);
});
