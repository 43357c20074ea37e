/**
 * Reading a token request: parameters, each once (RFC 6749 3.2), and the authentication of the client (2.3.1).
 *
 * @module
 */
import { phpBase64Strict } from '../../bytes.ts';
import type { Site } from '../../site.ts';
import type { Request } from '../drupal/request.ts';
import type { Oauth2Config } from './config.ts';

export const tokenPath = '/oauth/token';

type Client = Oauth2Config['clients'][number];

/** An error response (RFC 6749 5.2). */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** WWW-Authenticate; owed to a client that used Authorization. */
  readonly challenge: string | undefined;

  constructor(status: number, code: string, description: string, challenge?: string) {
    super(description);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.challenge = challenge;
  }
}

/** The parameters of the body. One without a value counts as left out; one that is repeated refuses the request. */
export function singleParams(request: Request): ReadonlyMap<string, string> {
  const media = (request.contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (media !== 'application/x-www-form-urlencoded') {
    if (request.bodyText === '') return new Map();
    throw new Refusal(400, 'invalid_request', 'The body must be application/x-www-form-urlencoded');
  }
  const params = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(request.bodyText)) {
    if (params.has(name)) throw new Refusal(400, 'invalid_request', 'A parameter is repeated');
    if (value !== '') params.set(name, value);
  }
  return params;
}

/** The client that a request is from. A public one only names itself. */
export function authenticate(
  request: Request,
  params: ReadonlyMap<string, string>,
  clients: ReadonlyMap<string, Client>,
  site: Site,
): Client {
  const challenge = `Basic realm="${site.name}"`;
  const header = request.header('authorization');
  const id = params.get('client_id');
  const secret = params.get('client_secret');
  if (header === undefined) return inBody(id, secret, clients, site);
  if (secret !== undefined) throw new Refusal(400, 'invalid_request', 'The client authenticates in two ways');
  const credentials = readBasic(header);
  if (credentials === undefined) throw new Refusal(401, 'invalid_client', 'The Authorization header holds no Basic credentials', challenge);
  const client = clients.get(credentials.id);
  if (!isRight(client, credentials.secret, site)) throw new Refusal(401, 'invalid_client', 'Client authentication failed', challenge);
  if (id !== undefined && id !== client.id) throw new Refusal(400, 'invalid_request', 'The body names another client');
  return client;
}

function inBody(id: string | undefined, secret: string | undefined, clients: ReadonlyMap<string, Client>, site: Site): Client {
  const client = clients.get(id ?? '');
  const isPublic = client !== undefined && client.secret === undefined && secret === undefined;
  if (isPublic) return client;
  if (!isRight(client, secret, site)) throw new Refusal(400, 'invalid_client', 'Client authentication failed');
  return client;
}

function isRight(client: Client | undefined, secret: string | undefined, site: Site): client is Client {
  if (client?.secret === undefined || secret === undefined || secret === '') return false;
  return client.secret === secret || site.policy.has('oauth2.ignoreSecret');
}

/** Client ID and secret, decoded from the form encoding that they have inside Basic; undefined for anything else. */
function readBasic(header: string): { readonly id: string; readonly secret: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header) ?? [];
  const pair = encoded === undefined ? undefined : phpBase64Strict(encoded);
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === undefined || colon < 0) return undefined;
  try {
    return { id: formDecode(pair.slice(0, colon)), secret: formDecode(pair.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'));
}
