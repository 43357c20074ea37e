/**
 * `json_encode()` as Drupal and the modules call it: slashes and everything beyond ASCII escaped; `hex` adds the four JSON_HEX
 * flags that Symfony's JsonResponse and Drupal's serializer set.
 *
 * @module
 */

const plain = /\/|[\u0080-\uffff]/g;
const hexed = /\\\\|\\"|[/'&<>]|[\u0080-\uffff]/g;
/** Whether there is anything for `hexed` to do; it may say yes in vain. */
const special = /[/'&<>\u0080-\uffff]|\\"/;
const slash = '\\/';

const hexEscapes: Readonly<Record<string, string>> = {
  '\\"': '\\u0022',
  "'": '\\u0027',
  '&': '\\u0026',
  '<': '\\u003C',
  '>': '\\u003E',
};

/** Symfony's default: `'`, `"`, `&`, `<`, `>` inside strings as `\u00XX`. */
export function phpJsonHex(value: unknown): string {
  const text = JSON.stringify(value);
  if (!special.test(text)) return text;
  return text.replace(hexed, (found) => {
    if (found === '\\\\') return found;
    if (found === '/') return slash;
    return hexEscapes[found] ?? unicode(found.charCodeAt(0));
  });
}

export function phpJson(value: unknown): string {
  return JSON.stringify(value).replace(plain, escapePlain);
}

/** JSON_PRETTY_PRINT: four spaces. */
export function phpJsonPretty(value: unknown): string {
  return JSON.stringify(value, null, 4).replace(plain, escapePlain);
}

function escapePlain(found: string): string {
  return found === '/' ? slash : unicode(found.charCodeAt(0));
}

function unicode(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
