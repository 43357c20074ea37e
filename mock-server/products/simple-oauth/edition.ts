/**
 * What differs between the major versions of Simple OAuth and the OAuth library beneath, as data (facts: recordings of 6.0.9 with
 * league/oauth2-server 9.2.0, and of 5.2.2 with 8.3.6).
 *
 * @module
 */

export interface Edition {
  readonly major: 5 | 6;
  /** Error documents repeat the description as `message` (league 8). */
  readonly repeatsMessage: boolean;
  /** Parameters are trimmed, and must be strings (league 9). */
  readonly trimsParameters: boolean;
  /** An absent or empty client_secret of a confidential client is 400 invalid_request instead of 401 invalid_client. */
  readonly missingSecretIsInvalidRequest: boolean;
  /** The client's default user is looked at before its secret. */
  readonly checksUserBeforeSecret: boolean;
  /** A client that is not confidential may use client_credentials. */
  readonly allowsPublicClients: boolean;
  /** A `redirect_uri` that is not registered refuses the client in every grant. */
  readonly checksStrayRedirectUri: boolean;
  /** A bad refresh token is 400 invalid_grant; before, 401 invalid_request. */
  readonly refreshFaultIsInvalidGrant: boolean;
  /** Grants are enabled consumer by consumer; before, for the whole site. */
  readonly grantsPerConsumer: boolean;
  /** Scopes are entities of their own; before, roles. */
  readonly hasScopeEntities: boolean;
  /** Claims: `sub` in client_credentials tokens, `iss`. */
  readonly writesSubject: boolean;
  readonly writesIssuer: boolean;
  /** A refused Bearer token gets a challenge, and a body that says nothing; before, no challenge, and the body gives the reason. */
  readonly challenges: boolean;
  /** The JWT library names an empty signature part; before, it fails at the signature. */
  readonly namesMissingParts: boolean;
  /** JWKS is public, and also at /.well-known/jwks.json. */
  readonly publicJwks: boolean;
  /** `updated_at` of userinfo is a number; before, text. */
  readonly numericUpdatedAt: boolean;
  /** X-Consumer-ID and Vary on every answer. */
  readonly consumerHeader: boolean;
  /** User 1 may everything with any token; later the scopes decide. */
  readonly userOneMayAll: boolean;
  /** A deleted consumer ends the request outside the exception handler of Drupal. */
  readonly deletedConsumerIsFatal: boolean;
}

const six: Edition = {
  major: 6,
  repeatsMessage: false,
  trimsParameters: true,
  missingSecretIsInvalidRequest: true,
  checksUserBeforeSecret: true,
  allowsPublicClients: false,
  checksStrayRedirectUri: false,
  refreshFaultIsInvalidGrant: true,
  grantsPerConsumer: true,
  hasScopeEntities: true,
  writesSubject: false,
  writesIssuer: true,
  challenges: true,
  namesMissingParts: true,
  publicJwks: true,
  numericUpdatedAt: true,
  consumerHeader: true,
  userOneMayAll: false,
  deletedConsumerIsFatal: false,
};

const five: Edition = {
  major: 5,
  repeatsMessage: true,
  trimsParameters: false,
  missingSecretIsInvalidRequest: false,
  checksUserBeforeSecret: false,
  allowsPublicClients: true,
  checksStrayRedirectUri: true,
  refreshFaultIsInvalidGrant: false,
  grantsPerConsumer: false,
  hasScopeEntities: false,
  writesSubject: true,
  writesIssuer: false,
  challenges: false,
  namesMissingParts: false,
  publicJwks: false,
  numericUpdatedAt: false,
  consumerHeader: false,
  userOneMayAll: true,
  deletedConsumerIsFatal: true,
};

/** The behaviour of a version such as `6.0.9` or `5.2.2`; unknown majors behave as the newest one imitated. */
export function editionOf(version: string): Edition {
  return /^(8\.x-)?[1-5]\./.test(version) ? five : six;
}
