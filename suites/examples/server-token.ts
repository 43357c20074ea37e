/** The server side of a site: one token for all visitors, kept until it is nearly over, renewed once when Drupal refuses it. */
export interface Site {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly applicationId: string;
  readonly user: string;
}

interface Kept {
  readonly token: string;
  readonly endsAtMs: number;
}

export function createClient(site: Site, fetchFrom: typeof fetch = fetch, now: () => number = Date.now) {
  let kept: Promise<Kept> | undefined;

  async function issue(): Promise<Kept> {
    const askedAtMs = now();
    const answer = await fetchFrom(`${site.url}/rest_api/access_token`, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: site.clientId,
        client_secret: site.clientSecret,
        username: site.user,
      }),
    });
    if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
    const { access_token: token, expires_in: seconds } = (await answer.json()) as { access_token: string; expires_in: number };
    return { token, endsAtMs: askedAtMs + (seconds - 30) * 1000 };
  }

  async function tokenNow(): Promise<string> {
    const current = await (kept ??= issue());
    if (current.endsAtMs > now()) return current.token;
    kept = issue();
    return (await kept).token;
  }

  /** A route handler would `return Response.json(await get('/user/2?_format=json'))`. */
  async function get(path: string): Promise<unknown> {
    for (const isLastTry of [false, true]) {
      const answer = await fetchFrom(site.url + path, {
        headers: { 'AUTH-METHOD': site.applicationId, Accept: 'application/json', Authorization: `Bearer ${await tokenNow()}` },
      });
      if (answer.ok) return await answer.json();
      if (answer.status !== 401 || isLastTry) throw new Error(`${path}: ${answer.status}`);
      kept = undefined;
    }
    return undefined;
  }
  return { get };
}
