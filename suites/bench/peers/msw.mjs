import { createServer } from 'node:http';
import { getResponse, http, HttpResponse } from 'msw';
import { bodies, isBearer, isClient } from './answers.mjs';

const port = Number(process.argv[2]);
const handlers = [
  http.post('*/rest_api/access_token', async ({ request }) => {
    const form = new URLSearchParams(await request.text());
    return isClient(form.get('client_id'), form.get('client_secret'))
      ? HttpResponse.json(bodies.token)
      : HttpResponse.json(bodies.wrongClient, { status: 401 });
  }),
  http.get('*/user/1', ({ request }) =>
    isBearer(request.headers.get('authorization')) ? HttpResponse.json(bodies.user) : HttpResponse.json(bodies.refused, { status: 401 }),
  ),
];
createServer(async (message, response) => {
  const { method, headers, url } = message;
  const body = method === 'GET' ? undefined : Buffer.concat(await message.toArray());
  const answer = await getResponse(handlers, new Request(`http://127.0.0.1:${port}${url}`, { method, headers, body }));
  if (answer === undefined) response.writeHead(404).end();
  else response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}).listen(port, '127.0.0.1');
