/**
 * Keeps everything that this package sends away from addresses that are known to do harm to a site by being asked for.
 *
 * @module
 */
import type { Transport, WireRequest } from '../model/exchange.ts';
import type { Clock } from '../support/clock.ts';

interface HarmfulPath {
  /** Last segment of the path, in lower case: Drupal ignores case, and sub-folders and language prefixes may stand before it. */
  readonly lastSegment: string;
  readonly harm: string;
}

const harmfulPaths: readonly HarmfulPath[] = [
  {
    lastSegment: 'feedback',
    harm: 'OAuth Server 8.x-1.21 answers it by uninstalling itself, whoever asks',
  },
];

/** Why a request must never be sent; undefined for every other one. */
export function harmOf(request: WireRequest): string | undefined {
  for (const target of targetsOf(request)) {
    const segments = segmentsOf(target);
    const last = segments.at(-1);
    // Names of content types stand at the end of JSON:API paths; these are no routes of their own.
    const found = segments.includes('jsonapi') ? undefined : harmfulPaths.find(({ lastSegment }) => lastSegment === last);
    if (found !== undefined) return `/${found.lastSegment} is never requested: ${found.harm}`;
  }
  return undefined;
}

/** The request target as sent, and in a raw message the one of every line that looks like a request line. */
function targetsOf({ path, raw }: WireRequest): string[] {
  if (raw === undefined) return [path];
  const text = Buffer.from(raw).toString('latin1');
  return [...text.matchAll(/^[!-~]+[ \t]+(\S+)/gm)].map(([, target]) => target ?? '');
}

/** Path segments as the site will read them: origin, query and encoding removed, dots resolved. */
function segmentsOf(target: string): string[] {
  const path = decoded(target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, ''));
  const segments: string[] = [];
  for (const segment of path.toLowerCase().split(/[/\\]+/)) {
    const name = segment.replace(/[;?#].*$/s, '').trim();
    if (name === '..') segments.pop();
    else if (name !== '' && name !== '.') segments.push(name);
  }
  return segments;
}

/** Decoded as often as something between us and the site may decode it. */
function decoded(path: string): string {
  let text = path;
  for (let round = 0; round < 4; round++) {
    const next = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (next === text) break;
    text = next;
  }
  return text;
}

/** A transport that sends through another one, except to where harm would be done: such a request fails as `unsendable`. */
export function guarded(transport: Transport, clock: Clock): Transport {
  return {
    send(request, options) {
      const harm = harmOf(request);
      if (harm === undefined) return transport.send(request, options);
      const now = clock.nowMs();
      return Promise.resolve({ failure: { kind: 'unsendable', message: harm }, timing: { startedMs: now, endedMs: now } });
    },
    close: () => transport.close(),
  };
}
