/**
 * Changes that a clause seems to rule out and does not: each was looked at and has a reason. A reason that no change needs any more fails a test.
 *
 * @module
 */
import type { DerivedMutant } from './derive.ts';

export interface Freedom {
  /** Profiles that it holds for. */
  readonly profiles: readonly string[];
  readonly kind: RegExp;
  readonly leaf: RegExp;
  readonly change?: RegExp;
  /** Why no check may notice, as a sentence. */
  readonly because: string;
}

export const freedoms: readonly Freedom[] = [
  {
    profiles: ['oauth2', 'simple-oauth'],
    kind: /^POST \/oauth\/token.* → 4/,
    leaf: /^\/error_description$/,
    change: /^(missing|renamed)$/,
    because: 'RFC 6749 5.2 makes error_description optional; only its form is judged.',
  },
  {
    profiles: ['oauth2'],
    kind: /^POST \/oauth\/token \((client_credentials|password)\) → 400 invalid_request$/,
    leaf: /^(status|header Content-Type|\/error_description)$/,
    because:
      'A parameter that is sent twice, or two ways to authenticate, may be taken or refused: that is a duty of the client, and whoever refuses may do so in its own form.',
  },
  {
    profiles: ['simple-oauth', 'rest', 'jsonapi'],
    kind: /^OPTIONS /,
    leaf: /^header Allow$/,
    because: 'A layer for CORS in front may answer OPTIONS by itself, without Allow.',
  },
  {
    profiles: ['simple-oauth'],
    kind: /^GET \/user\/\{id\}\?_format=json → 401$/,
    leaf: /^\/message$/,
    because: "The member message of a 401 is Drupal's own; RFC 6750 puts everything into the challenge and says nothing about the body.",
  },
  {
    profiles: ['rest', 'jsonapi', 'miniorange/basic', 'miniorange/api-key'],
    kind: /→ (200|403)$/,
    leaf: /^header Cache-Control$/,
    because:
      'Any value that keeps shared caches away will do, and so will none where Authorization was sent (RFC 9111 3.5); what Drupal sends is only noted.',
  },
  {
    profiles: ['miniorange/oauth'],
    kind: /^GET \/user\/\{id\} → 401 /,
    leaf: /./,
    because:
      'The page knows one spelling of _format; where it is spelled otherwise, whoever answers may refuse in its own form, as long as nothing is shown.',
  },
  {
    profiles: ['miniorange/oauth'],
    kind: /^POST \/rest_api\/access_token \((client_credentials|password)\) → 400 INVALID_GRANT_TYPE$/,
    leaf: /./,
    because: 'Only a body that is no form gets here; the page says nothing about it, so that a refusal in any form is right.',
  },
  {
    profiles: ['miniorange/oauth'],
    kind: /^POST \/rest_api\/access_token \(client_credentials\) → 401 INVALID_CREDENTIALS$/,
    leaf: /./,
    because:
      'The page says INVALID_CREDENTIALS for a wrong user name without saying in which grant, so that another error is right in this one.',
  },
];

/** Why a change that no check noticed is right all the same; undefined: it is not known to be. */
export function freedomOf({ profile, kind, leaf, change }: DerivedMutant): Freedom | undefined {
  return freedoms.find(
    (one) =>
      one.profiles.includes(profile) && one.kind.test(kind) && one.leaf.test(leaf) && (one.change === undefined || one.change.test(change)),
  );
}
