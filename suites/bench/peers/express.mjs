import express from 'express';
import { bodies, isBearer, isClient } from './answers.mjs';

const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/rest_api/access_token', ({ body }, response) => {
  if (isClient(body.client_id, body.client_secret)) response.json(bodies.token);
  else response.status(401).json(bodies.wrongClient);
});
app.get('/user/1', ({ headers }, response) => {
  if (isBearer(headers.authorization)) response.json(bodies.user);
  else response.status(401).json(bodies.refused);
});
app.listen(Number(process.argv[2]), '127.0.0.1');
