/** Runs cases from a program and collects what failed. */
import { run, type TargetFile } from '../../src/index.ts';

export async function failuresOf(target: TargetFile, select: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const failures: string[] = [];
  for await (const record of run({ target, select, ...(signal === undefined ? {} : { signal }) })) {
    if (record.type === 'case' && record.verdict === 'fail') failures.push(`${record.address}: ${record.title}`);
  }
  return failures;
}
