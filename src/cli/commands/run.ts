/**
 * `dac run`: targets (or the embedded mock), reporters, and the exit code.
 *
 * @module
 */
import { resolve } from 'node:path';
import { exitCodes } from '../../judge/exit-code.ts';
import type { Catalogue, CatalogueCase } from '../../model/catalogue.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { FooterRecord } from '../../model/record.ts';
import type { Target } from '../../model/target.ts';
import type { Witness } from '../../model/verdict.ts';
import { addTargetSecrets } from '../../redact/target-secrets.ts';
import { Vault } from '../../redact/vault.ts';
import { againstBaseline } from '../../compare/baseline.ts';
import { digestRun } from '../../compare/compare.ts';
import { caseKey, readReportFile } from '../../report/stream.ts';
import type { Recording } from '../../run/replay.ts';
import { WaiverDrafts } from '../../run/draft-waivers.ts';
import { run, type RunEffects, type RunOptions } from '../../run/run.ts';
import { withShippedCases } from '../../spec/catalogue.ts';
import { nameApart, readTargetFile } from '../../spec/target-file.ts';
import { UsageError } from '../../support/error.ts';
import { maskErrors, print, printError } from '../console.ts';
import { version } from '../version.ts';
import { loadCatalogue, select } from './catalogue.ts';
import { createEffects } from '../../run/effects.ts';
import { openOutputs, reportLine } from './outputs.ts';
import { readRecording } from './recording.ts';
import { targetFilesOf } from './target-files.ts';

export interface RunFlags {
  readonly target: readonly string[];
  readonly reporter: readonly string[];
  readonly out: string;
  readonly strict: boolean;
  readonly witness?: Witness;
  readonly readOnly: boolean;
  readonly maxWait: number;
  readonly concurrency?: number;
  readonly totalConcurrency?: number;
  readonly repeat: number;
  readonly bail: boolean;
  readonly seed: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly timings?: string;
  readonly failed?: string;
  readonly from?: string;
  readonly baseline?: string;
  readonly dryRun: boolean;
  readonly writeWaivers?: string;
  readonly specs: readonly string[];
}

/** Runs and returns the exit code. */
export async function runCommand(selectors: readonly string[], flags: RunFlags): Promise<number> {
  const { catalogue, selected, given } = await (flags.target.length > 0 && selectors.length === 0
    ? loadForTargets(flags)
    : loadSelected(selectors, flags));
  const closing: (() => Promise<void> | undefined)[] = [() => given.stop()];
  try {
    const vault = new Vault();
    maskErrors((text) => vault.mask(text));
    for (const target of given.targets) addTargetSecrets(vault, target);
    for (const warning of vault.warnings) printError(`warning: ${warning}`);
    const cases = casesFor(given.targets, selected, selectors);
    const from = flags.from === undefined ? undefined : await readRecording(flags.from);
    closing.push(() => from?.close());
    const recording = from?.recording;
    const wanted = await wantedOf(flags, recording);
    refuseNothing(cases, given.targets, wanted);
    if (flags.dryRun) {
      const { dryRun } = await import('./dry-run.ts');
      return await dryRun(catalogue, cases, given.targets, vault, { ...flags, isWanted: wanted?.isWanted });
    }
    return await runAndReport(catalogue, cases, given.targets, vault, selectors, flags, recording, wanted?.isWanted);
  } finally {
    for (const close of closing) await close();
  }
}

interface Loaded {
  readonly catalogue: Catalogue;
  readonly selected: readonly CatalogueCase[];
  readonly given: Given;
}

async function loadSelected(selectors: readonly string[], flags: RunFlags): Promise<Loaded> {
  const catalogue = await loadCatalogue(flags.specs);
  const selected = await select(catalogue, selectors);
  const given =
    flags.target.length === 0 ? await startEmbedded(catalogue, selected) : await readTargets(flags.target, catalogue, selectors);
  return { catalogue, selected, given };
}

/** Without selectors the targets name the profiles, and the cases of the others need not be loaded: a third of the time of a short run. */
async function loadForTargets(flags: RunFlags): Promise<Loaded> {
  const index = await loadCatalogue(flags.specs, []);
  const given = await readTargets(flags.target, index, []);
  const catalogue = await withShippedCases(
    index,
    given.targets.flatMap(({ profiles }) => profiles),
  );
  return { catalogue, selected: catalogue.cases, given };
}

interface Given {
  readonly targets: readonly Target[];
  stop(): Promise<void>;
}

/** Opt-in, by the target file or by a selector that names it. */
const optIn = 'advisories';

async function readTargets(files: readonly string[], catalogue: Catalogue, selectors: readonly string[]): Promise<Given> {
  const read = await Promise.all(
    targetFilesOf(files).map((file) => readTargetFile(file, { profiles: Object.keys(catalogue.profiles), env: process.env })),
  );
  const isAsked = selectors.some((selector) => selector === optIn || selector.startsWith(`${optIn}/`));
  const targets = nameApart(read.flatMap((one) => one.targets)).map((target) =>
    isAsked && !target.profiles.includes(optIn) ? { ...target, profiles: [...target.profiles, optIn] } : target,
  );
  return { targets, stop: () => Promise.resolve() };
}

/** One mock site per product that has a selected case, each on a free port of the loopback interface. */
async function startEmbedded(catalogue: Catalogue, selected: readonly CatalogueCase[]): Promise<Given> {
  const { startEmbeddedSites } = await import('./embedded.ts');
  const wanted = new Set(selected.map(({ profile }) => profile));
  // Opt-in: the sites imitate versions that have advisories.
  if (selected.length === catalogue.cases.length) wanted.delete('advisories');
  return startEmbeddedSites(Object.values(catalogue.profiles).filter(({ name }) => wanted.has(name)));
}

/** Cases of the profiles that the targets name. */
function casesFor(targets: readonly Target[], selected: readonly CatalogueCase[], selectors: readonly string[]): readonly CatalogueCase[] {
  const profiles = new Set(targets.flatMap((target) => target.profiles));
  const cases = selected.filter(({ profile }) => profiles.has(profile));
  if (cases.length > 0) return cases;
  const known = [...profiles].join(', ');
  throw new UsageError(
    selectors.length > 0
      ? `the selection ${selectors.map((one) => `"${one}"`).join(' ')} names ${selected.length} cases, none of them of profile ${known}`
      : `there are no cases for profile ${known}`,
    { remedy: 'dac list to see the addresses.' },
  );
}

async function runAndReport(
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  targets: readonly Target[],
  vault: Vault,
  selectors: readonly string[],
  flags: RunFlags,
  recording: Recording | undefined,
  isWanted: RunOptions['isWanted'],
): Promise<number> {
  const baseline = flags.baseline === undefined ? undefined : await digestRun(readReportFile(flags.baseline));
  const durationOf = flags.timings === undefined ? undefined : await readDurations(flags.timings);
  const folder = resolve(flags.out);
  const keep = [flags.failed, flags.from, flags.baseline, flags.timings].filter((file) => file !== undefined);
  const outputs = await openOutputs(flags.reporter, folder, { vault, keep });
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) process.kill(process.pid, 'SIGKILL');
    interrupt.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const options: RunOptions = {
    catalogue,
    cases,
    targets,
    selectors,
    suite: { name: 'drupal-auth-conformance', version },
    seed: flags.seed,
    strict: flags.strict,
    ...(flags.witness === undefined ? {} : { witness: flags.witness }),
    readOnly: flags.readOnly,
    repeat: flags.repeat,
    bail: flags.bail,
    ...(flags.concurrency === undefined ? {} : { concurrency: flags.concurrency }),
    ...(flags.totalConcurrency === undefined ? {} : { totalConcurrency: flags.totalConcurrency }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    ...(durationOf === undefined ? {} : { durationOf }),
    ...(isWanted === undefined ? {} : { isWanted }),
    maxWaitSeconds: flags.maxWait,
    signal: interrupt.signal,
  };
  let footer: FooterRecord | undefined;
  const drafts = flags.writeWaivers === undefined ? undefined : new WaiverDrafts(new Date());
  const effects: RunEffects = {
    ...createEffects(vault, { env: process.env, onStatus: outputs.onStatus }),
    examine: doctorOf(vault),
    // The embedded mock is known.
    ...(flags.target.length === 0 ? {} : { identify: identifierOf(vault) }),
  };
  const records = run(
    options,
    recording === undefined ? effects : { ...effects, replay: (target, scope) => recording.transport(target, scope) },
  );
  try {
    for await (const record of baseline === undefined ? records : againstBaseline(records, baseline)) {
      if (record.type === 'header') await outputs.reporters.onHeader(record);
      else if (record.type === 'case') {
        drafts?.add(record);
        await outputs.reporters.onCase(record);
      } else {
        footer = record;
        await outputs.reporters.onFooter(record);
      }
    }
  } finally {
    await outputs.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  const leaked = await outputs.scan();
  for (const { file, labels } of leaked) printError(`a secret was found in ${file} and masked there: ${labels.join(', ')}`);
  for (const { message } of outputs.reporters.failures) printError(message);
  if (outputs.files.length > 0) await print(reportLine(outputs));
  if (drafts !== undefined && flags.writeWaivers !== undefined) await writeDrafts(flags.writeWaivers, drafts);
  const code = footer?.exitCode ?? exitCodes.ourBug;
  if (code === exitCodes.ourBug || code === exitCodes.interrupted) return code;
  return leaked.length > 0 ? exitCodes.secretInOutput : code;
}

async function writeDrafts(file: string, drafts: WaiverDrafts): Promise<void> {
  const [{ writeFile }, { existsSync }] = await Promise.all([import('node:fs/promises'), import('node:fs')]);
  const gaveWay = existsSync(file) ? ', replacing the earlier ones' : '';
  await writeFile(file, drafts.text()).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be written (${error.code ?? error.message})`, {
      cause: error,
      remedy: 'another --write-waivers.',
    });
  });
  await print(
    drafts.count === 0
      ? `No failure to waive: ${file} holds none${gaveWay}.\n`
      : `Drafted ${drafts.count} waivers in ${file}${gaveWay}: each needs a reason.\n`,
  );
}

interface Wanted {
  readonly isWanted: NonNullable<RunOptions['isWanted']>;
  /** Why a selection that has nothing of it is refused. */
  readonly lacks: string;
  readonly remedy: string;
}

/** `--failed` and `--from`: what of the plan an earlier report leaves to be run. */
async function wantedOf(flags: RunFlags, recording: Recording | undefined): Promise<Wanted | undefined> {
  const all: Wanted[] = [];
  if (flags.failed !== undefined) all.push(await openCases(flags.failed));
  if (recording !== undefined) {
    all.push({
      isWanted: (target, address) => recording.has(target, address),
      lacks: `${flags.from} holds no exchange of the selected cases`,
      remedy: 'another report, or another selection.',
    });
  }
  const [first] = all;
  return first === undefined ? undefined : { ...first, isWanted: (target, address) => all.every((one) => one.isWanted(target, address)) };
}

/** What was red or blocked in an earlier report; of one that is cut also what it lacks. */
async function openCases(report: string): Promise<Wanted> {
  const done = new Set<string>();
  const open = new Set<string>();
  let names: readonly string[] = [];
  let isCut = false;
  for await (const record of readReportFile(report, { onCut: () => (isCut = true) })) {
    if (record.type === 'header') names = record.targets.map(({ name }) => name);
    else if (record.type === 'footer') isCut = record.cut !== undefined;
    else (['fail', 'error', 'blocked'].includes(record.verdict) ? open : done).add(caseKey(record));
  }
  return {
    isWanted: (target, address) => {
      const key = caseKey({ target: sameTarget(names, target), address });
      return open.has(key) || (isCut && !done.has(key));
    },
    lacks: `${report} holds no failed or blocked case of this selection`,
    remedy: 'a run without --failed.',
  };
}

/** With one target in the report its name does not matter. */
function sameTarget(names: readonly string[], name: string): string {
  const [only, ...others] = names;
  return only === undefined || others.length > 0 || names.includes(name) ? name : only;
}

function refuseNothing(cases: readonly CatalogueCase[], targets: readonly Target[], wanted: Wanted | undefined): void {
  if (wanted === undefined) return;
  const hasAny = targets.some((target) =>
    cases.some(({ profile, address }) => target.profiles.includes(profile) && wanted.isWanted(target.name, address)),
  );
  if (!hasAny) throw new UsageError(wanted.lacks, { remedy: wanted.remedy });
}

/** Durations of the same case on the same target; on a target that the report lacks, those of any. */
async function readDurations(file: string): Promise<NonNullable<RunOptions['durationOf']>> {
  const durations = new Map<string, number>();
  for await (const record of readReportFile(file)) {
    if (record.type !== 'case') continue;
    durations.set(caseKey(record), record.durationMs);
    durations.set(record.address, record.durationMs);
  }
  return (target, address) => durations.get(caseKey({ target, address })) ?? durations.get(address);
}

/** The doctor, loaded only when it is asked for. */
function doctorOf(vault: Vault): NonNullable<RunEffects['examine']> {
  return async (target, profile, transport) => {
    const { examine, canExamine } = await import('../../doctor/doctor.ts');
    if (!canExamine(target, profile)) return [];
    const { findings } = await examine(target, profile, transport, { secrets: await doctorSecrets(vault, target) });
    return findings;
  };
}

/** What stands behind a target, for the header of the report. */
function identifierOf(vault: Vault): NonNullable<RunEffects['identify']> {
  return async (target, front, transport, signal) => {
    const { mainProfile } = await import('../../doctor/product.ts');
    const profile = mainProfile(target);
    if (profile === undefined) return undefined;
    const { recognise } = await import('../../doctor/doctor.ts');
    return recognise(target, profile, front, transport, { secrets: await doctorSecrets(vault, target), signal });
  };
}

async function doctorSecrets(vault: Vault, target: Target) {
  const { recordExchange } = await import('../../redact/record-exchange.ts');
  return {
    add: (label: string, value: string) => {
      vault.add(label, value);
    },
    record: (exchange: Exchange) => recordExchange(exchange, target.baseUrl, vault),
    mask: (text: string) => vault.mask(text),
  };
}
