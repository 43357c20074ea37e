/** The little of oidc-provider that these tests use; the package ships no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Client {
    readonly clientId: string;
  }

  export interface Configuration {
    readonly clients: readonly Readonly<Record<string, unknown>>[];
    readonly scopes: readonly string[];
    readonly features: Readonly<Record<string, unknown>>;
    readonly ttl: { readonly ClientCredentials: (context: unknown, token: unknown, client: Client) => number };
  }

  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): (request: IncomingMessage, response: ServerResponse) => unknown;
  }
}
