/**
 * Several sources as one: values come out as they come in, and no source runs ahead of the reader.
 *
 * @module
 */

/**
 * Reads at most `width` sources at a time, in their order. When it ends, for whatever reason, `onEnd` is called before the sources are closed, so that
 * what they wait for can be broken off.
 */
export async function* interleave<T>(
  sources: readonly AsyncGenerator<T, void, undefined>[],
  width: number,
  onEnd: () => void,
): AsyncGenerator<T, void, undefined> {
  const ready: { readonly source: AsyncGenerator<T, void, undefined>; readonly result: IteratorResult<T, void> }[] = [];
  const failures: unknown[] = [];
  let wake = () => undefined as void;
  let begun = 0;
  let open = 0;
  // A race over all of them would keep a reaction on the slowest for every value of the others.
  const ask = (source: AsyncGenerator<T, void, undefined>) =>
    source.next().then(
      (result) => {
        ready.push({ source, result });
        wake();
      },
      (error: unknown) => {
        failures.push(error);
        wake();
      },
    );
  const begin = () => {
    for (; open < width && begun < sources.length; open++) void ask(sources[begun++] as AsyncGenerator<T, void, undefined>);
  };
  try {
    begin();
    while (open > 0) {
      if (failures.length > 0) throw failures[0];
      const one = ready.shift();
      if (one === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (one.result.done === true) {
        open--;
        begin();
      } else {
        yield one.result.value;
        void ask(one.source);
      }
    }
  } finally {
    onEnd();
    await Promise.allSettled(sources.map((source) => source.return()));
  }
}
