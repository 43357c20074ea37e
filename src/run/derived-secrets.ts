/**
 * Wrong values that specs derive from secrets: one character less, another case, backwards. Each gives most of the secret away, so each is
 * as secret as the value it was made from.
 *
 * @module
 */
import type { RequestTemplate } from '../model/catalogue.ts';
import { MissingVariable, parseTemplate, stringsOf, substitute, type Expression, type Lookup } from '../spec/variables.ts';

export interface DerivedSecret {
  /** Where it comes from and how, e.g. `users.main.password_flip-middle`. */
  readonly label: string;
  readonly value: string;
}

const templates = new WeakMap<RequestTemplate, readonly { readonly label: string; readonly source: string }[]>();

/** Values in a request that filters made from secrets of the target, or from what was captured. */
export function derivedSecrets(template: RequestTemplate, lookup: Lookup): DerivedSecret[] {
  let found = templates.get(template);
  if (found === undefined) templates.set(template, (found = findDerivations(template)));
  return found.flatMap(({ label, source }) => {
    try {
      const value = substitute(source, (name) => unmasked(name, lookup));
      return typeof value === 'string' && value !== '' ? [{ label, value }] : [];
    } catch (error) {
      if (error instanceof MissingVariable) return [];
      throw error;
    }
  });
}

/** What is judged again holds placeholders, of which nothing secret can be made. */
function unmasked(name: string, lookup: Lookup): unknown {
  const value = lookup(name);
  if (typeof value === 'string' && value.includes('{{')) throw new MissingVariable(name);
  return value;
}

function findDerivations(template: RequestTemplate): { label: string; source: string }[] {
  return [...stringsOf(template)].flatMap((text) =>
    !text.includes('|') || !text.includes('${')
      ? []
      : parseTemplate(text).flatMap((part) => (part.kind === 'value' ? derivationsIn(part.expression) : [])),
  );
}

/**
 * What an expression makes wrong, and what stands inside `basic(…)`: a wrong secret is as secret there. Filters at the end that only write it
 * otherwise are left out, since the vault knows a secret in every spelling; but not in base64 that is put into base64 again, as `basic(…)` does.
 */
function derivationsIn({ operand, filters }: Expression, isInBase64 = false): { label: string; source: string }[] {
  if (!('name' in operand))
    return Object.values(operand)
      .flat()
      .flatMap((inner) => derivationsIn(inner, 'basic' in operand));
  const isKnown = ({ name }: (typeof filters)[number], index: number): boolean =>
    spellings.has(name) && !(base64.has(name) && (isInBase64 || filters.slice(index + 1).some((later) => base64.has(later.name))));
  const kept = filters.slice(0, filters.findLastIndex((filter, index) => !isKnown(filter, index)) + 1);
  if (kept.length === 0 || !isSecretName(operand.name)) return [];
  const calls = kept.map(({ name, argument }) => (argument === undefined ? name : `${name}(${argument})`));
  const names = kept.map(({ name, argument }) => (argument === undefined ? name : `${name}-${argument}`));
  return [{ label: `${operand.name}_${names.join('_')}`, source: `\${${[operand.name, ...calls].join(' | ')}}` }];
}

const spellings: ReadonlySet<string> = new Set(['form', 'percent', 'json', 'base64', 'base64url']);

const base64: ReadonlySet<string> = new Set(['base64', 'base64url']);

const publicNamespaces = new Set(['content', 'graphql', 'paths', 'fake', 'expiry', 'target', 'host', 'answer', 'run']);
const secretFields = new Set(['password', 'secret', 'apiKey']);

/** Passwords, client secrets, keys and tokens of the target; and captures, which are tokens as a rule. */
function isSecretName(name: string): boolean {
  const [namespace = '', ...rest] = name.split('.');
  if (namespace === 'users' || namespace === 'clients') return secretFields.has(rest.at(-1) ?? '');
  return !publicNamespaces.has(namespace);
}
