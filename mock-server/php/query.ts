/**
 * Query strings as Symfony normalises them for the URLs it writes: parameters sorted by name, brackets and blanks encoded.
 *
 * @module
 */
import { parsePhpParams, type PhpArray } from './params.ts';

export function normalizedQuery(queryString: string): string {
  if (queryString === '') return '';
  return buildQuery(parsePhpParams(queryString), true);
}

/** `http_build_query` with RFC 3986 encoding. */
export function buildQuery(params: PhpArray, sorted = false): string {
  const names = Object.keys(params);
  if (sorted) names.sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name) => pairs(encode(name), params[name])).join('&');
}

function pairs(name: string, value: PhpArray[string] | undefined): string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [`${name}=${encode(value)}`];
  return Object.entries(value).flatMap(([key, item]) => pairs(`${name}%5B${encode(key)}%5D`, item));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
