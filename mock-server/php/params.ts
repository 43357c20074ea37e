/**
 * `$_GET` and `$_POST` as PHP builds them: the last of a repeated name wins, `a[]` and `a[b]` make arrays, dots and blanks in a
 * name become underscores, and what follows the thousandth parameter is dropped (`max_input_vars`); a
 * form has room for one more.
 *
 * @module
 */

export type PhpValue = string | PhpArray;
export interface PhpArray {
  [key: string]: PhpValue;
}

const mostParameters = 1000;
export const mostFormParameters = 1001;

export const noParams: PhpArray = Object.freeze(Object.create(null) as PhpArray);

export function parsePhpParams(text: string, most = mostParameters): PhpArray {
  if (text === '') return noParams;
  const params = Object.create(null) as PhpArray;
  let count = 0;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    if (++count > most) break;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    assignPhpParam(params, decodeForm(name), equals < 0 ? '' : decodeForm(pair.slice(equals + 1)));
  }
  return params;
}

/** Sets one parameter by its PHP name, e.g. `scope[]`; used by the multipart reader too. */
export function assignPhpParam(params: PhpArray, rawName: string, value: string): void {
  if (/^\w+$/.test(rawName)) {
    params[rawName] = value;
    return;
  }
  const name = rawName.trimStart();
  const nul = name.indexOf('\0');
  const clean = nul < 0 ? name : name.slice(0, nul);
  if (clean === '') return;
  const bracket = clean.indexOf('[', 1);
  const close = bracket < 0 ? -1 : clean.indexOf(']', bracket);
  if (close < 0) {
    params[clean.replace(/[ .[]/g, '_')] = value;
    return;
  }
  const root = clean.slice(0, bracket).replace(/[ .]/g, '_');
  const keys = [...clean.slice(bracket).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
  let array = subArray(params, root);
  keys.forEach((key, index) => {
    const slot = key === '' ? String(Object.keys(array).length) : key;
    if (index === keys.length - 1) array[slot] = value;
    else array = subArray(array, slot);
  });
}

function subArray(parent: PhpArray, key: string): PhpArray {
  const found = parent[key];
  if (typeof found === 'object') return found;
  const made = Object.create(null) as PhpArray;
  parent[key] = made;
  return made;
}

/** `urldecode()`: `+` is a blank, broken percent sequences stay, bytes that are not UTF-8 become U+FFFD. */
export function decodeForm(text: string): string {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** `rawurldecode()`. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    const bytes: number[] = [];
    const source = new TextEncoder().encode(text);
    for (let i = 0; i < source.length; i++) {
      const pair = source[i] === 0x25 ? String.fromCharCode(source[i + 1] ?? 0, source[i + 2] ?? 0) : '';
      if (/^[0-9A-Fa-f]{2}$/.test(pair)) {
        bytes.push(Number.parseInt(pair, 16));
        i += 2;
      } else bytes.push(source[i] ?? 0);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }
}

/** The value as a string parameter; an array or an absent one is undefined. */
export function textParam(params: PhpArray, name: string): string | undefined {
  const value = params[name];
  return typeof value === 'string' ? value : undefined;
}
