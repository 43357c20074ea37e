// The reference server: bare node:http, fixed answers, full checks. Prints "listening PORT"; GET /__stats says what it has seen.   node target.mjs [PORT] [DELAY]
import { createServer } from 'node:http';
import { bodies, isBearer, isClient } from './peers/answers.mjs';

const [port = 0, delayMs = 0] = process.argv.slice(2).map(Number);
const texts = Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, JSON.stringify(body)]));
let served = 0;
let connections = 0;

function send(response, status, body) {
  if (delayMs > 0) setTimeout(() => sendNow(response, status, body), delayMs);
  else sendNow(response, status, body);
}

function sendNow(response, status, body) {
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
      const isRight = isClient(form.get('client_id'), form.get('client_secret'));
      send(response, isRight ? 200 : 401, isRight ? texts.token : texts.wrongClient);
    });
  } else if (path === '/user/1') {
    const isRight = isBearer(request.headers.authorization);
    send(response, isRight ? 200 : 401, isRight ? texts.user : texts.refused);
  } else if (path === '/__stats') {
    response.end(JSON.stringify({ served, connections }));
  } else {
    send(response, 404, '{"message":"No route found"}');
  }
});
server.keepAliveTimeout = 65_000;
server.on('connection', () => connections++);
server.listen(port, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
