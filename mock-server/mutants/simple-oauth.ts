/**
 * Wrong implementations of Simple OAuth.
 *
 * @module
 */
import { bearerMutants } from './simple-oauth/bearer.ts';
import { tokenEndpointMutants } from './simple-oauth/token-endpoint.ts';

export const simpleOauthMutants = [...tokenEndpointMutants, ...bearerMutants];
