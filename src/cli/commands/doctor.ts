/**
 * `dac doctor`: is it the deployment or the module, and what to change.
 *
 * @module
 */
import { examine, type DoctorReport } from '../../doctor/doctor.ts';
import { mainProfile } from '../../doctor/product.ts';
import { describeReport } from '../../doctor/text.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { recordExchange } from '../../redact/record-exchange.ts';
import { addTargetSecrets } from '../../redact/target-secrets.ts';
import { Vault } from '../../redact/vault.ts';
import { createEffects } from '../../run/effects.ts';
import { readTargetFile } from '../../spec/target-file.ts';
import { UsageError } from '../../support/error.ts';
import { jsonText } from '../../support/json-text.ts';
import { maskErrors, print } from '../console.ts';
import { loadCatalogue } from './catalogue.ts';

export interface DoctorFlags {
  readonly target: readonly string[];
  readonly json: boolean;
  readonly origin?: string;
}

/** Exits 0 when nothing is wrong, 1 when the site itself is, 3 when something stands in the way. */
export async function doctorCommand(flags: DoctorFlags): Promise<number> {
  if (flags.target.length === 0) throw new UsageError('dac doctor needs a target file', { remedy: 'dac doctor -t staging.yaml.' });
  const { profiles } = await loadCatalogue([], []);
  const reports: DoctorReport[] = [];
  for (const file of flags.target) {
    const { targets } = await readTargetFile(file, { profiles: Object.keys(profiles), env: process.env });
    for (const target of targets) {
      const vault = new Vault();
      maskErrors((text) => vault.mask(text));
      addTargetSecrets(vault, target);
      const transport = await createEffects(vault, { env: process.env }).transportFor(target, {
        concurrency: 1,
        ...(target.limits?.requestsPerSecond === undefined ? {} : { requestsPerSecond: target.limits.requestsPerSecond }),
      });
      try {
        const profile = mainProfile(target) ?? target.profiles[0] ?? '';
        const report = await examine(target, profile, transport, {
          ...(flags.origin === undefined ? {} : { origin: flags.origin }),
          secrets: {
            add: (label, value) => {
              vault.add(label, value);
            },
            record: (exchange) => recordExchange(exchange, target.baseUrl, vault),
            mask: (text) => vault.mask(text),
          },
        });
        reports.push(report);
        if (!flags.json) await print(describeReport(report));
      } finally {
        await transport.close();
      }
    }
  }
  if (flags.json) await print(`${jsonText(reports, 2)}\n`);
  const verdicts = new Set(reports.flatMap(({ findings }) => findings.map(({ verdict }) => verdict)));
  if (verdicts.has('blocked')) return exitCodes.cannotTell;
  return verdicts.has('fail') ? exitCodes.nonConformant : exitCodes.ok;
}
