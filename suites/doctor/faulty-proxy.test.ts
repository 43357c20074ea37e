import { describe, expect, it } from 'vitest';
import { defaultSite } from '../../mock-server/default-site.ts';
import { createDrupalMock, supportsProfile, type DrupalMock, type SiteFile } from '../../mock-server/index.ts';
import { examine, type DoctorReport } from '../../src/doctor/doctor.ts';
import type { Transport, WireRequest, WireResponse } from '../../src/model/exchange.ts';
import type { Target } from '../../src/model/target.ts';
import type { Answer } from '../../src/transport/in-process.ts';
import {
  always,
  answerPreflights,
  asks,
  behind,
  cacheByAddress,
  changeAnswer,
  changeBody,
  compress,
  dropHeader,
  dropQuery,
  dropValue,
  failing,
  hasLong,
  hideHeaders,
  isAnonymous,
  isError,
  isFront,
  isJson,
  isMethod,
  isProgram,
  limitRate,
  noCleanUrls,
  otherPage,
  printBefore,
  redirect,
  refuse,
  serverPage,
  setHeader,
  unbuffered,
  type Decorator,
} from './faulty-proxy.ts';
import { plainSecrets } from './plain-secrets.ts';

const profiles = ['miniorange/oauth', 'miniorange/basic', 'miniorange/api-key', 'simple-oauth'].filter(supportsProfile);

interface Deployment {
  readonly proxies?: readonly Decorator[];
  readonly transport?: (site: Answer) => Transport;
  /** What the site is made from. */
  readonly file?: (file: SiteFile) => SiteFile;
  /** Changes the site itself. */
  readonly site?: (mock: DrupalMock) => void;
  readonly target?: (target: Target) => Target;
  /** Seconds by which the server is ahead of us. */
  readonly aheadSeconds?: number;
  readonly origin?: string;
}

async function examineMock(profile: string, deployment: Deployment): Promise<DoctorReport> {
  const { aheadSeconds = 0, proxies = [], origin } = deployment;
  const epochMs = Date.UTC(2026, 10, 22);
  const file = defaultSite(profile) as SiteFile;
  const site = deployment.file?.(file) ?? file;
  const mock = createDrupalMock({ profile, site, landing: false, now: () => epochMs + aheadSeconds * 1000 });
  deployment.site?.(mock);
  const { version: _, ...written } = mock.target();
  const plain: Target = { ...written, name: 'mock', baseUrl: 'http://drupal.example.org', profiles: [profile, 'rest', 'jsonapi'] };
  const answer: Answer = (request) => mock.serve(request).response;
  const transport = deployment.transport?.(answer) ?? behind(answer, proxies);
  return examine(deployment.target?.(plain) ?? plain, profile, transport, {
    secrets: plainSecrets,
    nowMs: () => epochMs,
    nonce: 'n',
    ...(origin === undefined ? {} : { origin }),
  });
}

function withUserResource(file: SiteFile, methods: NonNullable<NonNullable<SiteFile['drupal']>['rest']>[string]): SiteFile {
  return { ...file, drupal: { ...file.drupal, rest: { ...file.drupal?.rest, 'entity:user': methods } } };
}

const idsOf = (report: DoctorReport) => report.findings.map(({ id }) => id.replace('doctor/', ''));

const healthy: Readonly<Record<string, Deployment>> = {
  'nothing in between': {},
  'a proxy that compresses without being asked': { proxies: [compress] },
  'a proxy that hides generator and cache headers': { proxies: [hideHeaders(/^(x-(generator|drupal|consumer).*|expires)$/i)] },
  'a proxy with caching words of its own': { proxies: [hideHeaders(/^(x-(generator|drupal|consumer).*|expires|cache-control)$/i)] },
  'a cache that keeps anonymous pages only': { proxies: [cacheByAddress((request) => isAnonymous(request) && isFront(request))] },
  'CORS that allows the credentials': {
    proxies: [
      answerPreflights([
        ['Access-Control-Allow-Origin', 'https://app.example.org'],
        ['Access-Control-Allow-Headers', 'Authorization, Content-Type, AUTH-METHOD'],
      ]),
    ],
    origin: 'https://app.example.org',
  },
  'CORS for one origin, and nobody said which one is ours': {
    proxies: [
      answerPreflights([
        ['Access-Control-Allow-Origin', 'https://www.example.net'],
        ['Access-Control-Allow-Headers', 'authorization, content-type, auth-method'],
      ]),
    ],
  },
  'a clock that is two seconds off': { aheadSeconds: 2 },
  'a front page of another application': { proxies: [refuse(isFront, otherPage)] },
  'a front page that leads elsewhere': { proxies: [refuse(isFront, serverPage(302, 'Found', [['Location', 'https://www.example.org/']]))] },
};

const faults: Readonly<Record<string, readonly [finding: string, deployment: Deployment]>> = {
  'nothing listens': ['unreachable', { transport: (site) => failing('refused', site) }],
  'an unknown host name': ['unreachable', { transport: (site) => failing('dns', site) }],
  'a bad certificate': ['tls', { transport: (site) => failing('tls', site) }],
  'a server that never answers': ['no-answer', { transport: (site) => failing('timeout', site) }],
  'a server that hangs up': ['no-answer', { transport: (site) => failing('closed', site) }],
  'JSON answers that break off': [
    'incomplete-answers',
    {
      transport: (site) =>
        failing('closed', site, ({ path, method }) => method === 'GET' && path.includes('_format=json') && path.includes('user')),
    },
  ],
  'a redirect to https': ['redirect', { proxies: [redirect(301, (path) => `https://drupal.example.org${path}`)] }],
  'a redirect to www': ['redirect', { proxies: [redirect(302, (path) => `http://www.drupal.example.org${path}`)] }],
  'a rule that adds a slash': ['redirect', { proxies: [redirect(301, (path) => path.replace(/^([^?]*)/, '$1/'), isFront)] }],
  'a redirect to itself': ['redirect-loop', { proxies: [redirect(302, (path) => path)] }],
  'http to a TLS port': ['plain-http-to-tls-port', { proxies: [always(serverPage(400, 'The plain HTTP request was sent to HTTPS port'))] }],
  'a password in front': [
    'password-in-front',
    { proxies: [always(serverPage(401, 'Unauthorized', [['WWW-Authenticate', 'Basic realm="Staging"']]))] },
  ],
  'an address list': ['refused-in-front', { proxies: [always(serverPage(403, 'Forbidden'))] }],
  'a filter of programs': ['bot-filter', { proxies: [refuse(isProgram, serverPage(403, 'Forbidden'))] }],
  'a rate limit': ['rate-limit', { proxies: [limitRate(6, serverPage(429, 'Too Many Requests', [['Retry-After', '30']]))] }],
  'a rate limit that says 503': ['rate-limit', { proxies: [limitRate(9, serverPage(503, 'Service Temporarily Unavailable'))] }],
  'PHP down': ['upstream', { proxies: [always(serverPage(502, 'Bad Gateway'))] }],
  'PHP too slow': ['upstream', { proxies: [always(serverPage(504, 'Gateway Time-out'))] }],
  'PHP that is not run': ['php-not-executed', { proxies: [always({ ...otherPage, body: Buffer.from('<?php\n') })] }],
  'a single-page application': [
    'single-page-app',
    { proxies: [refuse(isMethod('GET'), otherPage), always(serverPage(405, 'Not Allowed'))] },
  ],
  'another site with Drupal in a folder': ['not-drupal', { proxies: [refuse(isFront, otherPage), always(serverPage(404, 'Not Found'))] }],
  'another virtual host': ['wrong-host', { proxies: [always(serverPage(404, 'Not Found'))] }],
  'no clean URLs': ['clean-urls', { proxies: [noCleanUrls] }],
  'a folder that is not there': ['language-prefix', { target: (target) => ({ ...target, baseUrl: `${target.baseUrl}/xx` }) }],
  'a query string that is lost': ['query-string-lost', { proxies: [dropQuery] }],
  'a byte order mark': ['output-before-body', { proxies: [printBefore('\uFEFF')] }],
  'blank lines': ['output-before-body', { proxies: [printBefore('\n\n')] }],
  'a PHP warning': [
    'output-before-body',
    { proxies: [printBefore('<br />\n<b>Warning</b>:  Undefined variable $x in <b>/app/index.php</b> on line <b>3</b><br />\n')] },
  ],
  'a PHP warning without buffer': [
    'output-before-body',
    { proxies: [printBefore('<br />\n<b>Warning</b>:  x in <b>/app/a.php</b> on line <b>3</b><br />\n'), unbuffered] },
  ],
  'maintenance mode': ['maintenance', { site: ({ site }) => void (site.drupal.maintenance = true) }],
  'a host that is not trusted': ['trusted-host', { site: ({ site }) => void (site.drupal.trustedHosts = ['^www\\.example\\.com$']) }],
  'only reads allowed': ['post-refused', { proxies: [refuse(isMethod('POST'), serverPage(403, 'Forbidden'))] }],
  'a body limit': ['body-too-large', { proxies: [refuse(isMethod('POST'), serverPage(413, 'Request Entity Too Large'))] }],
  'a firewall that dislikes one path': [
    'path-filtered',
    { proxies: [refuse(({ path }) => path.includes('/user/2'), serverPage(403, 'Forbidden'))] },
  ],
  'OPTIONS refused': ['options-refused', { proxies: [refuse(isMethod('OPTIONS'), serverPage(405, 'Not Allowed'))] }],
  'CORS without Authorization': [
    'cors-headers',
    {
      proxies: [
        answerPreflights([
          ['Access-Control-Allow-Origin', '*'],
          ['Access-Control-Allow-Headers', 'content-type'],
        ]),
      ],
    },
  ],
  'CORS for another origin': [
    'cors-origin',
    {
      proxies: [
        answerPreflights([
          ['Access-Control-Allow-Origin', 'https://other.example.org'],
          ['Access-Control-Allow-Headers', 'authorization, content-type, auth-method'],
        ]),
      ],
      origin: 'https://app.example.org',
    },
  ],
  'a cache that mixes users': ['cache-leak', { proxies: [cacheByAddress(() => true)] }],
  'a cache that hands stored anonymous answers to everybody': ['cache-anonymous', { proxies: [cacheByAddress(isAnonymous)] }],
  'a header that never arrives': ['authorization-stripped', { proxies: [dropHeader('authorization')] }],
  'a resource for another provider': [
    'rest-provider',
    { file: (file) => withUserResource(file, { GET: { formats: ['json'], auth: ['cookie'] } }) },
  ],
  'a permission that is missing': [
    'permission-profiles',
    { site: ({ site }) => void site.roles.get('api_user')?.permissions.delete('access user profiles') },
  ],
  'the id of somebody else': [
    'account-mismatch',
    {
      target: (target) => ({
        ...target,
        clients: { ...target.clients, main: { ...target.clients?.['main'], actsAs: 4 } },
        users: { ...target.users, main: { ...target.users?.['main'], id: 4 } },
      }),
    },
  ],
  'the id of nobody': [
    'account-id',
    {
      target: (target) => ({
        ...target,
        clients: { ...target.clients, main: { ...target.clients?.['main'], actsAs: 4711 } },
        users: { ...target.users, main: { ...target.users?.['main'], id: 4711 } },
      }),
    },
  ],
  'error pages of a proxy': ['errors-replaced', { proxies: [changeAnswer(isError, ({ status }) => serverPage(status, 'Oops'))] }],
  'JSON:API off': ['jsonapi-off', { file: (file) => ({ ...file, drupal: { ...file.drupal, jsonapi: 'off' } }) }],
};

const challenge = (status: number, title: string): WireResponse => ({
  ...otherPage,
  status,
  body: Buffer.from(`<!DOCTYPE html><html><head><title>${title}</title></head></html>`),
});

const onlySimpleOauth: typeof faults = {
  'Bearer values removed': ['bearer-stripped', { proxies: [dropValue('authorization', /^Bearer/)] }],
  'Basic values removed': ['basic-stripped', { proxies: [dropValue('authorization', /^Basic/)] }],
  'POST redirected': ['token-redirected', { proxies: [refuse(isMethod('POST'), serverPage(302, 'Found', [['Location', '/user/login']]))] }],
  'PHP that dies over a token': ['token-upstream', { proxies: [refuse(isMethod('POST'), serverPage(502, 'Bad Gateway'))] }],
  'bodies emptied': ['body-lost', { proxies: [changeBody(() => '')] }],
  'a parameter removed': ['body-cut', { proxies: [changeBody((body) => body.replace(/&client_secret=[^&]*/, ''))] }],
  'every status 200': ['status-lost', { proxies: [changeAnswer(isError, (response) => ({ ...response, status: 200 }))] }],
  'a script behind JSON': [
    'output-after-body',
    {
      proxies: [
        changeAnswer(isJson, (response) => ({
          ...response,
          body: Buffer.concat([response.body, Buffer.from('<script>a[0]={};</script>')]),
        })),
      ],
    },
  ],
  'a puzzle for browsers': ['bot-challenge', { proxies: [always(challenge(403, 'Just a moment...'))] }],
  'a puzzle for browsers that says 200': ['bot-challenge', { proxies: [always(challenge(200, 'Checking your browser'))] }],
};

const onlyMiniorange: typeof faults = {
  'AUTH-METHOD dropped': ['auth-method-dropped', { proxies: [dropHeader('auth-method')] }],
  'a proxy with credentials of its own': [
    'authorization-overwritten',
    { proxies: [setHeader('Authorization', 'Basic c3RhZ2luZzpzdGFnaW5n')] },
  ],
  'no output buffer': ['refusals-200', { site: ({ site }) => void (site.server.outputBuffering = 0) }],
  'an application nobody knows': [
    'application-unknown',
    {
      target: (target) => ({ ...target, clients: { ...target.clients, main: { ...target.clients?.['main'], applicationId: '00000000' } } }),
    },
  ],
  'an application that is not named': [
    'application-header-missing',
    {
      target: (target) => {
        const { applicationId: _, ...main } = target.clients?.['main'] ?? {};
        return { ...target, clients: { ...target.clients, main } };
      },
    },
  ],
};

describe.each(profiles)('doctor in front of a mock of %s', (profile) => {
  it.each(Object.entries(healthy))('finds nothing with %s', async (_, deployment) => {
    expect(idsOf(await examineMock(profile, deployment))).toEqual([]);
  });

  const own = { ...faults, ...(profile.startsWith('miniorange/') ? onlyMiniorange : onlySimpleOauth) };
  it.each(Object.entries(own).map(([name, [finding, deployment]]) => [name, finding, deployment] as const))(
    'names %s: %s',
    async (_, finding, deployment) => {
      const report = await examineMock(profile, deployment);
      expect(idsOf(report)).toEqual([finding]);
      expect(report.findings[0]?.evidence?.length).toBeGreaterThan(0);
      expect(report.failedLogins).toBeLessThanOrEqual(2);
    },
  );

  it('names a clock that is two minutes ahead', async () => {
    const [finding] = (await examineMock(profile, { aheadSeconds: 120 })).findings;
    if (profile.startsWith('miniorange/') && profile !== 'miniorange/oauth') expect(finding).toBeUndefined();
    else expect(finding).toMatchObject({ id: 'doctor/clock-skew', title: expect.stringContaining('120 s ahead') });
  });
});

describe.runIf(supportsProfile('simple-oauth'))('doctor in front of a mock of simple-oauth alone', () => {
  it('names servers that disagree about a fresh token', async () => {
    let turn = 0;
    const denied = '{"message":"The resource owner or authorization server denied the request."}';
    const challenge = 'Bearer realm="OAuth", error="access_denied", error_description="Access token could not be verified"';
    const elsewhere: WireResponse = {
      httpVersion: '1.1',
      status: 401,
      reason: 'Unauthorized',
      headers: [
        ['X-Generator', 'Drupal 10 (https://www.drupal.org)'],
        ['Content-Type', 'application/json'],
        ['WWW-Authenticate', challenge],
      ],
      body: Buffer.from(denied),
    };
    const isSecondServer = (request: WireRequest) => hasLong('authorization', 100)(request) && (turn += 1) % 2 === 0;
    expect(idsOf(await examineMock('simple-oauth', { proxies: [refuse(isSecondServer, elsewhere)] }))).toEqual(['servers-disagree']);
  });
});

describe('doctor in front of a mock of miniorange/oauth alone', () => {
  it('names a firewall that refuses the password grant', async () => {
    const report = await examineMock('miniorange/oauth', { proxies: [refuse(asks('grant_type=password'), serverPage(403, 'Forbidden'))] });
    expect(idsOf(report)).toEqual(['password-grant-filtered']);
  });

  it('names a header buffer that is too small for a token', async () => {
    const report = await examineMock('miniorange/oauth', {
      proxies: [refuse(hasLong('authorization', 32), serverPage(400, 'Request Header Or Cookie Too Large'))],
    });
    expect(idsOf(report)).toEqual(['header-too-large']);
  });
});
