/**
 * Every mutant, by id.
 *
 * @module
 */
import { didYouMean } from '../../src/support/suggest.ts';
import { UsageError } from '../../src/support/error.ts';
import { jsonapiMutants } from './jsonapi.ts';
import { miniorangeFree } from './miniorange-free.ts';
import { miniorangeJwt } from './miniorange-jwt.ts';
import { miniorangeOauth } from './miniorange-oauth.ts';
import { graphqlMutants } from './graphql.ts';
import type { Mutant } from './mutant.ts';
import { oauth2Mutants } from './oauth2.ts';
import { oauthServerMutants } from './oauth-server.ts';
import { restMutants } from './rest.ts';
import { simpleOauthMutants } from './simple-oauth.ts';

export const mutants: readonly Mutant[] = [
  ...miniorangeOauth,
  ...miniorangeFree,
  ...miniorangeJwt,
  ...simpleOauthMutants,
  ...oauth2Mutants,
  ...oauthServerMutants,
  ...graphqlMutants,
  ...restMutants,
  ...jsonapiMutants,
];

/** The mutant with this id; throws a UsageError that names the nearest one. */
export function findMutant(id: string): Mutant {
  const found = mutants.find((mutant) => mutant.id === id);
  if (found !== undefined) return found;
  const ids = mutants.map((mutant) => mutant.id);
  throw new UsageError(`No mutant "${id}".${didYouMean(id, ids)}`, { remedy: 'dac mutants lists them.' });
}
