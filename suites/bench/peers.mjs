// Tools of others that do the same work, of those that are installed in the folder which `--peers` names; Hurl, if it is on the path. None is a dependency.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mockoon, openapi } from './peers/documents.mjs';

/** What `PERFORMANCE.md` asks of us beside each of them: at most so much of its time, at least so many times its rate. */
export const goals = {
  R2: { vitest: 0.25, newman: 0.21 },
  R3: { vitest: 0.4, newman: 0.06, hurl: 2 },
  R5: { vitest: 0.35, newman: 0.02, hurl: 0.8 },
  M1: { hono: 1, express: 2, msw: 5, prism: 5, mockoon: 20 },
  M2: { hono: 1, express: 3, msw: 4 },
  M3: { 'oauth2-mock-server': 1.5 },
};

const packages = {
  newman: 'newman',
  vitest: 'vitest',
  hono: '@hono/node-server',
  fastify: 'fastify',
  express: 'express',
  msw: 'msw',
  prism: '@stoplight/prism-cli',
  mockoon: '@mockoon/cli',
  'oauth2-mock-server': 'oauth2-mock-server',
  'js-yaml': 'js-yaml',
};

/** Puts what the peers need into the folder of the benchmark, and says which of them are there. */
export function preparePeers(folder, installs) {
  const found = new Set(spawnSync('hurl', ['--version']).status === 0 ? ['hurl'] : []);
  if (installs === undefined) return found;
  const modules = resolve(installs, 'node_modules');
  symlinkSync(modules, join(folder, 'node_modules'), 'junction');
  cpSync(fileURLToPath(new URL('peers', import.meta.url)), join(folder, 'peers'), { recursive: true });
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(openapi));
  writeFileSync(join(folder, 'mockoon.json'), JSON.stringify(mockoon));
  for (const [name, entry] of Object.entries(packages)) if (existsSync(join(modules, entry))) found.add(name);
  return found;
}

/** Command lines, run in the folder of the benchmark, that do so many cases. Newman takes minutes for thousands, and is left out there. */
export function runnerPeers(found, folder, base, cases) {
  const at = join(folder, `n${cases}`);
  mkdirSync(at, { recursive: true });
  const lines = {};
  if (found.has('newman') && cases <= 300) {
    writeFileSync(join(at, 'newman.json'), JSON.stringify(postmanCollection(base, cases)));
    lines.newman = `node node_modules/newman/bin/newman.js run n${cases}/newman.json -r junit --reporter-junit-export n${cases}/newman.xml`;
  }
  if (found.has('vitest')) {
    writeFileSync(join(at, 'walk.test.mjs'), vitestFile(base, cases));
    lines.vitest = `node node_modules/vitest/vitest.mjs run n${cases}/walk.test.mjs --reporter=junit --outputFile=n${cases}/vitest.xml`;
  }
  if (found.has('hurl')) {
    mkdirSync(join(at, 'hurl'), { recursive: true });
    for (let index = 0; index < cases; index++) writeFileSync(join(at, 'hurl', `case-${index}.hurl`), hurlFile(base));
    lines.hurl = `hurl --test --jobs 2 --no-color --report-junit n${cases}/hurl.xml n${cases}/hurl`;
  }
  return lines;
}

/** Command lines, run in the folder of the benchmark, that listen on a port. */
export function mockPeers(found) {
  const lines = {
    hono: 'node peers/hono.mjs {port}',
    fastify: 'node peers/fastify.mjs {port}',
    express: 'node peers/express.mjs {port}',
    msw: 'node peers/msw.mjs {port}',
    prism: 'node node_modules/@stoplight/prism-cli/dist/index.js mock openapi.json --host 127.0.0.1 --port {port}',
    mockoon: 'node node_modules/@mockoon/cli/bin/run.js start --data mockoon.json --port {port} --disable-log-to-file',
  };
  return Object.fromEntries(Object.entries(lines).filter(([name]) => found.has(name)));
}

/** Arguments of Node that read the spec files of a folder, without compiling them. */
export function yamlPeer(folder, specs) {
  const guards = fileURLToPath(new URL('../../src/generated/guards.js', import.meta.url));
  return [join(folder, 'peers', 'js-yaml.mjs'), specs, guards];
}

export const signingPeer = 'node peers/oauth2-mock-server.mjs {port}';

const form = { grant_type: 'client_credentials', client_id: 'client1', client_secret: 's3cret-of-client1' };
const wrongForm = { ...form, client_id: 'nobody', client_secret: 'x' };

function postmanCollection(base, cases) {
  const json = 'const body = pm.response.json();';
  const status = (code) => `pm.test('status', () => pm.response.to.have.status(${code}));`;
  const type = "pm.test('type', () => pm.expect(pm.response.headers.get('content-type')).to.include('application/json'));";
  const equals = (what, value) => `pm.test('${what}', () => pm.expect(body.${what}).to.eql(${JSON.stringify(value)}));`;
  const item = (name, request, exec) => ({ name, request, event: [{ listen: 'test', script: { type: 'text/javascript', exec } }] });
  const post = (fields) => ({
    method: 'POST',
    url: `${base}/rest_api/access_token`,
    body: { mode: 'urlencoded', urlencoded: Object.entries(fields).map(([key, value]) => ({ key, value })) },
  });
  const get = {
    method: 'GET',
    url: `${base}/user/1?_format=json`,
    header: [{ key: 'Authorization', value: 'Bearer {{token}}' }],
  };
  const steps = [
    item('token', post(form), [
      json,
      "pm.collectionVariables.set('token', body.access_token);",
      status(200),
      type,
      equals('token_type', 'Bearer'),
      equals('expires_in', 3600),
    ]),
    item('user', get, [
      json,
      status(200),
      type,
      equals('uid[0].value', 1),
      equals('name[0].value', 'admin'),
      equals('roles[0].target_id', 'administrator'),
    ]),
    item('wrong client', post(wrongForm), [json, status(401), type, equals('error', 'invalid_client')]),
  ];
  return {
    info: { name: 'bench', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
    item: Array.from({ length: cases }, (_, index) => ({ name: `case ${index}`, item: steps })),
  };
}

function vitestFile(base, cases) {
  return `import { expect, test } from 'vitest';
const post = (fields) => fetch('${base}/rest_api/access_token', { method: 'POST', body: new URLSearchParams(fields) });
for (let index = 0; index < ${cases}; index++) {
  test(\`case \${index}\`, async () => {
    const issued = await post(${JSON.stringify(form)});
    expect(issued.status).toBe(200);
    expect(issued.headers.get('content-type')).toBe('application/json');
    const token = await issued.json();
    expect(token.token_type).toBe('Bearer');
    expect(token.expires_in).toBe(3600);
    const answer = await fetch('${base}/user/1?_format=json', { headers: { authorization: \`Bearer \${token.access_token}\` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    const user = await answer.json();
    expect(user.uid[0].value).toBe(1);
    expect(user.name[0].value).toBe('admin');
    expect(user.roles[0].target_id).toBe('administrator');
    const refused = await post(${JSON.stringify(wrongForm)});
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toBe('application/json');
    expect((await refused.json()).error).toBe('invalid_client');
  });
}
`;
}

function hurlFile(base) {
  const post = (fields) => `POST ${base}/rest_api/access_token
[FormParams]
${Object.entries(fields)
  .map(([name, value]) => `${name}: ${value}`)
  .join('\n')}`;
  return `${post(form)}
HTTP 200
[Captures]
token: jsonpath "$.access_token"
[Asserts]
header "content-type" == "application/json"
jsonpath "$.token_type" == "Bearer"
jsonpath "$.expires_in" == 3600

GET ${base}/user/1?_format=json
Authorization: Bearer {{token}}
HTTP 200
[Asserts]
header "content-type" == "application/json"
jsonpath "$.uid[0].value" == 1
jsonpath "$.name[0].value" == "admin"
jsonpath "$.roles[0].target_id" == "administrator"

${post(wrongForm)}
HTTP 401
[Asserts]
header "content-type" == "application/json"
jsonpath "$.error" == "invalid_client"
`;
}
