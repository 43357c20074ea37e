/**
 * Selectors: which cases, and which of their checks, a command works on.
 *
 * A selector is a prefix of an address at a segment (`miniorange/oauth/password-grant`), or a glob (`miniorange/o*`); `#check` narrows it to
 * checks (a name or a glob); a leading `!` leaves out what it matches.
 *
 * @module
 */
import type { Catalogue, CatalogueCase } from '../model/catalogue.ts';
import { UsageError } from '../support/error.ts';
import { nearest } from '../support/suggest.ts';
import { citationsOf } from './register.ts';

export interface SelectedCase {
  readonly case: CatalogueCase;
  /** Names of the checks that were asked for; undefined: all of them. */
  readonly checks?: readonly string[];
}

interface Selector {
  readonly text: string;
  readonly excludes: boolean;
  readonly matchesAddress: (address: string) => boolean;
  /** Undefined when the selector names no check. */
  readonly matchesCheck?: (name: string) => boolean;
}

/**
 * Selects cases in the order of the catalogue; without a selector that includes, all of them.
 *
 * @throws UsageError when a selector matches nothing, or when nothing is left.
 */
export async function selectCases(catalogue: Catalogue, selectors: readonly string[]): Promise<SelectedCase[]> {
  const parsed = await Promise.all(selectors.map(parseSelector));
  const names = new Map(catalogue.cases.map((one) => [one, checkNamesOf(one, catalogue)]));
  for (const selector of parsed) {
    const matches = catalogue.cases.some((one) => selectedChecks(selector, one, names.get(one) ?? []).length > 0);
    if (!matches) throw new UsageError(`no case matches "${selector.text}"`, remedyFor(selector, catalogue));
  }
  const including = parsed.filter(({ excludes }) => !excludes);
  const excluding = parsed.filter(({ excludes }) => excludes);
  const selected = catalogue.cases.flatMap((one): SelectedCase[] => {
    const all = names.get(one) ?? [];
    const wanted = including.length === 0 ? all : all.filter((name) => including.some((by) => selectedChecks(by, one, [name]).length > 0));
    const left = wanted.filter((name) => !excluding.some((by) => selectedChecks(by, one, [name]).length > 0));
    if (left.length === 0) return [];
    return [left.length === all.length ? { case: one } : { case: one, checks: left }];
  });
  if (selected.length === 0) throw new UsageError(`the selection leaves no case: ${selectors.map((text) => `"${text}"`).join(', ')}`);
  return selected;
}

/** Whether an address (with or without `#check`) is meant by a pattern, as in a waiver or a selector. */
export async function addressMatcher(pattern: string): Promise<(address: string, check?: string) => boolean> {
  const { matchesAddress, matchesCheck } = await parseSelector(pattern);
  return (address, check) => matchesAddress(address) && (matchesCheck === undefined || (check !== undefined && matchesCheck(check)));
}

/** Names of the checks of a case; one without a name stands for the case that has none. */
function checkNamesOf(one: CatalogueCase, catalogue: Catalogue): string[] {
  const names = [...citationsOf(one, catalogue.profiles[one.profile]).keys()];
  return names.length === 0 ? [''] : names;
}

function selectedChecks(selector: Selector, one: CatalogueCase, names: readonly string[]): readonly string[] {
  if (!selector.matchesAddress(one.address)) return [];
  const { matchesCheck } = selector;
  return matchesCheck === undefined ? names : names.filter((name) => matchesCheck(name));
}

async function parseSelector(text: string): Promise<Selector> {
  const excludes = text.startsWith('!');
  const [address = '', check] = (excludes ? text.slice(1) : text).split('#', 2);
  const trimmed = address.replace(/\/+$/, '');
  const matchesText = await textMatcher(trimmed);
  return {
    text,
    excludes,
    matchesAddress: (full) => trimmed === '' || prefixesOf(full).some(matchesText),
    ...(check === undefined ? {} : { matchesCheck: await textMatcher(check) }),
  };
}

async function textMatcher(pattern: string): Promise<(text: string) => boolean> {
  if (!/[*?[\]{}()!]/.test(pattern)) return (text) => text === pattern;
  const { default: picomatch } = await import('picomatch');
  const matches = picomatch(pattern, { dot: true, nonegate: true });
  return (text) => matches(text);
}

/** `a`, `a/b`, `a/b/c`: an address, and everything it lies in. */
function prefixesOf(address: string): string[] {
  const parts = address.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function remedyFor(selector: Selector, catalogue: Catalogue): { remedy: string } {
  const [address = '', check] = selector.text.replace(/^!/, '').split('#', 2);
  const matching = catalogue.cases.filter((one) => selector.matchesAddress(one.address));
  const isAboutCheck = matching.length > 0 && check !== undefined;
  const known = isAboutCheck
    ? matching.flatMap((one) => checkNamesOf(one, catalogue).map((name) => `${address}#${name}`))
    : catalogue.cases.flatMap((one) => [...prefixesOf(one.address), ...suffixesOf(one.address)]);
  const likely = nearest(isAboutCheck ? `${address}#${check}` : address.replace(/\/+$/, ''), known);
  const meant = likely === undefined ? undefined : (catalogue.cases.find((one) => one.address.endsWith(`/${likely}`))?.address ?? likely);
  return { remedy: meant === undefined ? '"dac list" shows every address' : `did you mean "${meant}"? "dac list" shows every address` };
}

/** The ends of an address that people type from memory: `wrong-password`, `password-grant/wrong-password`. */
function suffixesOf(address: string): string[] {
  const parts = address.split('/');
  return parts.slice(1).map((_, index) => parts.slice(index + 1).join('/'));
}
