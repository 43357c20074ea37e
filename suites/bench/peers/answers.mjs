// What the reference server and every peer answer: one token, one user, two refusals.
export const accessToken = `eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.${'a'.repeat(180)}.${'b'.repeat(86)}`;

export const bodies = {
  token: { token_type: 'Bearer', expires_in: 3600, access_token: accessToken },
  wrongClient: { error: 'invalid_client', error_description: 'Client authentication failed' },
  user: { uid: [{ value: 1 }], name: [{ value: 'admin' }], roles: [{ target_id: 'administrator' }] },
  refused: { message: 'The resource owner or authorization server denied the request.' },
};

export const isClient = (id, secret) => id === 'client1' && secret === 's3cret-of-client1';
export const isBearer = (authorization) => authorization === `Bearer ${accessToken}`;
