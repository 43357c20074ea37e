import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadShipped, loadWithUser } from './catalogue.ts';
import { digestOf } from './digest.ts';
import { readSources } from './files.ts';

describe('loadShipped', () => {
  it('gives the compiled specs, whose digest is that of their content', async () => {
    const { digest, ...content } = await loadShipped();
    expect(content.cases.length).toBeGreaterThan(0);
    expect(digest).toBe(digestOf(content));
  });
});

describe('the specs of a user', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'dac-specs-'));
    await mkdir(join(root, 'mine', 'sub', '.hidden'), { recursive: true });
    await mkdir(join(root, 'empty'));
    await writeFile(join(root, 'mine', 'sub', 'extra.yaml'), 'title: Extra\nprofile: miniorange/oauth\ncases: {}\n');
    await writeFile(join(root, 'mine', 'sub', '.hidden', 'x.yaml'), 'not: read\n');
    await writeFile(join(root, 'mine', 'notes.txt'), 'not: read\n');
    await writeFile(join(root, 'outside.yaml'), 'secret: of another folder\n');
    await symlink(join(root, 'outside.yaml'), join(root, 'mine', 'link.yaml'));
    await symlink(join(root, 'mine', 'sub', 'extra.yaml'), join(root, 'mine', 'inside.yaml'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('are read from folders, whose links must stay inside', async () => {
    const sources = readSources(join(root, 'mine'), 'mine/');
    expect(sources.map(({ path }) => path)).toEqual(['mine/inside.yaml', 'mine/sub/extra.yaml']);
  });

  it('stand beside the shipped ones', async () => {
    const [shipped, both] = await Promise.all([loadShipped(), loadWithUser([join(root, 'mine', 'sub', 'extra.yaml')])]);
    expect(both.cases).toEqual(shipped.cases);
    expect(await loadWithUser([])).toEqual(shipped);
  });

  it('that are not there, or hold no spec, are a clear error', async () => {
    await expect(loadWithUser([join(root, 'nowhere')])).rejects.toMatchObject({
      code: 'E_USAGE',
      message: `cannot read specs from "${join(root, 'nowhere')}": there is no such file or folder`,
    });
    await expect(loadWithUser([join(root, 'empty')])).rejects.toMatchObject({
      code: 'E_USAGE',
      message: `"${join(root, 'empty')}" holds no .yaml file`,
      remedy: 'name a folder with spec files',
    });
  });
});
