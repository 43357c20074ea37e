/**
 * Wrong implementations of the miniOrange OAuth method.
 *
 * @module
 */
import { answerMutants } from './miniorange-oauth/answers.ts';
import { credentialMutants } from './miniorange-oauth/credentials.ts';
import { gateMutants } from './miniorange-oauth/gate.ts';
import { grantMutants } from './miniorange-oauth/grants.ts';
import { refusalMutants } from './miniorange-oauth/refusals.ts';
import { tokenMutants } from './miniorange-oauth/tokens.ts';

export const miniorangeOauth = [
  ...credentialMutants,
  ...grantMutants,
  ...tokenMutants,
  ...gateMutants,
  ...refusalMutants,
  ...answerMutants,
];
