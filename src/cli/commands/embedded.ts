/**
 * The embedded mock of `dac run` without `-t`: one site per product, each on a free port of the loopback interface.
 *
 * @module
 */
import { createDrupalMock, supportsProfile, type DrupalMock } from '../../../mock-server/index.ts';
import type { Profile } from '../../model/catalogue.ts';
import type { Target } from '../../model/target.ts';
import { TargetError } from '../../support/error.ts';

/** Starts what the mock can imitate of these profiles; `stop` ends every server. */
export async function startEmbeddedSites(
  profiles: readonly Profile[],
): Promise<{ readonly targets: readonly Target[]; stop(): Promise<void> }> {
  const mocks: DrupalMock[] = [];
  const targets: Target[] = [];
  for (const [index, { name }] of profiles.filter((profile) => supportsProfile(profile.name)).entries()) {
    // A seed each: what one site makes up, a token say, would else turn up in the answers of another and pass for a leak.
    const mock = createDrupalMock({ profile: name, seed: index + 1 });
    mocks.push(mock);
    await mock.listen({ port: 0 }).catch((error: unknown) => {
      throw new TargetError(`the embedded mock cannot listen on the loopback interface: ${String(error)}`, { cause: error });
    });
    const { profile: _, ...file } = mock.target(name);
    targets.push({ ...file, name: `mock ${name}`, profiles: [name] });
  }
  return {
    targets,
    stop: async () => {
      await Promise.all(mocks.map((mock) => mock.close()));
    },
  };
}
