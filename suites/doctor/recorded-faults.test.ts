import { describe, expect, it } from 'vitest';
import { examine, type DoctorReport } from '../../src/doctor/doctor.ts';
import { plainSecrets } from './plain-secrets.ts';
import { archive, productOfFault, replay, targetOf } from './replay.ts';

/** What the doctor must find in each recorded deployment, and nothing else. Empty: healthy, or a fault that harms nobody. */
const expected: Readonly<Record<string, readonly string[]>> = {
  '01-healthy-apache-fpm-mo210': [],
  '01-healthy-apache-fpm-so609': [],
  '01-healthy-nginx-fpm-mo210': [],
  '01-healthy-nginx-fpm-so522': [],
  '01-healthy-nginx-fpm-so609': [],
  '01-healthy-page-cache-mo210': [],
  '01-healthy-page-cache-so609': [],
  '02-apache-fpm-no-htaccess-mo210': ['authorization-stripped'],
  '02-nginx-authorization-empty-so522': ['authorization-stripped'],
  '02-nginx-authorization-empty-so609': ['authorization-stripped'],
  '03-nginx-underscores-on-mo210': [],
  '03-proxy-drops-api-key-mo210': [],
  '03-proxy-drops-auth-method-mo210': ['auth-method-dropped'],
  '03-proxy-drops-authorization-mo210': ['authorization-stripped'],
  '03-proxy-drops-authorization-so609': ['authorization-stripped'],
  '03-proxy-drops-custom-headers-mo210': ['auth-method-dropped'],
  '04-redirect-301-https-so609': ['redirect'],
  '04-redirect-301-trailing-slash-so609': ['redirect'],
  '04-redirect-302-www-mo210': ['redirect'],
  '04-redirect-302-www-so609': ['redirect'],
  '04-redirect-308-https-so609': ['redirect'],
  '05-subfolder-not-given-mo210': ['not-drupal'],
  '05-subfolder-not-given-so609': ['not-drupal'],
  '06-language-prefix-given-mo210': [],
  '06-language-prefix-unprefixed-mo210': [],
  '06-language-prefix-unprefixed-so609': [],
  '06-language-prefix-wrong-so609': ['language-prefix'],
  '07-no-clean-urls-apache-so609': ['clean-urls'],
  '07-no-clean-urls-nginx-index-php-prefix-so609': [],
  '07-no-clean-urls-nginx-so609': ['clean-urls'],
  '07-query-string-lost-mo210': ['query-string-lost'],
  '07-query-string-lost-so522': ['query-string-lost'],
  '07-query-string-lost-so609': ['query-string-lost'],
  '08-rest-module-off-mo210': ['rest-module'],
  '08-rest-user-format-xml-mo210': ['rest-provider'],
  '08-rest-user-format-xml-so609': ['rest-resource'],
  '08-rest-user-provider-cookie-mo210': ['rest-provider'],
  '08-rest-user-provider-cookie-so522': ['rest-provider'],
  '08-rest-user-provider-cookie-so609': ['rest-provider'],
  '08-rest-user-resource-off-so609': ['rest-resource'],
  '09-no-access-content-mo210': ['permission-content'],
  '10-jsonapi-off-mo210': ['jsonapi-off'],
  '11-consumer-deleted-so522': ['invalid-client'],
  '11-consumer-deleted-so609': ['invalid-client'],
  '11-consumer-grant-off-so609': ['grant-off'],
  '11-consumer-not-confidential-so609': ['invalid-client'],
  '11-consumer-without-scopes-so522': [],
  '11-consumer-without-scopes-so609': ['consumer-scopes'],
  '11-consumer-without-user-so522': ['consumer-user'],
  '11-consumer-without-user-so609': ['consumer-user'],
  '11-key-mismatched-pair-so522': ['key-mismatch'],
  '11-key-mismatched-pair-so609': ['key-mismatch'],
  '11-key-pair-rotated-so609': [],
  '11-key-paths-unset-so522': ['keys-unset'],
  '11-key-paths-unset-so609': ['keys-unset'],
  '11-key-perms-0777-so522': [],
  '11-private-key-garbage-so609': ['private-key-invalid'],
  '11-private-key-missing-so522': ['private-key'],
  '11-private-key-missing-so609': ['private-key'],
  '11-private-key-unreadable-so522': ['private-key-invalid'],
  '11-private-key-unreadable-so609': ['private-key'],
  '11-public-key-missing-so522': ['keys-unset'],
  '11-simple-oauth-module-off-so609': ['simple-oauth-missing'],
  '12-clock-minus-120s-so609': ['clock-skew'],
  '12-clock-minus-3600s-so609': ['clock-skew'],
  '12-clock-plus-120s-so609': ['clock-skew'],
  '13-cors-good-mo210': [],
  '13-cors-good-so609': [],
  '13-cors-wrong-headers-mo210': ['cors-headers'],
  '13-cors-wrong-origin-mo210': ['cors-origin'],
  '13-cors-wrong-origin-so609': ['cors-origin'],
  '14-maintenance-mode-so522': ['maintenance'],
  '15-trusted-host-mismatch-so609': ['trusted-host'],
  '16-cache-ignores-authorization-anon-first-mo210': ['cache-leak'],
  '16-cache-ignores-authorization-anon-first-so609': ['cache-leak'],
  '16-cache-ignores-authorization-mo210': ['cache-leak'],
  '16-cache-ignores-authorization-so522': ['cache-leak'],
  '16-cache-ignores-authorization-so609': ['cache-leak'],
  '16-cache-ignores-authorization-x-cache-mo210': ['cache-leak'],
  '16-cache-ignores-authorization-x-cache-so609': ['cache-leak'],
  '18-blank-line-before-output-mo210': ['output-before-body'],
  '18-blank-line-before-output-so609': ['output-before-body'],
  '18-bom-before-output-ob0-so609': ['output-before-body'],
  '18-display-errors-prepend-notice-mo210': ['output-before-body'],
  '18-display-errors-prepend-notice-ob0-mo210': ['output-before-body'],
  '18-display-errors-prepend-notice-ob0-so609': ['output-before-body'],
  '18-display-errors-prepend-notice-so609': ['output-before-body'],
  '18-key-perms-error-display-so522': [],
  '18-settings-parse-error-displayed-mo210': ['site-broken'],
  '18-settings-parse-error-so609': ['site-broken'],
  '19-rate-limit-429-mo210': ['rate-limit'],
  '19-rate-limit-429-retry-after-so609': ['rate-limit'],
  '19-rate-limit-429-so609': ['rate-limit'],
  '19-rate-limit-503-mo210': ['rate-limit'],
  '19-rate-limit-503-so609': ['rate-limit'],
  '20-htpasswd-in-front-creds-sent-mo210': ['authorization-twice'],
  '20-htpasswd-in-front-mo210': ['password-in-front'],
  '20-htpasswd-in-front-so609': ['password-in-front'],
  '20-proxy-sets-own-authorization-so522': ['authorization-overwritten'],
  '20-proxy-sets-own-authorization-so609': ['authorization-overwritten'],
  '21-options-refused-mo210': ['options-refused'],
  '21-options-refused-so609': ['options-refused'],
  '21-user-agent-or-bot-block-mo210': ['refused-in-front'],
  '21-waf-password-grant-so609': ['password-grant-filtered'],
  '22-upstream-down-503-apache-mo210': ['upstream'],
  '22-upstream-down-503-apache-so609': ['upstream'],
  '22-upstream-timeout-504-mo210': ['upstream'],
  '22-upstream-timeout-504-so609': ['upstream'],
  '23-client-http10-so609': [],
  '23-gzip-mo210': [],
  '23-gzip-so609': [],
  '23-proxy-http10-mo210': [],
  '23-proxy-http10-so609': [],
  '24-mo-default-application-mo210': [],
  '24-mo-disabled-mo210': ['authentication-off'],
  '24-mo-module-off-mo210': ['miniorange-missing'],
  '24-mo-only-oauth-application-mo210': ['application-unknown'],
  '25-database-corrupt-so609': ['site-broken'],
  '25-database-empty-so609': ['database-empty'],
  '25-database-read-only-mo210': ['database-read-only'],
  '25-database-read-only-so609': ['database-read-only'],
  '25-database-unreadable-mo210': ['database-missing'],
  '26-drupal-wrong-host-default-vhost-mo210': ['wrong-host'],
  '26-drupal-wrong-host-default-vhost-so609': ['wrong-host'],
  '26-other-static-site-so609': ['not-drupal'],
  '26-single-page-app-catch-all-so609': ['single-page-app'],
  '27-php-not-executed-mo210': ['php-not-executed'],
  '29-host-rewritten-mo210': [],
  '29-host-rewritten-so609': [],
  '30-core-ban-module-mo210': ['banned'],
  '30-core-ban-module-so609': ['banned'],
  '31-header-too-large-mo210': [],
  '31-header-too-large-so609': ['header-too-large'],
  '32-body-too-large-so609': ['body-too-large'],
  '33-core-basic-auth-added-so609': [],
  '34-ip-allow-list-mo210': ['refused-in-front'],
  '34-ip-allow-list-so609': ['refused-in-front'],
  '35-tls-offload-forced-https-loop-so609': ['redirect'],
};

/** The same deployments under another profile, where that changes what is wrong. */
const otherProfiles: readonly (readonly [fault: string, profile: string, ids: readonly string[]])[] = [
  ['01-healthy-nginx-fpm-mo210', 'miniorange/oauth', ['free-edition']],
  ['02-apache-fpm-no-htaccess-mo210', 'miniorange/api-key in api-key', []],
  ['02-apache-fpm-no-htaccess-mo210', 'miniorange/oauth', ['free-edition']],
  ['03-proxy-drops-api-key-mo210', 'miniorange/api-key in api-key', ['api-key-dropped']],
  ['03-proxy-drops-api-key-mo210', 'miniorange/oauth', ['free-edition']],
  ['08-rest-module-off-mo210', 'miniorange/api-key', ['rest-provider']],
  ['08-rest-module-off-mo210', 'miniorange/api-key in api-key', ['rest-provider']],
  ['08-rest-module-off-mo210', 'miniorange/oauth', ['free-edition']],
  ['24-mo-disabled-mo210', 'miniorange/oauth', ['free-edition']],
  ['24-mo-only-oauth-application-mo210', 'miniorange/oauth', ['free-edition']],
];

async function examineRecorded(fault: string, profile: string): Promise<DoctorReport> {
  const transport = replay(fault);
  const target = targetOf(fault, profile);
  return examine(target, target.profiles[0] as string, transport, {
    secrets: plainSecrets,
    nowMs: transport.receivedAtMs,
    nonce: 'n',
    origin: 'https://app.example.org',
  });
}

const mainProfileOf = (fault: string) => (productOfFault(fault) === 'mo210' ? 'miniorange/basic' : 'simple-oauth');
const idsOf = (report: DoctorReport) => report.findings.map(({ id }) => id.replace('doctor/', ''));

describe('doctor on recorded deployments', () => {
  it('has an expectation for every recorded deployment', () => {
    expect(Object.keys(expected)).toEqual(Object.keys(archive.faults).toSorted());
  });

  it.each(Object.entries(expected))('%s: finds %j and says what shows it and what to do', async (fault, ids) => {
    const report = await examineRecorded(fault, mainProfileOf(fault));
    expect(idsOf(report)).toEqual(ids);
    for (const finding of report.findings) {
      expect(finding.remedy, finding.id).toMatch(/\S{3}/);
      expect(finding.evidence?.length, finding.id).toBeGreaterThan(0);
    }
  });

  it.each(otherProfiles)('%s under %s finds %j', async (fault, profile, ids) => {
    expect(idsOf(await examineRecorded(fault, profile))).toEqual(ids);
  });

  it.each(Object.keys(expected))('%s: presents a refused credential at most twice', async (fault) => {
    expect((await examineRecorded(fault, mainProfileOf(fault))).failedLogins).toBeLessThanOrEqual(2);
  });

  it.each([
    ['01-healthy-nginx-fpm-so609', 'simple-oauth', '6.x', '10'],
    ['01-healthy-nginx-fpm-so522', 'simple-oauth', '5.x', '9'],
    ['01-healthy-nginx-fpm-mo210', 'miniorange/basic', '2.1.0 or later', '10'],
  ])('%s is recognised as %s %s on Drupal %s', async (fault, profile, version, drupal) => {
    const { target } = await examineRecorded(fault, profile);
    expect(target.version).toMatchObject({ value: version, from: 'inferred' });
    expect(target.drupal).toBe(drupal);
  });
});
