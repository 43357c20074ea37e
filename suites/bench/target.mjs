// The reference server: bare node:http, fixed answers, full checks. Prints "listening PORT"; GET /__stats says what it has seen.
import { createServer } from 'node:http';

const token = `eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.${'a'.repeat(180)}.${'b'.repeat(86)}`;
const bodies = {
  token: JSON.stringify({ token_type: 'Bearer', expires_in: 3600, access_token: token }),
  wrongClient: JSON.stringify({ error: 'invalid_client', error_description: 'Client authentication failed' }),
  user: JSON.stringify({ uid: [{ value: 1 }], name: [{ value: 'admin' }], roles: [{ target_id: 'administrator' }] }),
  refused: JSON.stringify({ message: 'The resource owner or authorization server denied the request.' }),
};
let served = 0;
let connections = 0;

function send(response, status, body) {
  served++;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

const server = createServer((request, response) => {
  const path = request.url.split('?', 1)[0];
  if (request.method === 'POST' && path === '/rest_api/access_token') {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const form = new URLSearchParams(text);
      const isRight = form.get('client_id') === 'client1' && form.get('client_secret') === 's3cret-of-client1';
      send(response, isRight ? 200 : 401, isRight ? bodies.token : bodies.wrongClient);
    });
  } else if (path === '/user/1') {
    const isRight = request.headers.authorization === `Bearer ${token}`;
    send(response, isRight ? 200 : 401, isRight ? bodies.user : bodies.refused);
  } else if (path === '/__stats') {
    response.end(JSON.stringify({ served, connections }));
  } else {
    send(response, 404, '{"message":"No route found"}');
  }
});
server.keepAliveTimeout = 65_000;
server.on('connection', () => connections++);
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`listening ${server.address().port}`));
