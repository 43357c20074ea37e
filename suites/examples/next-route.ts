/** `app/api/profile/route.ts` of a Next.js application: the browser asks this route, and never sees a token. */
import { createClient } from './server-token.ts';

const { DRUPAL_URL = '', DRUPAL_CLIENT_ID = '', DRUPAL_CLIENT_SECRET = '', DRUPAL_APPLICATION_ID = '', DRUPAL_USER = '' } = process.env;

const drupal = createClient({
  url: DRUPAL_URL,
  clientId: DRUPAL_CLIENT_ID,
  clientSecret: DRUPAL_CLIENT_SECRET,
  applicationId: DRUPAL_APPLICATION_ID,
  user: DRUPAL_USER,
});

export async function GET(request: Request): Promise<Response> {
  const id = new URL(request.url).searchParams.get('id') ?? '2';
  if (!/^\d+$/.test(id)) return Response.json({ error: 'id is a number' }, { status: 400 });
  try {
    return Response.json(await drupal.get(`/user/${id}?_format=json`));
  } catch {
    return Response.json({ error: 'the site does not answer as it should' }, { status: 502 });
  }
}
