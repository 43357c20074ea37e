import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scan, scanFile, scanStream, StreamMasker } from './scan.ts';
import { Vault } from './vault.ts';

const secret = 'C0rrect horse/bättery';
const token = 'eyJhbGciOiJub25lIn0-0123456789-abcdefghijklmnop';

function newVault(): Vault {
  const vault = new Vault();
  vault.add('users.main.password', secret);
  vault.add('token:main', token);
  return vault;
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dac-scan-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('scanning', () => {
  it('tells label, spelling and byte offset of each secret', () => {
    const text = `ü ${JSON.stringify(secret)} ${token} ${Buffer.from(`user:${secret}`).toString('base64')}`;
    expect(scan(text, newVault())).toMatchObject([
      { label: 'users.main.password', encoding: 'raw', offset: 4 },
      { label: 'token:main#1', encoding: 'raw', offset: 4 + Buffer.byteLength(secret) + 2 },
      { label: 'users.main.password', encoding: 'base64' },
    ]);
    expect(scan(encodeURIComponent(secret), newVault())).toMatchObject([{ encoding: 'escaped', offset: 0 }]);
  });

  it('finds nothing in masked text', () => {
    const vault = newVault();
    expect(scan(vault.mask(`${secret} and ${token}`), vault)).toEqual([]);
  });

  it('finds a value that is masked by field', () => {
    const vault = new Vault();
    vault.add('users.main.password', 's3cr');
    expect(scan('{"body":"{\\"password\\":\\"s3cr\\",\\"user\\":\\"s3cr\\"}"}', vault)).toHaveLength(1);
  });

  it('finds every secret wherever the pieces of a stream end', async () => {
    const vault = newVault();
    const spellings = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(`:${secret}`).toString('base64'),
      token,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(90_000), fc.constantFrom(...spellings)), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 6 }),
        async (planted, sizes) => {
          const bytes = Buffer.from(`${planted.map(([gap, spelling]) => `${'. '.repeat(gap / 2)}${spelling}`).join('')} end`);
          const pieces: Buffer[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] as number;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          const hits = await scanStream(asStream(pieces), vault);
          expect(hits).toHaveLength(planted.length);
          const masker = new StreamMasker(vault);
          const masked = Buffer.concat([...pieces.map((piece) => masker.push(piece)), masker.end()]).toString();
          for (const spelling of spellings) expect(masked.includes(spelling)).toBe(false);
          expect(masked).toBe(vault.mask(bytes.toString('latin1')));
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('keeps no more in memory than it needs', () => {
    const masker = new StreamMasker(newVault());
    let given = 0;
    for (let count = 0; count < 100; count += 1) given += masker.push(Buffer.alloc(65_536, 'x')).length;
    expect(100 * 65_536 - given).toBeLessThan(200_000);
    expect(given + masker.end().length).toBe(100 * 65_536);
  });
});

describe('scanning a file', () => {
  it('leaves a clean file alone', async () => {
    const path = join(folder, 'clean.json');
    await writeFile(path, '{"ok":true}');
    const before = await stat(path);
    expect(await scanFile(path, newVault())).toEqual([]);
    const after = await stat(path);
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('rewrites a file that holds a secret, byte for byte the same but for it', async () => {
    const path = join(folder, 'leak.bin');
    const before = Buffer.concat([Buffer.from([0, 0xff, 0xc3, 0x28]), Buffer.alloc(300_000, 'x')]);
    const after = Buffer.from(' und süß\r\n');
    await writeFile(path, Buffer.concat([before, Buffer.from(secret), after]), { mode: 0o640 });
    const hits = await scanFile(path, newVault());
    expect(hits).toMatchObject([{ label: 'users.main.password', offset: before.length }]);
    expect((await readFile(path)).equals(Buffer.concat([before, Buffer.from('{{users.main.password}}'), after]))).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('masked'));
  });

  it('leaves JSON that can be read', async () => {
    const path = join(folder, 'leak.json');
    await writeFile(path, JSON.stringify({ a: `x\\${secret}`, b: JSON.stringify({ c: secret }), d: [token] }));
    await scanFile(path, newVault());
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      a: 'x\\{{users.main.password}}',
      b: '{"c":"{{users.main.password}}"}',
      d: ['{{token:main#1 len=47}}'],
    });
  });

  it('fails for a file that is not there', async () => {
    await expect(scanFile(join(folder, 'none'), newVault())).rejects.toThrow(/ENOENT/);
  });
});

async function* asStream(pieces: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}
