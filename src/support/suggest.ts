/**
 * "Did you mean …?": the nearest known name to a misspelt one.
 *
 * @module
 */

/** The candidate that a person most likely meant, or undefined when none is near. */
export function nearest(found: string, candidates: Iterable<string>): string | undefined {
  const wanted = found.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of new Set(candidates)) {
    if (name === found) continue;
    const candidate = name.toLowerCase();
    const edits = editDistance(wanted, candidate, limit + 1);
    const distance = isAbbreviation(wanted, candidate) ? Math.min(edits, limit) : edits;
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** ` Did you mean "x"?`, or an empty string: to be appended to a sentence. */
export function didYouMean(found: string, candidates: Iterable<string>): string {
  const name = nearest(found, candidates);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** `a, b, or c`: names in a sentence, cut after `limit` of them. */
export function listOf(names: readonly string[], conjunction: 'and' | 'or', limit = 12): string {
  if (names.length > limit) return `${names.slice(0, limit).join(', ')}, … (${names.length} in all)`;
  if (names.length <= 2) return names.join(` ${conjunction} `);
  return `${names.slice(0, -1).join(', ')} ${conjunction} ${names.at(-1)}`;
}

function isAbbreviation(short: string, long: string): boolean {
  return short.length >= 3 && long.startsWith(short) && long.length <= short.length * 2;
}

/** Insertions, deletions, replacements and swaps of neighbours; gives up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? limit, limit);
}
