import Fastify from 'fastify';
import { bodies, isBearer, isClient } from './answers.mjs';

const app = Fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
  done(null, new URLSearchParams(text)),
);
app.post('/rest_api/access_token', ({ body }, reply) =>
  isClient(body.get('client_id'), body.get('client_secret')) ? reply.send(bodies.token) : reply.code(401).send(bodies.wrongClient),
);
app.get('/user/1', ({ headers }, reply) =>
  isBearer(headers.authorization) ? reply.send(bodies.user) : reply.code(401).send(bodies.refused),
);
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
