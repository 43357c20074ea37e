/**
 * From what the probes saw to what is wrong. Pure: the same sightings give the same diagnoses.
 *
 * @module
 */
import { linkOf } from './links.ts';
import type { Confidence, Family, Sightings } from './rule.ts';
import { browser } from './rules/browser.ts';
import { clock } from './rules/clock.ts';
import { cache, headers } from './rules/headers.ts';
import { miniorange, refusalStatus } from './rules/miniorange.ts';
import { reach } from './rules/reach.ts';
import { simpleOauthBearer, simpleOauthTokens } from './rules/simple-oauth.ts';
import { answers, filters, paths, site } from './rules/site.ts';
import { api, graphql, permissions, resource } from './rules/surfaces.ts';

/** From the outside in: a fault further out spoils the evidence for those further in. */
export const families: readonly Family[] = [
  reach,
  site,
  filters,
  paths,
  cache,
  headers,
  refusalStatus,
  simpleOauthTokens,
  simpleOauthBearer,
  miniorange,
  answers,
  resource,
  permissions,
  api,
  graphql,
  clock,
  browser,
];

/** One cause with its evidence, named by probes. */
export interface Diagnosis {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  readonly confidence: Confidence;
  readonly verdict: 'blocked' | 'fail' | 'warn';
  readonly link?: string;
  /** Probes whose exchanges show it. */
  readonly evidence: readonly string[];
}

/** Diagnoses in the order of the way a request takes; empty when nothing is wrong. */
export function diagnose(seen: Sightings): Diagnosis[] {
  const found: Diagnosis[] = [];
  for (const family of families) {
    const diagnosis = firstOf(family, seen);
    if (diagnosis === undefined) continue;
    found.push(diagnosis);
    if (family.isFinal) break;
  }
  return found;
}

/** Whether the way to Drupal is already known to be closed, so that further probes would bring nothing new. */
export function isHopeless(seen: Sightings): boolean {
  return firstOf(reach, seen) !== undefined;
}

function firstOf(family: Family, seen: Sightings): Diagnosis | undefined {
  for (const rule of family.rules) {
    const evidence = rule.when(seen);
    if (evidence === undefined) continue;
    const say = (text: string | ((seen: Sightings) => string)) => (typeof text === 'string' ? text : text(seen));
    const link = rule.link ?? linkOf(rule.id, family.name);
    return {
      id: rule.id,
      title: say(rule.title),
      remedy: say(rule.remedy),
      confidence: typeof rule.confidence === 'string' ? rule.confidence : rule.confidence(seen),
      verdict: rule.verdict,
      ...(link === undefined ? {} : { link }),
      evidence: [...new Set(evidence)].filter((probe) => seen.get(probe) !== undefined),
    };
  }
  return undefined;
}
