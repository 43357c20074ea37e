/**
 * Which versions something speaks about. A range is a comma-less list of comparisons, all of which must hold (`>=2.0.13 <3`), or a
 * prefix (`6.x`, `6.0`); `||` separates alternatives.
 *
 * @module
 */

/** Whether a version lies in a range; undefined when the version is not known. */
export function inRange(version: string | undefined, range: string): boolean | undefined {
  if (version === undefined) return undefined;
  const parts = parseVersion(version);
  return range.split('||').some((alternative) =>
    alternative
      .trim()
      .split(/\s+/)
      .every((comparison) => holds(parts, comparison)),
  );
}

function holds(version: readonly number[], comparison: string): boolean {
  const [, operator = '', wanted = ''] = /^(>=|<=|>|<|=)?(.+)$/.exec(comparison) ?? [];
  const bound = parseVersion(wanted);
  if (operator === '' || operator === '=') return bound.every((part, index) => part === (version[index] ?? 0));
  const order = compareVersions(version, bound);
  if (operator === '>=') return order >= 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order < 0;
}

/** `8.x-1.13` is Drupal's old form of 1.13; a trailing `.x` or `.*` is a prefix. */
function parseVersion(text: string): number[] {
  return text
    .replace(/^v/, '')
    .replace(/^\d+\.x-/, '')
    .replace(/(\.[x*])+$/, '')
    .replace(/[-+].*$/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
