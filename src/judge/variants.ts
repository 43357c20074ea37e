/**
 * What answers tell of a version that nobody declared: each check with variants says which versions would answer so. Pure.
 *
 * @module
 */
import type { JudgedCheck } from '../model/record.ts';
import { inRange } from './scope.ts';

/** An answer, and the versions that would have given it. */
export interface Reading {
  readonly address: string;
  /** Ranges of versions; one of them holds. */
  readonly ranges: readonly string[];
}

/** Undefined: it would fit any version, or none (then it has failed). */
export function readingOf(address: string, { alternatives = [], level }: JudgedCheck): Reading | undefined {
  // Whoever says it: a version may answer so without an authority that demands it.
  const followed = alternatives.filter(({ matched }) => matched);
  const ranges = followed.flatMap(({ versions }) => (versions === undefined ? [] : [versions]));
  return level === 'may' || ranges.length === 0 || ranges.length < followed.length ? undefined : { address, ranges: [...new Set(ranges)] };
}

/** Readings that no version unites: two that exclude each other, or all of them when it takes more than two. Undefined: some version does. */
export function conflictOf(readings: readonly Reading[]): readonly Reading[] | undefined {
  const distinct = [...new Map(readings.map((reading) => [reading.ranges.join(' || '), reading])).values()];
  const versions = versionsToTry(distinct.flatMap(({ ranges }) => ranges));
  const isUnited = (some: readonly Reading[]): boolean => versions.some((version) => some.every((reading) => fits(version, reading)));
  if (isUnited(distinct)) return undefined;
  for (const [index, first] of distinct.entries()) {
    const second = distinct.slice(index + 1).find((other) => !isUnited([first, other]));
    if (second !== undefined) return [first, second];
  }
  return distinct;
}

function fits(version: string, { ranges }: Reading): boolean {
  return ranges.some((range) => inRange(version, range) === true);
}

/** Every bound, what lies just above it, and what lies below and above them all: between two neighbours no range changes. */
function versionsToTry(ranges: readonly string[]): string[] {
  const bounds = new Set(ranges.flatMap((range) => range.match(/\d+(\.\d+)*/g) ?? []));
  return ['0', ...[...bounds].flatMap((bound) => [bound, `${bound}.0.0.0.1`]), '999999'];
}
