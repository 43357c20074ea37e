import { describe, expect, it } from 'vitest';
import { defaultSite } from './default-site.ts';
import { withPeople } from './people.ts';
import { checkSite } from './site-check.ts';
import type { SiteFile } from './site-file.ts';

describe('withPeople', () => {
  const file = defaultSite('miniorange/oauth') as SiteFile;

  it('adds as many people as asked for, the same for the same seed, and leaves the cast alone', async () => {
    const more = await withPeople(file, 25, 7);
    expect(more.users).toHaveLength(7 + 25);
    expect(more.users?.slice(0, 7)).toEqual(file.users);
    expect(await withPeople(file, 25, 7)).toEqual(more);
    expect(await withPeople(file, 25, 8)).not.toEqual(more);
    expect(checkSite(more)).toEqual([]);
  });
});
