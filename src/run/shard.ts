/**
 * `--shard I/N`: which part of a run is done here. Every part finds the same division by itself. Pure.
 *
 * @module
 */
import type { PlannedCase } from './plan.ts';

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** A planned case with its place on its target, the same in every shard. */
export interface OrderedCase extends PlannedCase {
  readonly order: number;
}

/** Milliseconds that a case took on a target in an earlier run; undefined for a new one. */
export type DurationOf = (target: string, address: string) => number | undefined;

/** Longest first to the emptiest shard, so that all end at about the same time; what weighs the same keeps its order. */
export function dealOut<T>(items: readonly T[], { index, count }: Shard, weigh: (item: T) => number): T[] {
  const loads = Array.from({ length: count }, () => 0);
  const mine = new Set<T>();
  const weighed = items.map((item, order) => ({ item, order, weight: Math.max(1, weigh(item)) }));
  for (const { item, weight } of weighed.sort((a, b) => b.weight - a.weight || a.order - b.order)) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + weight;
    if (lightest === index - 1) mine.add(item);
  }
  return items.filter((item) => mine.has(item));
}

/** What a case of a plan weighs: what it took last time, else one. */
export function weighCase(target: string, { case: one, skip }: PlannedCase, durationOf: DurationOf | undefined): number {
  return skip === undefined ? Math.max(1, durationOf?.(target, one.address) ?? 1) : 0;
}
