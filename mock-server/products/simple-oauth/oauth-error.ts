/**
 * Errors of the OAuth library: their codes, statuses and texts, and the document they become.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { phpJson } from '../../php/json.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import type { Edition } from './edition.ts';

export class OAuthError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: number, code: string, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

export function invalidRequest(parameter: string): OAuthError {
  const message =
    'The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.';
  return new OAuthError(400, 'invalid_request', message, `Check the \`${parameter}\` parameter`);
}

export function invalidClient(): OAuthError {
  return new OAuthError(401, 'invalid_client', 'Client authentication failed');
}

export function unsupportedGrantType(): OAuthError {
  const message = 'The authorization grant type is not supported by the authorization server.';
  return new OAuthError(400, 'unsupported_grant_type', message, 'Check that all required parameters have been provided');
}

export function invalidGrant(hint: string): OAuthError {
  const message =
    'The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.';
  return new OAuthError(400, 'invalid_grant', message, hint);
}

export function invalidScope(scope: string): OAuthError {
  const message = 'The requested scope is invalid, unknown, or malformed';
  return new OAuthError(
    400,
    'invalid_scope',
    message,
    scope === '' ? 'Specify a scope in the request or set a default scope' : `Check the \`${escapeHtml(scope)}\` scope`,
  );
}

export function invalidCredentials(): OAuthError {
  return new OAuthError(400, 'invalid_grant', 'The user credentials were incorrect.');
}

export function invalidRefreshToken(hint: string, edition: Edition): OAuthError {
  const [status, code] = edition.refreshFaultIsInvalidGrant ? ([400, 'invalid_grant'] as const) : ([401, 'invalid_request'] as const);
  return new OAuthError(status, code, 'The refresh token is invalid.', hint);
}

export function serverError(cause: string): OAuthError {
  const message = 'The authorization server encountered an unexpected condition which prevented it from fulfilling the request: ';
  return new OAuthError(500, 'server_error', message + cause);
}

/** The error document; a challenge only where the client had used the Authorization header. */
export function errorReply(error: OAuthError, request: Request, edition: Edition): Reply {
  const document = {
    error: error.code,
    error_description: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(edition.repeatsMessage && { message: error.message }),
  };
  const headers: HeaderLine[] = [['Content-type', 'application/json']];
  const authorization = request.header('authorization') ?? '';
  if (error.code === 'invalid_client' && authorization !== '') {
    headers.push(['WWW-Authenticate', `${authorization.startsWith('Bearer') ? 'Bearer' : 'Basic'} realm="OAuth"`]);
  }
  return { status: error.status, headers, body: phpJson(document) };
}
