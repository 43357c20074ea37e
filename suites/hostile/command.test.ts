/**
 * The command itself against hostile servers, in a process with little memory: it ends by itself, with the exit code that says so, and reports that can
 * be read.
 */
import { describe, expect, it } from 'vitest';
import { openWorkshop } from '../cli/_run.ts';
import { reporterNames } from '../../src/report/reporter.ts';
import { behaviours } from './behaviours.ts';
import { problemsOf } from './reports.ts';
import { startHostile } from './server.ts';

const target = (url: string) => `
profile: miniorange/oauth
baseUrl: ${url}
clients: { main: { id: client-of-main, secret: secret-of-the-main-client, applicationId: application-1 } }
users: { main: { name: api_user, password: correct horse battery staple, id: 2 } }
limits: { timeoutSeconds: 1 }
`;
const selection = ['miniorange/oauth/password-grant/issues-token', 'miniorange/oauth/token-errors/wrong-password'];
const files: Readonly<Record<string, string>> = {
  ndjson: 'report.ndjson',
  json: 'report.json',
  junit: 'junit.xml',
  html: 'report.html',
  markdown: 'report.md',
  sarif: 'report.sarif',
  ctrf: 'ctrf.json',
  har: 'report.har',
};

describe('dac run, with 128 MB of memory, against a server that', () => {
  it.each([
    'says nothing',
    'sends an endless body',
    'sends a gzip bomb',
    'sends deep objects',
    'restarts at each second request',
    'puts markup into everything',
  ])(
    '%s',
    async (name) => {
      await using server = await startHostile(behaviours[name]?.script ?? (() => undefined));
      using workshop = openWorkshop();
      workshop.write('target.yaml', target(server.url));
      const reporters = Object.keys(files).flatMap((reporter) => ['-r', reporter]);
      const { stdout, stderr, code } = await workshop.run(['run', ...selection, '-t', 'target.yaml', '-r', 'terminal', ...reporters], {
        nodeFlags: ['--max-old-space-size=128'],
        timeoutSeconds: 60,
      });
      expect({ stderr, isVerdict: code === 1 || code === 3 }).toEqual({ stderr: '', isVerdict: true });
      expect(problemsOf('terminal', stdout)).toEqual([]);
      for (const [reporter, file] of Object.entries(files)) expect(problemsOf(reporter, workshop.read(`dac-report/${file}`))).toEqual([]);
      expect(Object.keys(files).every((reporter) => (reporterNames as readonly string[]).includes(reporter))).toBe(true);
    },
    90_000,
  );
});
