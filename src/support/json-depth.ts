/**
 * A limit to how deep JSON may be nested: deeper values overflow the stack of whoever walks through them, `JSON.stringify` included.
 *
 * @module
 */

/** Twice what PHP's json_encode does by default. A parser may set such a limit (RFC 8259 9). */
export const deepestJson = 1024;

/** Whether a parsed value is nested deeper than that. Itself never recurses. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepestJson) return true;
    const below: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      for (const member of Array.isArray(one) ? (one as unknown[]) : Object.values(one)) {
        if (typeof member === 'object' && member !== null) below.push(member);
      }
    }
    level = below;
  }
  return false;
}

/**
 * Parses JSON that is not nested too deep.
 *
 * @throws SyntaxError for anything else.
 */
export function parseShallowJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (mayBeTooDeep(text) && isTooDeep(value)) throw new TooDeepError();
  return value;
}

/** Whether the text has as many brackets as that takes: most texts are told apart without looking at what they hold. */
function mayBeTooDeep(text: string): boolean {
  let brackets = 0;
  for (let at = text.length > deepestJson * 2 ? 0 : text.length; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit === 91 || unit === 123) && ++brackets > deepestJson) return true;
  }
  return false;
}

export class TooDeepError extends SyntaxError {
  constructor() {
    super(`JSON nested deeper than ${deepestJson} levels`);
  }
}
