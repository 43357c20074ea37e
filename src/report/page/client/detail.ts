/**
 * One case in full: what was asked and answered, what was expected, who says so, and the command that repeats it.
 *
 * @module
 */
import type { CaseRecord, JudgedCheck, RecordedExchange, RecordedStep } from '../../../model/record.ts';
import { curlCommand } from '../../curl.ts';
import { clauseText, standingOfCase, standingOfCheck, tallyText, witnessWords } from '../../digest.ts';
import { duration } from '../../text.ts';
import { bodyView, headerList, withSecrets } from './body.ts';
import type { Row } from './data.ts';
import { cell, header, isCrowd, isExplained, isMany, openCase, tallyOf, targetName, footer } from './data.ts';
import { valueCells } from './diff.ts';
import type { Child } from './dom.ts';
import { h, icon, outward } from './dom.ts';
import { badge, mark, paths } from './marks.ts';
import type { State } from './state.ts';
import { formatState } from './state.ts';
import { timeline } from './timeline.ts';

/** The open case, with a switch between targets where there are several. */
export function detail(row: Row, state: State): HTMLElement {
  const named = header.targets.findIndex(({ name }) => name === state.on);
  const target = named !== -1 && row.cells[named] !== undefined ? named : row.cells.findIndex((position) => position !== undefined);
  const position = row.cells[target];
  const record = position === undefined ? undefined : openCase(position);
  const close = h(
    'a',
    { class: 'close', href: formatState({ ...state, open: '', on: '' }), 'aria-label': 'Close the case' },
    icon(paths.close),
  );
  return h(
    'article',
    { class: 'detail', 'aria-labelledby': 'detail-title', id: 'detail', tabindex: -1 },
    h('header', {}, h('p', { class: 'crumb' }, row.file), close),
    h('h2', { id: 'detail-title' }, row.title),
    h('p', { class: 'address' }, h('code', {}, row.address), copyButton(row.address, 'address')),
    isMany && targetSwitch(row, target, state),
    record === undefined ? h('p', {}, 'This target did not run it.') : caseBody(record),
  );
}

function targetSwitch(row: Row, shown: number, state: State): HTMLElement {
  const table = targetTable(row, shown, state);
  if (!isCrowd) return table;
  const tally = tallyOf(row.cells.flatMap((position) => cell(position) ?? []));
  return h('details', {}, h('summary', {}, `The same case on each target: ${tallyText(tally)}`), table);
}

function targetTable(row: Row, shown: number, state: State): HTMLElement {
  return h(
    'table',
    { class: 'side-by-side' },
    h('caption', {}, 'The same case on each target'),
    h(
      'thead',
      {},
      h('tr', {}, h('th', { scope: 'col' }, 'target'), h('th', { scope: 'col' }, 'verdict'), h('th', { scope: 'col' }, 'what it says')),
    ),
    h(
      'tbody',
      {},
      row.cells.map((position, target) => {
        const one = cell(position);
        const name = targetName(target);
        return h(
          'tr',
          { class: target === shown ? 'chosen' : undefined },
          h(
            'th',
            { scope: 'row' },
            one === undefined
              ? name
              : h('a', { href: formatState({ ...state, on: name }), 'aria-current': target === shown ? 'true' : undefined }, name),
          ),
          h('td', {}, one === undefined ? h('span', { class: 'quiet' }, 'not run') : badge(one.standing)),
          h('td', {}, one?.summary === undefined ? '' : h('span', { class: 'clip' }, one.summary)),
        );
      }),
    ),
  );
}

/** Everything below the title; also used for printing. */
export function caseBody(record: CaseRecord): Child {
  const standing = standingOfCase(record);
  const facts = [
    `${record.file}:${record.line}`,
    duration(record.durationMs),
    ...(record.runs === undefined
      ? []
      : [
          Object.entries(record.runs)
            .map(([verdict, count]) => `${count}× ${verdict}`)
            .join(', '),
        ]),
  ];
  return [
    h(
      'p',
      { class: 'verdict-line' },
      badge(standing),
      facts.map((fact) => h('span', { class: 'fact' }, fact)),
    ),
    record.reason !== undefined && h('p', { class: `note ${standing}` }, record.reason),
    record.why !== undefined && h('p', { class: 'why' }, h('strong', {}, 'Why '), record.why),
    findingsFor(record),
    record.expiry !== undefined && timeline(record.expiry),
    record.steps.map((step, at) => stepView(step, at, record)),
  ];
}

function findingsFor(record: CaseRecord): Child {
  const explaining = (footer?.findings ?? []).filter(
    (finding) =>
      (finding.target === undefined || finding.target === record.target) &&
      finding.verdict !== 'pass' &&
      record.steps.some((step) =>
        step.checks.some(
          (check) =>
            finding.checks.includes(`${record.address}#${check.name}`) &&
            isExplained(record.target, `${record.address}#${check.name}`, check.verdict),
        ),
      ),
  );
  return explaining.map((finding) =>
    h(
      'p',
      { class: 'note explained' },
      h('strong', {}, 'Explained by a finding: '),
      finding.title,
      finding.remedy === undefined ? '' : ` ${finding.remedy}`,
    ),
  );
}

function stepView(step: RecordedStep, at: number, record: CaseRecord): HTMLElement {
  const kinds = { request: 'request', wait: 'wait', fixture: 'prepared beforehand' } as const;
  const pointers = new Set(step.checks.flatMap((check) => check.mismatches.map((mismatch) => mismatch.at)));
  const bad = step.checks.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped');
  const good = step.checks.filter((check) => !bad.includes(check));
  const content = [
    step.note !== undefined && h('p', { class: 'note wait' }, step.note),
    bad.map((check) => checkView(check)),
    step.exchanges.map((exchange, number) => exchangeView(exchange, step.exchanges.length > 1 ? number + 1 : undefined, pointers)),
    good.length > 0 &&
      h(
        'details',
        { class: 'passed', open: record.verdict === 'pass' && step.kind !== 'fixture' },
        h('summary', {}, `${good.length} ${good.length === 1 ? 'check' : 'checks'} passed`),
        good.map((check) => checkView(check)),
      ),
  ];
  const title = h(
    'span',
    { class: 'step-title' },
    h('span', { class: 'number' }, String(at + 1)),
    h('strong', {}, step.name),
    h('span', { class: 'quiet' }, kinds[step.kind]),
  );
  const isFolded = step.kind === 'fixture' && bad.length === 0 && record.steps.length > 1;
  return h('details', { class: 'step', open: !isFolded }, h('summary', {}, title), content);
}

function checkView(check: JudgedCheck): HTMLElement {
  const standing = standingOfCheck(check);
  return h(
    'div',
    { class: `check ${standing}` },
    h(
      'p',
      { class: 'check-name' },
      mark(standing),
      h('code', {}, `#${check.name}`),
      h('span', { class: 'level' }, check.level.toUpperCase()),
      check.fingerprint !== undefined &&
        h('span', { class: 'quiet print', title: 'fingerprint of the failure, for a waiver' }, check.fingerprint),
    ),
    check.mismatches.length > 0 && differences(check),
    check.message !== undefined && h('p', { class: 'witness' }, check.message),
    check.waived !== undefined &&
      h(
        'p',
        { class: 'note waived' },
        h('strong', {}, `Waived until ${check.waived.expires}: `),
        check.waived.reason,
        ' ',
        check.waived.link !== undefined && outward(check.waived.link, check.waived.link),
      ),
    check.alternatives === undefined ? check.clauses.map(clauseView) : witnessTable(check),
  );
}

function differences(check: JudgedCheck): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `expected and actual of ${check.name}` },
    h(
      'table',
      { class: 'differences' },
      h(
        'thead',
        {},
        h('tr', {}, h('th', { scope: 'col' }, 'at'), h('th', { scope: 'col' }, 'expected'), h('th', { scope: 'col' }, 'actual')),
      ),
      h(
        'tbody',
        {},
        check.mismatches.map((mismatch) => {
          const [expected, actual] = valueCells(mismatch.expected, mismatch.actual);
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, h('code', {}, mismatch.at === '' ? 'body' : mismatch.at)),
            h('td', { 'data-label': 'expected' }, expected),
            h('td', { 'data-label': 'actual' }, actual),
          );
        }),
      ),
    ),
  );
}

export function clauseView(id: string): HTMLElement {
  const clause = clauseText(header, id);
  return h(
    'p',
    { class: 'clause' },
    h('span', { class: 'clause-id' }, outward(clause.url, id)),
    clause.kind !== undefined && h('span', { class: 'quiet' }, ` ${clause.kind}`),
    clause.says !== undefined && h('q', {}, clause.says),
  );
}

/** Who says what, and whether the target does it. */
function witnessTable(check: JudgedCheck): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `witnesses of ${check.name}` },
    h(
      'table',
      { class: 'witnesses' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['witness', 'clause', 'does the target?', 'difference'].map((title) => h('th', { scope: 'col' }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        (check.alternatives ?? []).map((one) =>
          h(
            'tr',
            {},
            h(
              'th',
              { scope: 'row' },
              witnessWords[one.witness],
              one.authority && h('span', { class: 'authority', title: 'its word makes a pass' }, 'authority'),
            ),
            h('td', {}, one.clauses.map(clauseView)),
            h('td', {}, one.matched ? badge('pass', 'follows it') : badge('fail', 'does not')),
            h(
              'td',
              {},
              one.mismatches.map((mismatch) =>
                h(
                  'p',
                  { class: 'clip' },
                  h('code', {}, mismatch.at === '' ? 'body' : mismatch.at),
                  ` expected ${mismatch.expected}, actual ${mismatch.actual}`,
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

export function exchangeView(exchange: RecordedExchange, number?: number, pointers: ReadonlySet<string> = new Set()): HTMLElement {
  const { request, response, failure, timing, tokens } = exchange;
  const took = duration(timing.endedMs - timing.startedMs);
  const url = shortUrl(request.url);
  return h(
    'div',
    { class: 'exchange' },
    number !== undefined && h('p', { class: 'quiet' }, `Exchange ${number}`),
    h(
      'div',
      { class: 'pair' },
      h(
        'div',
        { class: 'request' },
        h('h3', {}, 'Request', request.raw === true && h('span', { class: 'tag' }, 'raw bytes')),
        h('p', { class: 'start-line' }, h('b', {}, request.method), ' ', withSecrets(url)),
        request.raw === true ? undefined : headerList(request.headers),
        bodyView(request.body, undefined, isForm(request)),
      ),
      h(
        'div',
        { class: 'response' },
        h('h3', {}, 'Response', h('span', { class: 'quiet' }, took)),
        response === undefined
          ? h('p', { class: 'start-line broken' }, failure === undefined ? 'none' : `none (${failure.kind}): ${failure.message}`)
          : [
              h(
                'p',
                { class: `start-line ${pointers.has('status') ? 'hit' : ''}` },
                h('b', { class: `status s${String(response.status).charAt(0)}` }, response.status),
                ' ',
                response.reason,
              ),
              headerList(response.headers),
              bodyView(response.body, pointers),
            ],
      ),
    ),
    tokens !== undefined && tokenView(tokens),
    curlView(exchange),
  );
}

function tokenView(tokens: NonNullable<RecordedExchange['tokens']>): HTMLElement {
  return h(
    'details',
    { class: 'tokens' },
    h('summary', {}, 'Decoded tokens'),
    Object.entries(tokens).map(([name, token]) => [
      h('p', {}, h('span', { class: 'secret' }, name)),
      h('pre', { tabindex: 0, 'aria-label': 'decoded token' }, lined(JSON.stringify(token, null, 2))),
    ]),
  );
}

function curlView(exchange: RecordedExchange): HTMLElement {
  const command = curlCommand(exchange.request);
  return h(
    'details',
    { class: 'curl' },
    h('summary', {}, 'Repeat it'),
    h(
      'div',
      { class: 'command' },
      h('pre', { tabindex: 0, 'aria-label': 'command' }, lined(command.text)),
      copyButton(command.text, 'command'),
    ),
    command.variables.length > 0 &&
      h(
        'p',
        { class: 'quiet' },
        'Set first: ',
        command.variables.map((name, at) => [at === 0 ? '' : ', ', h('code', {}, name)]),
      ),
    command.note !== undefined && h('p', { class: 'quiet' }, command.note),
  );
}

/** Line feeds stay line feeds; everything else of it is made visible. */
function lined(text: string): Child[] {
  return text.split('\n').map((line, at) => (at === 0 ? line : [document.createTextNode('\n'), line]));
}

function isForm({ headers }: RecordedExchange['request']): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'content-type' && /^application\/x-www-form-urlencoded/i.test(value));
}

/** Path and query; the origin stands in the head of the report. */
function shortUrl(url: string): string {
  const match = /^https?:\/\/[^/?#]+(.*)$/.exec(url);
  return match?.[1] === undefined || match[1] === '' ? url : match[1];
}

function copyButton(text: string, what: string): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: 'copy', 'aria-label': `Copy the ${what}`, title: `Copy the ${what}` },
    icon(paths.copy),
  );
  button.addEventListener('click', () => {
    void navigator.clipboard
      ?.writeText(text)
      .then(() => {
        button.classList.add('done');
        setTimeout(() => button.classList.remove('done'), 1200);
      })
      .catch(() => {});
  });
  return button;
}
