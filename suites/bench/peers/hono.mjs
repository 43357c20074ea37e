import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodies, isBearer, isClient } from './answers.mjs';

const app = new Hono();
app.post('/rest_api/access_token', async (context) => {
  const form = new URLSearchParams(await context.req.text());
  return isClient(form.get('client_id'), form.get('client_secret')) ? context.json(bodies.token) : context.json(bodies.wrongClient, 401);
});
app.get('/user/1', (context) =>
  isBearer(context.req.header('authorization')) ? context.json(bodies.user) : context.json(bodies.refused, 401),
);
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: '127.0.0.1' });
