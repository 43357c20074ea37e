/**
 * What only browsers notice: preflights and CORS.
 *
 * @module
 */
import { isPreflight, isOutside, type Family, type Rule, type Sightings } from '../rule.ts';

const preflights = (seen: Sightings) => seen.answered.filter(({ probe }) => isPreflight(probe));
const list = (value: string | undefined) => (value ?? '').split(',').map((one) => one.trim().toLowerCase());

/** Header names that a preflight asked for and that the answer does not allow; empty where CORS is off or right. */
function refusedHeaders(seen: Sightings, probe: string): string[] {
  const answer = seen.answer(probe);
  const allowed = answer?.header('access-control-allow-headers');
  if (allowed === undefined) return [];
  const asked = seen.get(probe)?.exchange.request.headers.find(([name]) => name === 'Access-Control-Request-Headers')?.[1];
  const names = list(allowed);
  return names.includes('*')
    ? list(asked).filter((name) => name === 'authorization' && !names.includes(name))
    : list(asked).filter((name) => !names.includes(name));
}

const rules: readonly Rule[] = [
  {
    id: 'options-refused',
    when: (seen) => {
      const all = preflights(seen);
      const refused = all.filter(({ answer }) => isOutside(answer) && [403, 405, 501].includes(answer.status));
      return all.length > 0 && refused.length === all.length ? [refused[0]?.probe as string, 'resource'] : undefined;
    },
    title: 'The web server refuses OPTIONS: programs are not affected, but no browser application on another origin can use the API',
    remedy: 'Let OPTIONS through to Drupal (nginx: limit_except; Apache: <LimitExcept>; CDN: allowed methods).',
    confidence: 'certain',
    verdict: 'warn',
  },
  {
    id: 'cors-headers',
    when: (seen) =>
      preflights(seen)
        .map(({ probe }) => probe)
        .filter((probe) => refusedHeaders(seen, probe).length > 0)
        .slice(0, 1)
        .at(0) === undefined
        ? undefined
        : preflights(seen)
            .map(({ probe }) => probe)
            .filter((probe) => refusedHeaders(seen, probe).length > 0),
    title: (seen) => {
      const names = [...new Set(preflights(seen).flatMap(({ probe }) => refusedHeaders(seen, probe)))];
      return `CORS is on, but does not allow the request header ${names.join(', ')}: browser applications on another origin cannot authenticate`;
    },
    remedy: (seen) => {
      const names = [...new Set(preflights(seen).flatMap(({ probe }) => refusedHeaders(seen, probe)))];
      return `Add ${names.map((name) => `'${name}'`).join(', ')} to cors.config.allowedHeaders in sites/default/services.yml, then \`drush cache:rebuild\`.`;
    },
    confidence: 'certain',
    verdict: 'warn',
    link: 'https://developer.mozilla.org/en-US/docs/Web/HTTP/CORS',
  },
  {
    id: 'cors-origin',
    when: (seen) => {
      if (seen.origin === undefined) return undefined;
      const wrong = preflights(seen).filter(({ answer }) => {
        const allowed = answer.header('access-control-allow-origin');
        return allowed !== undefined && allowed !== '*' && allowed !== seen.origin;
      });
      return wrong.length > 0 ? wrong.map(({ probe }) => probe) : undefined;
    },
    title: (seen) =>
      `CORS is on, but not for ${seen.origin}: the site allows ${preflights(seen)[0]?.answer.header('access-control-allow-origin') ?? 'another origin'}`,
    remedy: (seen) => `Add '${seen.origin}' to cors.config.allowedOrigins in sites/default/services.yml, then \`drush cache:rebuild\`.`,
    confidence: 'certain',
    verdict: 'warn',
    link: 'https://developer.mozilla.org/en-US/docs/Web/HTTP/CORS',
  },
];

export const browser: Family = { name: 'browser', isFinal: false, rules };
