/**
 * Where to read on about a cause, for rules that name no page of their own.
 *
 * @module
 */

const rfc = (number: number, section: string) => `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`;
const nginx = (page: string) => `https://nginx.org/en/docs/http/${page}`;
const project = (name: string) => `https://www.drupal.org/project/${name}`;

/** By the name of the family. */
const ofFamilies: Readonly<Record<string, string>> = {
  reach: rfc(9110, '15.6'),
  site: rfc(9110, '15.6'),
  filters: nginx('ngx_http_core_module.html#limit_except'),
  paths: nginx('ngx_http_core_module.html#location'),
  cache: rfc(9111, '3.5'),
  headers: rfc(9110, '11.6.2'),
  'refusal-status': 'https://www.php.net/manual/en/outcontrol.configuration.php',
  'simple-oauth-tokens': project('simple_oauth'),
  'simple-oauth-bearer': project('simple_oauth'),
  miniorange: project('rest_api_authentication'),
  answers: rfc(9110, '8.6'),
  resource: 'https://www.drupal.org/docs/8/core/modules/rest',
  permissions: 'https://www.drupal.org/docs/8/core/modules/rest',
  api: 'https://www.drupal.org/docs/8/modules/json-api',
  graphql: project('graphql'),
  clock: rfc(7519, '4.1.6'),
  browser: 'https://developer.mozilla.org/en-US/docs/Web/HTTP/CORS',
};

/** By the id of the rule, where its family's page says too little. */
const ofRules: Readonly<Record<string, string>> = {
  tls: rfc(6749, '3.2'),
  redirect: rfc(9110, '15.4'),
  'redirect-loop': rfc(9110, '15.4'),
  'token-redirected': rfc(9110, '15.4'),
  'password-in-front': nginx('ngx_http_auth_basic_module.html'),
  'rate-limit': rfc(6585, '4'),
  upstream: nginx('ngx_http_fastcgi_module.html'),
  'token-upstream': nginx('ngx_http_fastcgi_module.html'),
  'php-not-executed': nginx('ngx_http_fastcgi_module.html'),
  'wrong-host': nginx('server_names.html'),
  'query-string-lost': nginx('ngx_http_core_module.html#try_files'),
  'output-before-body': rfc(8259, '8.1'),
  'output-after-body': rfc(8259, '2'),
  maintenance: rfc(9110, '15.6.4'),
  'auth-method-dropped': nginx('ngx_http_core_module.html#underscores_in_headers'),
  'api-key-dropped': nginx('ngx_http_core_module.html#underscores_in_headers'),
};

export function linkOf(rule: string, family: string): string | undefined {
  return ofRules[rule] ?? ofFamilies[family];
}
