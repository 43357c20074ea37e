// A load: so many requests over so many connections; requests per second, tail, and every answer's status checked.
import { Pool } from 'undici';

export async function load({ base, method, path, headers, body, connections, requests, status }) {
  const pool = new Pool(base, { connections, pipelining: 1 });
  const times = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next++ < requests) {
        const at = performance.now();
        const response = await pool.request({ method, path, headers, body });
        await response.body.dump();
        if (response.statusCode !== status) throw new Error(`${method} ${base}${path} answered ${response.statusCode}`);
        times.push(performance.now() - at);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  times.sort((a, b) => a - b);
  return { perSecond: requests / seconds, p99Ms: times[Math.floor(times.length * 0.99)] };
}
