/** Compares two reports and names what broke, and what changed although it passes. */
import { compare, digestRun, readReport } from '../../src/index.ts';

export async function changesBetween(base: string, head: string): Promise<{ broken: string[]; quiet: string[] }> {
  const { broken, changed } = compare(await digestRun(readReport(base)), await digestRun(readReport(head)));
  return { broken: broken.map(({ address }) => address), quiet: changed.map(({ fact }) => fact) };
}
