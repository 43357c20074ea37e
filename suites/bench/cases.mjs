// The same case in the contract language: three requests, thirteen expectations, one row a case.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes specs with so many cases and a target file into a folder. */
export function writeCases(folder, count, baseUrl) {
  mkdirSync(join(folder, 'specs'), { recursive: true });
  const rows = Array.from({ length: count }, (_, index) => `      case-${index}: { headers.X-Case: '${index}' }`);
  writeFileSync(
    join(folder, 'specs', 'bench.yaml'),
    `document: bench
title: The reference server
witness: document
clauses: [{ id: all, keyword: must, says: It answers as it does. }]
`,
  );
  writeFileSync(
    join(folder, 'specs', 'profile.yaml'),
    `profile: bench
title: The reference server
product: { name: bench }
authorities: [document]
surfaces: {}
`,
  );
  writeFileSync(
    join(folder, 'specs', 'cases.yaml'),
    `title: Cases
profile: bench
requests:
  ask:
    method: POST
    path: /rest_api/access_token
    form: { grant_type: client_credentials, client_id: client1, client_secret: s3cret-of-client1 }
cases:
  walk:
    title: MUST walk
    clauses: [bench/all]
    vary:
${rows.join('\n')}
    steps:
      - name: ask
        request: ask
        checks:
          status: { status: 200 }
          type: { header: { Content-Type: application/json } }
          body: { json: { token_type: Bearer, expires_in: 3600 } }
        capture: { token: /access_token }
      - name: use
        request: { path: '/user/1?_format=json', headers: { Authorization: 'Bearer \${token}' } }
        checks:
          user-status: { status: 200 }
          user-type: { header: { Content-Type: application/json } }
          user: { json: { uid: [{ value: 1 }], name: [{ value: admin }], roles: [{ target_id: administrator }] } }
      - name: wrong
        request: ask
        with: { form.client_id: nobody, form.client_secret: x }
        checks:
          wrong-status: { status: 401 }
          wrong-type: { header: { Content-Type: application/json } }
          wrong: { json: { error: invalid_client } }
`,
  );
  writeFileSync(join(folder, 'target.yaml'), `name: bench\nprofile: bench\nbaseUrl: ${baseUrl}\n`);
}
