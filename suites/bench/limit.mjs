// The limit: the same requests and assertions in a bare loop over undici, JUnit at the end.   node limit.mjs CASES IN_FLIGHT BASE
import { strictEqual as equal } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';

const [cases, inFlight, base] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const pool = new Pool(base, { connections: inFlight, pipelining: 1 });
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function call(method, path, headers, body) {
  const response = await pool.request({ method, path, headers, body });
  return { status: response.statusCode, type: response.headers['content-type'], json: await response.body.json() };
}

async function walk() {
  const issued = await call(
    'POST',
    '/rest_api/access_token',
    form,
    'grant_type=client_credentials&client_id=client1&client_secret=s3cret-of-client1',
  );
  equal(issued.status, 200);
  equal(issued.type, 'application/json');
  equal(issued.json.token_type, 'Bearer');
  equal(issued.json.expires_in, 3600);
  const user = await call('GET', '/user/1?_format=json', { authorization: `Bearer ${issued.json.access_token}` });
  equal(user.status, 200);
  equal(user.type, 'application/json');
  equal(user.json.uid[0].value, 1);
  equal(user.json.name[0].value, 'admin');
  equal(user.json.roles[0].target_id, 'administrator');
  const refused = await call('POST', '/rest_api/access_token', form, 'grant_type=client_credentials&client_id=nobody&client_secret=x');
  equal(refused.status, 401);
  equal(refused.type, 'application/json');
  equal(refused.json.error, 'invalid_client');
}

const results = [];
let next = 0;
await Promise.all(
  Array.from({ length: inFlight }, async () => {
    while (next < cases) {
      const index = next++;
      const started = performance.now();
      await walk();
      results[index] = performance.now() - started;
    }
  }),
);
const rows = results.map((ms, index) => `<testcase name="case${index}" time="${(ms / 1000).toFixed(4)}"/>`);
writeFileSync(join(tmpdir(), `limit-${process.pid}.xml`), `<testsuite tests="${cases}">${rows.join('\n')}</testsuite>`);
process.exit(0);
