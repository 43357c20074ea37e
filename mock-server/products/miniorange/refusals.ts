/**
 * Every refusal of the module as data: status, code field, error and description, by method and version. Logic names a key and
 * never a text.
 *
 * @module
 */

export interface Refusal {
  readonly status: number;
  /** Value of the code field as written: a string, a number, or absent. */
  readonly code?: string | number;
  /** Absent: the body has no `error` member. */
  readonly error?: string;
  /** Name of the member that holds the description. Default error_description. */
  readonly textField?: 'message';
  /** `{name}` stands for the user's display name. */
  readonly description: string;
  /** No document, source or recording gives this one; modelled after the free edition's manners. Nothing may depend on it. */
  readonly unpublished?: true;
}

type Table<Key extends string> = Readonly<Record<Key, Refusal>>;

/** The code as a string equal to the status, as most refusals have it. */
function coded(status: number, error: string, description: string): Refusal {
  return { status, code: String(status), error, description };
}

function numbered(status: number, error: string, description: string): Refusal {
  return { status, code: status, error, description };
}

/** Before 2.0.13 the code is no status: every refusal is HTTP 200. */
function old(code: string, error: string | undefined, description: string): Refusal {
  return { status: 200, code, ...(error === undefined ? {} : { error }), description };
}

function uncoded<Key extends string>(table: Table<Key>): Table<Key> {
  const entries = Object.entries<Refusal>(table).map(([key, { error, description }]) => [key, { status: 200, error, description }]);
  return Object.fromEntries(entries) as Table<Key>;
}

export type ApplicationKey = 'missingApplication' | 'unknownApplication';

/** AUTH-METHOD, from 2.1.0 (source and recordings). */
export const freeApplication: Table<ApplicationKey> = {
  missingApplication: numbered(
    400,
    'MISSING_HEADER',
    'Missing required unique header. It should contain the application ID, or a default application must be configured.',
  ),
  unknownApplication: numbered(400, 'INVALID_APPLICATION_ID', 'The provided application ID is not valid or not configured.'),
};

export type OauthKey =
  | ApplicationKey
  | 'missingAuthorization'
  | 'wrongScheme'
  | 'invalidToken'
  | 'expiredToken'
  | 'invalidCredentials'
  | 'invalidClient'
  | 'invalidClientSecret'
  | 'missingUsername'
  | 'invalidGrant'
  | 'userBlocked';

/** The paid OAuth method, texts and code types as the document of 2025-11-21 prints them. */
export const paidOauth: Table<OauthKey> = {
  missingApplication: numbered(400, 'MISSING_HEADER', 'Missing required unique header. It should contain the application ID.'),
  // Source of 2.1.0, free edition; the document does not have it.
  unknownApplication: freeApplication.unknownApplication,
  // Printed without http_code, so its status is unpublished; the free edition answers 401.
  missingAuthorization: { status: 401, error: 'MISSING_AUTHORIZATION_HEADER', description: 'Authorization header not received.' },
  wrongScheme: coded(405, 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 'Authorization header must be the type of Bearer Token.'),
  invalidToken: coded(401, 'INVALID_ACCESS_TOKEN', 'Invalid Access Token.'),
  expiredToken: coded(401, 'TOKEN_EXPIRED', 'Invalid request: Token Expired.'),
  invalidCredentials: coded(401, 'INVALID_CREDENTIALS', 'Invalid username or password.'),
  invalidClient: coded(401, 'INVALID_CLIENT_ID', 'Invalid Client ID.'),
  invalidClientSecret: coded(401, 'INVALID_CLIENT_SECRET', 'Invalid Client Secret.'),
  missingUsername: coded(400, 'MISSING_USERNAME', 'No Username found in request.'),
  invalidGrant: { ...coded(400, 'INVALID_GRANT_TYPE', 'The grant type is missing or not supported.'), unpublished: true },
  userBlocked: {
    ...coded(403, 'USER_BLOCKED', 'The Username {name} has not been activated or is blocked.'),
    unpublished: true,
  },
};

export type JwtKey =
  'missingAuthorization' | 'wrongScheme' | 'invalidSignature' | 'expiredToken' | 'unknownUser' | 'invalidCredentials' | 'userBlocked';

/**
 * The paid JWT method: names and texts of an older edition of its document. Statuses and code fields are those of the OAuth method;
 * nobody publishes them.
 */
export const paidJwt: Table<JwtKey> = {
  missingAuthorization: paidOauth.missingAuthorization,
  wrongScheme: paidOauth.wrongScheme,
  invalidSignature: { ...coded(401, 'INVALID_SIGNATURE', 'Invalid Token signature.'), textField: 'message' },
  expiredToken: { ...coded(401, 'TOKEN_EXPIRED', 'Invalid request: Token Expired.'), textField: 'message' },
  unknownUser: { ...coded(401, 'USER_INFORMATION_NOT_FOUND', 'Could Not Retrieve User Information.'), textField: 'message' },
  invalidCredentials: paidOauth.invalidCredentials,
  userBlocked: paidOauth.userBlocked,
};

export type BasicKey = 'missingAuthorization' | 'wrongScheme' | 'incomplete' | 'missingUsername' | 'invalidCredentials' | 'userBlocked';

const userBlocked = coded(403, 'USER_BLOCKED', 'The Username {name} has not been activated or is blocked.');

/** From 2.0.13. */
export const basic: Table<BasicKey> = {
  missingAuthorization: coded(401, 'MISSING_AUTHORIZATION_HEADER', 'Authorization header not received.'),
  wrongScheme: coded(401, 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 'Authorization header must be the type of Basic.'),
  incomplete: coded(400, 'INCOMPLETE_REQUEST', 'Incomplete request'),
  missingUsername: coded(401, 'MISSING_USERNAME', 'Username Not Found'),
  invalidCredentials: coded(401, 'INVALID_CREDENTIALS', 'Invalid username or password'),
  userBlocked,
};

/** 2.0.10 to 2.0.12. */
export const basicUncoded: Table<BasicKey> = uncoded(basic);

const oldMissingAuthorization = old('401', undefined, 'MISSING AUTHORIZATION HEADER');
const oldWrongScheme = old('400', undefined, 'INVALID AUTHORIZATION HEADER TOKEN TYPE');

/** 8.x-1.x to 2.0.9. Blocked users are let in, so the last row is never used. */
export const basicOld: Table<BasicKey> = {
  missingAuthorization: oldMissingAuthorization,
  wrongScheme: oldWrongScheme,
  incomplete: old('401', 'INCOMPLETE_REQUEST', 'Incomplete request'),
  missingUsername: old('400', 'MISSING_USERNAME', 'Username Not Found'),
  invalidCredentials: old('400', 'INVALID_CREDENTIALS', 'Invalid username or password'),
  userBlocked,
};

export type ApiKeyKey = 'missing' | 'wrongScheme' | 'malformed' | 'nothingAfterScheme' | 'unknownUser' | 'userBlocked' | 'invalidKey';

/** From 2.1.0, key in Authorization. */
export const apiKey: Table<ApiKeyKey> = {
  missing: numbered(401, 'MISSING_AUTHORIZATION_HEADER', 'Authorization header not received'),
  wrongScheme: numbered(401, 'INVALID_AUTHORIZATION_HEADER_TYPE', 'Authorization header must be of type Basic.'),
  nothingAfterScheme: numbered(401, 'INVALID_AUTHORIZATION_HEADER_TYPE', 'Authorization header must be of type Basic.'),
  malformed: numbered(401, 'INVALID_AUTHORIZATION_HEADER', 'Authorization header format is invalid.'),
  unknownUser: numbered(404, 'USER_DOES_NOT_EXIST', 'The user does not exist.'),
  userBlocked: numbered(403, 'USER_BLOCKED', 'The user is blocked or inactive.'),
  invalidKey: numbered(401, 'INVALID_API_KEY', 'Sorry, you are using an invalid API Key.'),
};

/** From 2.1.0, key in the api-key header. */
export const apiKeyHeader: Table<ApiKeyKey> = {
  ...apiKey,
  missing: numbered(401, 'MISSING_API_KEY_HEADER', 'API key header is missing.'),
  malformed: numbered(401, 'INVALID_API_KEY_FORMAT', 'API key format is invalid.'),
};

/** 2.0.13 to 2.0.18. */
export const apiKey20: Table<ApiKeyKey> = {
  missing: coded(401, 'MISSING_AUTHORIZATION_HEADER', 'Authorization header not received'),
  wrongScheme: basic.wrongScheme,
  nothingAfterScheme: coded(400, 'MISSING_AUTHORIZATION_HEADER', 'The Authorization header is missing from the request.'),
  malformed: coded(400, 'INVALID_AUTHORIZATION_HEADER', 'The authorization header seems to be invalid'),
  unknownUser: coded(404, 'USER_DOES_NOT_EXIST', 'The user does not exists'),
  userBlocked,
  invalidKey: coded(401, 'INVALID_API_KEY', 'Sorry, you are using invalid API Key'),
};

/** 2.0.10 to 2.0.12. */
export const apiKeyUncoded: Table<ApiKeyKey> = uncoded(apiKey20);

/** 8.x-1.x to 2.0.9. */
export const apiKeyOld: Table<ApiKeyKey> = {
  missing: oldMissingAuthorization,
  wrongScheme: oldWrongScheme,
  nothingAfterScheme: old('401', 'MISSING_AUTHORIZATION_HEADER', apiKey20.nothingAfterScheme.description),
  malformed: old('401', 'INVALID_AUTHORIZATION_HEADER', apiKey20.malformed.description),
  unknownUser: old('401', 'USER_DOES_NOT_EXIST', apiKey20.unknownUser.description),
  userBlocked,
  invalidKey: old('401', 'INVALID_API_KEY', apiKey20.invalidKey.description),
};

export type RevokeKey =
  'missingBasic' | 'malformedBasic' | 'missingCredentials' | 'invalidCredentials' | 'userBlocked' | 'notPost' | 'premium';

/** `/rest_api/revoke` of the free 2.1.0. */
export const revoke: Table<RevokeKey> = {
  missingBasic: coded(401, 'MISSING_BASIC_AUTH', 'Basic Authentication is required for this endpoint.'),
  malformedBasic: coded(401, 'INVALID_BASIC_AUTH_FORMAT', 'Invalid Basic Authentication format.'),
  missingCredentials: coded(401, 'MISSING_CREDENTIALS', 'Username and password are required.'),
  invalidCredentials: coded(401, 'INVALID_CREDENTIALS', 'Invalid username or password.'),
  userBlocked: coded(403, 'USER_BLOCKED', 'The user account is blocked.'),
  notPost: coded(405, 'INVALID_HTTP_METHOD', 'The used HTTP method should be a POST.'),
  premium: coded(403, 'PREMIUM_FEATURE', 'Token revocation is a premium feature. Please upgrade to premium to use this functionality.'),
};
