/**
 * Product, version, Drupal core and web server, as far as the answers tell, each with its evidence.
 *
 * @module
 */
import type { TargetFacts } from '../model/record.ts';
import type { Sightings } from './rule.ts';

type Version = NonNullable<TargetFacts['version']>;

/** What the answers say about the deployment; what the target file declares comes first. */
export function identify(seen: Sightings): TargetFacts {
  const { target, product } = seen;
  const version = target.version === undefined ? inferVersion(seen) : ({ value: target.version, from: 'declared' } as const);
  const drupal = target.drupal ?? inferCore(seen);
  const server = firstHeader(seen, 'server');
  const edition = inferEdition(seen);
  return {
    name: target.name,
    baseUrl: target.baseUrl,
    profiles: target.profiles,
    ...(version === undefined ? {} : { version }),
    ...(drupal === undefined || !product.isDrupal ? {} : { drupal }),
    ...(server === undefined ? {} : { server }),
    ...(edition === undefined ? {} : { edition }),
  };
}

/** Contradictions between what is declared and what is seen; a person should know before reading verdicts. */
export function contradictsDeclared(seen: Sightings): Version | undefined {
  const declared = seen.target.version;
  const inferred = inferVersion(seen);
  if (declared === undefined || inferred === undefined) return undefined;
  return isWithin(declared, inferred.value) ? undefined : inferred;
}

function isWithin(declared: string, range: string): boolean {
  const [declaredMajor = 0, declaredMinor = 0, declaredPatch = 0] = declared
    .replace(/^\d+\.x-/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const number = declaredMajor * 1e6 + declaredMinor * 1e3 + declaredPatch;
  const isLegacy = /^\d+\.x-/.test(declared);
  switch (range) {
    case '5.x':
      return declaredMajor === 5;
    case '6.x':
      return declaredMajor >= 6;
    case '2.1.0 or later':
      return !isLegacy && number >= 2_001_000;
    case '2.0.13 to 2.0.18':
      return !isLegacy && number >= 2_000_013 && number < 2_001_000;
    case '2.0.10 to 2.0.12':
      return !isLegacy && number >= 2_000_010 && number < 2_000_013;
    case '8.x-1.11 to 2.0.7':
      return isLegacy || number < 2_000_010;
    default:
      return true;
  }
}

function inferVersion(seen: Sightings): Version | undefined {
  const of = (value: string, evidence: string): Version => ({ value, from: 'inferred', evidence });
  switch (seen.product.kind) {
    case 'simple-oauth': {
      const garbage = seen.answer('resource-garbage');
      const wrong = seen.answered.find(({ answer }) => answer.error !== undefined && answer.object?.['message'] !== undefined);
      if (garbage?.status === 401) {
        const isChallenged = garbage.header('www-authenticate') !== undefined;
        return isChallenged
          ? of('6.x', 'a bad Bearer token is refused with a WWW-Authenticate challenge')
          : of('5.x', 'a bad Bearer token is refused without a challenge, the reason stands in the body');
      }
      if (wrong !== undefined) return of('5.x', `the error of ${wrong.probe} has a "message" member`);
      return undefined;
    }
    case 'miniorange': {
      if (seen.layer('revoke-none') === 'module') return of('2.1.0 or later', '/rest_api/revoke answers, which came with 2.1.0');
      const error = seen.answered.find(({ answer }) => answer.layer === 'module')?.answer.object;
      if (error === undefined || seen.status('revoke-none') !== 404) return undefined;
      if ('http_code' in error) return of('2.0.13 to 2.0.18', 'refusals carry http_code, and there is no /rest_api/revoke');
      if ('code' in error) return of('8.x-1.11 to 2.0.7', 'refusals carry code instead of http_code');
      return of('2.0.10 to 2.0.12', 'refusals carry neither http_code nor code');
    }
    default:
      return undefined;
  }
}

function inferCore(seen: Sightings): string | undefined {
  const generator = firstHeader(seen, 'x-generator');
  return /^Drupal (\d+)/.exec(generator ?? '')?.[1];
}

function inferEdition(seen: Sightings): string | undefined {
  if (seen.product.kind !== 'miniorange') return undefined;
  if (seen.status('token') === 404 && seen.layer('token') === 'drupal') return 'free';
  return seen.layer('token') === 'module' || seen.answer('token')?.object?.['access_token'] !== undefined ? 'paid' : undefined;
}

function firstHeader(seen: Sightings, name: string): string | undefined {
  for (const { answer } of seen.answered) {
    const value = answer.header(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
