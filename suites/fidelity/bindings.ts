/**
 * What a replay learns: the mock's own tokens, session cookie and UUIDs in the place of the recorded ones.
 *
 * @module
 */
import type { RecordedExchange } from './recording.ts';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const instant = /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/g;
const placeholder = /\{\{(?:jwt|opaque):[^}]*\}\}/g;

export interface Bindings {
  /** Our value for a placeholder such as `{{jwt:lab-cc#1:len=781}}`; undefined: not issued yet. */
  get(label: string): string | undefined;
  set(label: string, value: string): void;
  forget(isForgotten: (label: string) => boolean): void;
  /** A random text of the recorded length; remembered for later requests. */
  bindOpaque(label: string, value: string): boolean;
  /** Name and value of the session cookie, as the last Set-Cookie gave it. */
  sessionCookie: string;
  /** A recorded text with every placeholder and UUID that is bound replaced by ours. */
  translate(text: string): string;
  /** Equal texts, when UUIDs stand for each other one to one. New pairs are remembered. */
  sameUuids(expected: string, found: string, recorded: RecordedExchange): boolean;
}

/** `{{jwt:LABEL#n:len=781}}` without the length, which varies. */
export function labelOf(placeholderText: string): string {
  return placeholderText.slice(2, -2).replace(/:len=\d+$/, '');
}

export function createBindings(): Bindings {
  const values = new Map<string, string>();
  const ours = new Map<string, string>();
  const theirs = new Map<string, string>();
  const bindings: Bindings = {
    sessionCookie: '',
    get: (label) => values.get(label),
    set: (label, value) => void values.set(label, value),
    forget: (isForgotten) => {
      for (const label of values.keys()) if (isForgotten(label)) values.delete(label);
    },
    bindOpaque: (text, value) => {
      values.set(labelOf(text), value);
      return value.length === Number(/len=(\d+)/.exec(text)?.[1]) && /^[\w.~+/=-]+$/.test(value);
    },
    translate: (text) =>
      text.replace(placeholder, (found) => values.get(labelOf(found)) ?? found).replace(uuid, (found) => ours.get(found) ?? found),
    sameUuids: (expected, found, { assumed = false }) => {
      if (expected === found) return true;
      const plain = (text: string): string => {
        const masked = text.replace(uuid, '{{uuid}}');
        return assumed ? masked.replace(instant, '{{instant}}') : masked;
      };
      if (plain(expected) !== plain(found)) return false;
      const left = expected.match(uuid) ?? [];
      const right = found.match(uuid) ?? [];
      return left.every((id, index) => isSameUuid(id, right[index] ?? '', assumed));
    },
  };
  return bindings;

  /** One to one among the recorded ones of a site, and among those taken from its reference. */
  function isSameUuid(recorded: string, found: string, assumed: boolean): boolean {
    if (recorded === found) return true;
    const known = ours.get(recorded);
    if (known !== undefined) return known === found;
    const back = `${assumed} ${found}`;
    if (theirs.has(back)) return false;
    ours.set(recorded, found);
    theirs.set(back, recorded);
    return true;
  }
}
