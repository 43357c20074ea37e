// The same answers for the mocks that are told by a document.
import { accessToken, bodies } from './answers.mjs';

const example = (description, body) => ({
  description,
  content: { 'application/json': { example: body, schema: { type: 'object' } } },
});

/** For Prism. A wrong value in the body it answers with 422, whatever the document says. */
export const openapi = {
  openapi: '3.0.3',
  info: { title: 'The reference server', version: '1' },
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  paths: {
    '/rest_api/access_token': {
      post: {
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['grant_type', 'client_id', 'client_secret'],
                properties: {
                  grant_type: { type: 'string' },
                  client_id: { type: 'string', enum: ['client1'] },
                  client_secret: { type: 'string' },
                },
              },
            },
          },
        },
        responses: { 200: example('A token', bodies.token), 401: example('Another client', bodies.wrongClient) },
      },
    },
    '/user/1': {
      get: {
        security: [{ bearer: [] }],
        parameters: [{ in: 'query', name: '_format', schema: { type: 'string' } }],
        responses: { 200: example('The user', bodies.user), 401: example('No token', bodies.refused) },
      },
    },
  },
};

let ids = 0;
const uuid = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;

const response = (statusCode, body, rules) => ({
  uuid: uuid(),
  body: JSON.stringify(body),
  latency: 0,
  statusCode,
  label: '',
  headers: [{ key: 'Content-Type', value: 'application/json' }],
  bodyType: 'INLINE',
  filePath: '',
  databucketID: '',
  sendFileAsBody: false,
  rules: rules.map(([target, modifier, value]) => ({ target, modifier, value, invert: false, operator: 'equals' })),
  rulesOperator: 'AND',
  disableTemplating: true,
  fallbackTo404: false,
  default: rules.length === 0,
  crudKey: 'id',
  callbacks: [],
});

const route = (method, endpoint, responses) => ({
  uuid: uuid(),
  type: 'http',
  documentation: '',
  method,
  endpoint,
  responses,
  responseMode: null,
  streamingMode: null,
  streamingInterval: 0,
});

const routes = [
  route('post', 'rest_api/access_token', [
    response(200, bodies.token, [
      ['body', 'client_id', 'client1'],
      ['body', 'client_secret', 's3cret-of-client1'],
    ]),
    response(401, bodies.wrongClient, []),
  ]),
  route('get', 'user/1', [
    response(200, bodies.user, [['header', 'Authorization', `Bearer ${accessToken}`]]),
    response(401, bodies.refused, []),
  ]),
];

export const mockoon = {
  uuid: uuid(),
  lastMigration: 33,
  name: 'reference',
  port: 3000,
  hostname: '127.0.0.1',
  endpointPrefix: '',
  latency: 0,
  routes,
  rootChildren: routes.map((one) => ({ type: 'route', uuid: one.uuid })),
  folders: [],
  proxyMode: false,
  proxyHost: '',
  proxyRemovePrefix: false,
  tlsOptions: { enabled: false, type: 'CERT', pfxPath: '', certPath: '', keyPath: '', caPath: '', passphrase: '' },
  cors: false,
  headers: [],
  proxyReqHeaders: [],
  proxyResHeaders: [],
  data: [],
  callbacks: [],
};
