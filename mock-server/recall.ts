/**
 * Memory for pure look-ups on the hot path.
 *
 * @module
 */

const longest = 200;
const most = 500;

/** Remembers answers to short questions: the same few paths are asked for again and again. */
export function recalling<T>(find: (text: string) => T): (text: string) => T {
  const found = new Map<string, T>();
  return (text) => {
    const known = found.get(text);
    if (known !== undefined) return known;
    const value = find(text);
    if (text.length <= longest) {
      if (found.size >= most) found.clear();
      found.set(text, value);
    }
    return value;
  };
}
