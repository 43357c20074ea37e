/**
 * `dac explain`: a case in words: what is sent, what is expected, who says so.
 *
 * @module
 */
import { exitCodes } from '../../judge/exit-code.ts';
import { describeExpectation } from '../../judge/describe.ts';
import type {
  BodyTemplate,
  Catalogue,
  CatalogueCase,
  CatalogueCheck,
  CatalogueStep,
  FieldList,
  RequestTemplate,
} from '../../model/catalogue.ts';
import { print } from '../console.ts';
import { loadCatalogue, select } from './catalogue.ts';

export async function explainCommand(selectors: readonly string[], flags: { readonly specs: readonly string[] }): Promise<number> {
  const catalogue = await loadCatalogue(flags.specs);
  const cases = await select(catalogue, selectors);
  for (const [index, one] of cases.entries()) await print(`${index === 0 ? '' : '\n'}${explain(one, catalogue)}`);
  return exitCodes.ok;
}

function explain(one: CatalogueCase, catalogue: Catalogue): string {
  const profile = catalogue.profiles[one.profile];
  const lines = [one.address, `  ${one.title}`, ''];
  if (one.why !== undefined) lines.push(...labelled('why', one.why));
  lines.push(...labelled('file', `${one.file}:${one.line}`));
  lines.push(...labelled('profile', `${one.profile} (${profile?.title ?? ''}); authorities: ${profile?.authorities.join(', ') ?? ''}`));
  if (one.needs.length > 0) lines.push(...labelled('needs', one.needs.join(', ')));
  if (one.given.length > 0)
    lines.push(
      ...labelled(
        'given',
        one.given.map(({ fixture, as, fresh }) => `${fixture}${as === undefined ? '' : ` as ${as}`}${fresh ? ' (fresh)' : ''}`).join(', '),
      ),
    );
  if (one.cost !== undefined)
    lines.push(
      ...labelled(
        'cost',
        `${one.cost.failedLogins} failed login${one.cost.failedLogins === 1 ? '' : 's'}${one.cost.identity === undefined ? '' : ` of ${one.cost.identity}`}`,
      ),
    );
  for (const link of one.see) lines.push(...labelled('see', link));
  lines.push('', '  clauses');
  for (const id of one.clauses) {
    const clause = catalogue.clauses[id];
    lines.push(`    ${id} (${clause?.witness}, ${clause?.keyword.toUpperCase()})`, ...wrap(clause?.says ?? '', 6));
    if (clause?.url !== undefined) lines.push(`      ${clause.url}`);
  }
  if (one.declared !== undefined) {
    const what = one.declared.of === 'drupal' ? 'drupal (version of core)' : 'version';
    lines.push('', `  decided by ${what} of the target file, expected ${one.declared.range}; nothing is sent`);
  }
  for (const step of one.steps) lines.push('', ...explainStep(step, catalogue, one.profile));
  return `${lines.join('\n')}\n`;
}

function explainStep(step: CatalogueStep, catalogue: Catalogue, profile: string): string[] {
  if (step.kind === 'wait') return [`  ${step.name}: let time pass until ${step.until.replace('-', ' ')} of ${step.of}`];
  const lines = [`  ${step.name}${step.repeat > 1 ? ` (${step.repeat} times)` : ''}`, ...curlOf(step.request)];
  const surface = step.request.surface === undefined ? undefined : catalogue.profiles[profile]?.surfaces[step.request.surface];
  const outcome = step.expect === undefined || surface === undefined ? [] : step.expect === 'either' ? [] : surface[step.expect].checks;
  if (step.expect !== undefined) lines.push(`    outcome: ${outcomeSays[step.expect]}`);
  const own = new Set(step.checks.map(({ name }) => name));
  for (const check of [...step.checks, ...outcome.filter(({ name }) => !own.has(name))]) lines.push(...explainCheck(check));
  for (const { name, at, from } of step.capture) lines.push(`    keeps ${from === 'json' ? at : `header ${at}`} as \${${name}}`);
  return lines;
}

const outcomeSays = {
  accepted: 'accepted: the complete success',
  refused: 'refused: a 4xx in the error shape of the profile that gives nothing away',
  either: 'either: the complete success for the same identity, or a clean refusal; the authorities are silent',
} as const;

function explainCheck(check: CatalogueCheck): string[] {
  const head = `    #${check.name} (${check.level.toUpperCase()})`;
  const [only, ...others] = check.alternatives;
  if (only === undefined) return [head];
  if (others.length === 0)
    return [`${head} ${describeExpectation(only.expectation)}`, ...(check.why === undefined ? [] : wrap(check.why, 6))];
  return [
    `${head} one of`,
    ...check.alternatives.map(
      ({ expectation, clauses, witness }) => `      - ${describeExpectation(expectation)} (${witness}: ${clauses.join(', ')})`,
    ),
    ...(check.why === undefined ? [] : wrap(check.why, 6)),
  ];
}

function curlOf(request: RequestTemplate): string[] {
  if (request.raw !== undefined) return ['    raw bytes:', ...request.raw.split('\n').map((line) => `      ${line}`)];
  const query = request.query.map(([name, value]) => `${name}=${value}`).join('&');
  const url = `$BASE${request.path}${query === '' ? '' : `${request.path.includes('?') ? '&' : '?'}${query}`}`;
  const parts = [
    `curl -X ${request.method} "${url}"`,
    ...request.headers.map(([name, value]) => `-H "${name}: ${value}"`),
    ...bodyOf(request.body),
  ];
  return parts.map((part, index) => `    ${index === 0 ? '' : '  '}${part}${index < parts.length - 1 ? ' \\' : ''}`);
}

function bodyOf(body: BodyTemplate | undefined): string[] {
  if (body === undefined) return [];
  const fields = (list: FieldList, flag: string) => list.map(([name, value]) => `${flag} "${name}=${value}"`);
  switch (body.kind) {
    case 'form':
      return fields(body.fields, '--data-urlencode');
    case 'multipart':
      return fields(body.fields, '--form-string');
    case 'json':
      return [`--json '${JSON.stringify(body.value)}'`];
    case 'text':
      return [`--data-raw '${body.value}'`];
  }
}

function labelled(label: string, text: string): string[] {
  const [first = '', ...rest] = wrap(text, 0, 66);
  return [`  ${label.padEnd(8)} ${first}`, ...rest.map((line) => `           ${line}`)];
}

function wrap(text: string, indent: number, width = 80 - indent): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((one) => ' '.repeat(indent) + one);
}
