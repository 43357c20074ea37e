/**
 * What differs between the versions of the module. Of the current one only paths, scope and grants are published (facts B-2, B-3); its answers follow
 * the RFCs and no spec may rely on them.
 *
 * @module
 */

export type RefusalKey = 'code' | 'clientIdEmpty' | 'clientId' | 'clientSecret' | 'expired' | 'grantType' | 'redirectUri';

/** What a refusal of the token endpoint prints; `json` is printed as JSON, with its status. */
type Print = { readonly html: string } | { readonly json: Readonly<Record<string, string>>; readonly status?: number };

export interface Edition {
  readonly paths: { readonly authorize: string; readonly token: string; readonly userinfo: string };
  readonly scope: string;
  /** The scope of an authorization request is looked at. */
  readonly checksScope: boolean;
  readonly administratorsOnly: boolean;
  /** The redirect URI of the request must be the configured one already at the authorization endpoint. */
  readonly checksRedirect: boolean;
  readonly codeIsUsedUp: boolean;
  /** What `expires_in` says; null is an unset variable. */
  readonly expiresIn: number | null;
  /** JSON as JSON, with statuses; else PHP's default content type. */
  readonly isProper: boolean;
  readonly refusals: Readonly<Record<RefusalKey, Print>>;
  readonly userHasId: boolean;
  /** An unknown token at the user information endpoint. */
  readonly unknownToken: 'text' | 'fatal' | 'challenge';
}

const oldPaths = { authorize: '/authorize', token: '/access_token', userinfo: '/user_info' } as const;

const block = (text: string): Print => ({ html: `<div style="font-family:Calibri;padding:0 3%;"><h2>ERROR</h2><p>${text}</p></div>` });
const proper = (error: string, text: string, status = 400): Print => ({ json: { error, error_description: text }, status });

const first: Edition = {
  paths: oldPaths,
  scope: 'profile',
  checksScope: false,
  administratorsOnly: false,
  checksRedirect: false,
  codeIsUsedUp: false,
  expiresIn: null,
  isProper: false,
  refusals: {
    code: { html: 'Code missing' },
    clientIdEmpty: { html: 'Client ID mismatch' },
    clientId: { html: 'Client ID mismatch' },
    clientSecret: { html: 'Client Secret mismatch' },
    expired: { html: 'Your authentication code has expired. Please try again.' },
    grantType: { html: 'Only Authorization Code grant type supported' },
    redirectUri: { html: 'Redirect URL mismatch' },
  },
  userHasId: false,
  unknownToken: 'text',
};

const last: Edition = {
  ...first,
  checksScope: true,
  administratorsOnly: true,
  expiresIn: 900,
  refusals: {
    code: { html: '' },
    clientIdEmpty: { json: { error_description: 'Client ID is missing' } },
    clientId: block('Client ID mismatch'),
    clientSecret: block('Client Secret mismatch'),
    expired: block('Your authentication code has expired. Please try again.'),
    grantType: block('Only Authorization Code grant type supported'),
    redirectUri: block('Redirect URL mismatch'),
  },
  userHasId: true,
  unknownToken: 'fatal',
};

const current: Edition = {
  paths: { authorize: '/mo/oauth2/authorize', token: '/mo/oauth2/token', userinfo: '/mo/oauth2/userinfo' },
  scope: 'profile openid email',
  checksScope: false,
  administratorsOnly: false,
  checksRedirect: true,
  codeIsUsedUp: true,
  expiresIn: 900,
  isProper: true,
  refusals: {
    code: proper('invalid_grant', 'The code is unknown'),
    clientIdEmpty: proper('invalid_request', 'The client ID is missing'),
    clientId: proper('invalid_client', 'The client is unknown', 401),
    clientSecret: proper('invalid_client', 'The client secret is wrong', 401),
    expired: proper('invalid_grant', 'The code has expired'),
    grantType: proper('unsupported_grant_type', 'The grant type is not supported'),
    redirectUri: proper('invalid_grant', 'The redirect URI is another one'),
  },
  userHasId: true,
  unknownToken: 'challenge',
};

/** Read were 8.x-1.0 and 8.x-1.21: what lies between them is taken for the first, what comes after for the current one. */
export function editionOf(version: string): Edition {
  const minor = /^(?:8\.x-)?1\.(\d+)/.exec(version)?.[1];
  if (minor === undefined || Number(minor) > 21) return current;
  return Number(minor) === 21 ? last : first;
}
