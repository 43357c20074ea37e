import { describe, expect, it } from 'vitest';
import { run, UsageError, type RunOptions } from './index.ts';

const target = { profile: 'miniorange/oauth', baseUrl: 'http://127.0.0.1:9/' };

async function problemOf(options: unknown): Promise<string> {
  try {
    for await (const record of run(options as RunOptions)) void record;
    return 'no problem';
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
}

describe('run', () => {
  it.each([
    [undefined, 'run: expected an object with the key "target", found nothing'],
    [{}, 'run: the option "target" is missing'],
    [{ target: 5 }, 'run: the option "target" must be a target, or an array of targets, found a number'],
    [{ target: [] }, 'run: the option "target" is an empty array'],
    [{ target, select: 'miniorange' }, 'run: the option "select" must be an array of strings, found a string "miniorange"'],
    [{ target, strict: 'yes' }, 'run: the option "strict" must be true or false, found a string "yes"'],
    [{ target, seed: 1.5 }, 'run: the option "seed" must be a whole number, 0 or more, found a number 1.5'],
    [{ target, concurrency: 0 }, 'run: the option "concurrency" must be a whole number, 1 or more, found a number 0'],
    [{ target, signal: {} }, 'run: the option "signal" must be an AbortSignal, found an object'],
    [{ target, witnes: 'rfc' }, 'run: unknown option "witnes". Did you mean "witness"?'],
    [{ target: { profile: 'miniorange/oauth' } }, 'run: the key "target.baseUrl" is missing'],
    [{ target: [target, { ...target, version: 2 }] }, 'run: the key "target[1].version" must be string, found a number'],
    [
      { target: { ...target, clients: { main: { id: 'a', secrt: 'hush-hush-1' } } } },
      'run: unknown key "target.clients.main.secrt". Did you mean "secret"?',
    ],
    [
      { target: { ...target, users: { main: { password: 12345678 } } } },
      'run: the key "target.users.main.password" must be string, found a number',
    ],
    [
      { target: { ...target, profile: 'miniorange/oath' } },
      'run: the key "target.profile" names no profile: "miniorange/oath". Did you mean "miniorange/oauth"?',
    ],
    [{ target: { ...target, baseUrl: 'ftp://example.org' } }, 'run: the key "target.baseUrl" must be an http or https address'],
  ] as const)('names the key that is wrong: %j', async (options, message) => {
    expect(await problemOf(options)).toBe(message);
  });

  it('never shows a value of a target', async () => {
    expect(await problemOf({ target: { ...target, headers: { 'X-Gate': 4711 } } })).not.toContain('4711');
  });

  it('says in the footer that a report is cut when its signal ends it', async () => {
    const controller = new AbortController();
    controller.abort();
    const records = [];
    for await (const record of run({ target, signal: controller.signal })) records.push(record);
    expect(records.at(-1)).toMatchObject({ type: 'footer', cut: 'interrupted', exitCode: 130 });
  });
});
