/**
 * WWW-Authenticate as what it is: a list of challenges, each a scheme with parameters (RFC 9110 11.6.1). Pure.
 *
 * @module
 */

export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** By name in lower case; quoted strings are unquoted. */
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`^(${token})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))[ \\t]*(?=,|$)`);
const scheme = new RegExp(`^(${token})(?:[ \\t]+|(?=,|$))`);
const token68 = /^[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/;

/** Every challenge of a header value, whose lines may have been joined with commas. What cannot be read is left out up to the next comma. */
export function parseChallenges(value: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = value;
  for (;;) {
    rest = rest.replace(/^[ \t,]+/, '');
    if (rest === '') return challenges;
    const current = challenges.at(-1);
    const named = parameter.exec(rest);
    if (named !== null && current !== undefined) {
      const [whole, name = '', quoted, plain = ''] = named;
      current.parameters[name.toLowerCase()] ??= quoted === undefined ? plain : quoted.replace(/\\(.)/gs, '$1');
      rest = rest.slice(whole.length);
      continue;
    }
    const begun = scheme.exec(rest);
    if (begun === null) {
      rest = rest.replace(/^(?:"(?:[^"\\]|\\.)*"|[^,])+/s, '');
      continue;
    }
    challenges.push({ scheme: (begun[1] ?? '').toLowerCase(), parameters: {} });
    rest = rest.slice(begun[0].length);
    if (parameter.exec(rest) === null) rest = rest.replace(token68, '');
  }
}
