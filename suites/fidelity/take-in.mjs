/**
 * Copies recordings into this folder in their compact form: one exchange a line, nothing that no test reads.
 * `node suites/fidelity/take-in.mjs DIRECTORY [DESTINATION]` reads every recording of a directory; running it again changes nothing.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [source, wanted] = process.argv.slice(2);
if (source === undefined) throw new Error('usage: node suites/fidelity/take-in.mjs DIRECTORY [DESTINATION]');
const destination = wanted ?? join(dirname(fileURLToPath(import.meta.url)), 'recordings');
mkdirSync(destination, { recursive: true });

/** Headers of the web server and of the connection; `Date` stays, because the clock of the replay follows it. */
const dropped = new Set(['connection', 'content-length', 'transfer-encoding', 'x-powered-by']);

for (const file of readdirSync(source).filter((name) => name.endsWith('.json'))) {
  const { exchanges, target, recorded_at, diff_against } = JSON.parse(readFileSync(join(source, file), 'utf8'));
  const head = { key: target.key, base: target.base_url, recordedAt: recorded_at, ...(diff_against && { reference: diff_against }) };
  const lines = exchanges.map((exchange) => JSON.stringify(compact(exchange, target.key)));
  writeFileSync(join(destination, file.replace(/\.json$/, '.jsonl')), `${[JSON.stringify(head), ...lines].join('\n')}\n`);
}

function compact({ id, request, response, decoded_jwt, timing }, key) {
  const body =
    request.path === '/.htaccess' && response.status === 200
      ? response.body.slice(0, 1)
      : response.body_truncated
        ? shorten(response.body)
        : response.body;
  return {
    id: id.startsWith(`${key}/`) ? id.slice(key.length + 1) : id,
    request: {
      method: request.method,
      path: request.path,
      headers: request.headers.filter(([name]) => name !== 'Content-Length'),
      ...(request.body !== null && { body: request.body }),
      ...(request.body?.endsWith('…') && { bodyLength: Number(request.headers.find(([name]) => name === 'Content-Length')[1]) }),
      ...(request.raw !== undefined && { raw: request.raw }),
    },
    response: {
      status: response.status,
      headers: response.headers.filter(([name]) => !dropped.has(name.toLowerCase()) && name !== 'Host'),
      body: cutBacktrace(body),
      ...((response.body_truncated || cutBacktrace(body) !== body) && { cut: true }),
    },
    ...(decoded_jwt && { jwt: { header: decoded_jwt.header, claims: decoded_jwt.claims } }),
    ...(timing && { timing: { answered: timing.answered_relative_to_exp_s, exp: timing.claims.exp } }),
  };
}

/** The first lines of a page say what it is; the rest is theme. */
function shorten(body) {
  return body.startsWith('<!DOCTYPE html>') ? body.slice(0, 200) : body;
}

/** One site showed backtraces to its administrator; they name files of the machine it ran on. */
function cutBacktrace(body) {
  const at = body.search(/,"source":\{"file":|,"meta":\{"exception":/);
  return at < 0 ? body : body.slice(0, at);
}
