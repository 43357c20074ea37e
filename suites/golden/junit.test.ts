import { describe, expect, it } from 'vitest';
import type { FooterRecord } from '../../src/model/record.ts';
import { escapeXml } from '../../src/report/reporters/junit.ts';
import { makeStream } from './fixtures/make-stream.ts';
import { render } from './golden.ts';
import { parseXml, type XmlNode } from './xml.ts';

const records = makeStream();

/** What junit-10.xsd of the Jenkins xUnit plugin allows, element by element: required and further attributes, children. */
const schema: Readonly<Record<string, { required: string[]; allowed: string[]; children: string[]; text?: boolean }>> = {
  testsuites: { required: [], allowed: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors'],
    allowed: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { required: [], allowed: [], children: ['property'] },
  property: { required: ['name', 'value'], allowed: [], children: [] },
  testcase: {
    required: ['name'],
    allowed: ['time', 'classname', 'group'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  skipped: { required: [], allowed: ['type', 'message'], children: [], text: true },
  error: { required: [], allowed: ['type', 'message'], children: [], text: true },
  failure: { required: [], allowed: ['type', 'message'], children: [], text: true },
  'system-out': { required: [], allowed: [], children: [], text: true },
};
const surefireTime = /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?$/;

function validate(node: XmlNode): void {
  const rule = schema[node.name];
  if (rule === undefined) throw new Error(`<${node.name}> is not in the schema`);
  for (const key of rule.required) if (node.attributes[key] === undefined) throw new Error(`<${node.name}> lacks ${key}`);
  for (const key of Object.keys(node.attributes)) {
    if (![...rule.required, ...rule.allowed].includes(key)) throw new Error(`<${node.name}> may not have ${key}`);
  }
  if (node.attributes['time'] !== undefined && !surefireTime.test(node.attributes['time']))
    throw new Error(`time ${node.attributes['time']}`);
  if (rule.text !== true && node.text.trim() !== '') throw new Error(`<${node.name}> may not hold text`);
  for (const child of node.children) {
    if (!rule.children.includes(child.name)) throw new Error(`<${child.name}> may not stand in <${node.name}>`);
    validate(child);
  }
}

function testcases(document: XmlNode): XmlNode[] {
  return document.children.flatMap((suite) => suite.children.filter(({ name }) => name === 'testcase'));
}

const holds = (name: string) => (node: XmlNode) => node.children.some((child) => child.name === name);

describe('junit reporter', () => {
  it('writes what the schema of the Jenkins xUnit plugin allows', async () => {
    validate(parseXml(await render('junit', records)));
  });

  it('has one test case for each case of the stream, and counts that equal its children', async () => {
    const document = parseXml(await render('junit', records));
    expect(testcases(document)).toHaveLength(records.length - 2);
    const sum = { tests: 0, failures: 0, errors: 0 };
    for (const suite of document.children) {
      const cases = suite.children.filter(({ name }) => name === 'testcase');
      expect(suite.attributes).toMatchObject({
        tests: String(cases.length),
        failures: String(cases.filter(holds('failure')).length),
        errors: String(cases.filter(holds('error')).length),
        skipped: String(cases.filter(holds('skipped')).length),
      });
      sum.tests += cases.length;
      sum.failures += cases.filter(holds('failure')).length;
      sum.errors += cases.filter(holds('error')).length;
    }
    expect(document.attributes).toMatchObject({ tests: String(sum.tests), failures: String(sum.failures), errors: String(sum.errors) });
  });

  it('gives each verdict its own element, and never two of them', async () => {
    const document = parseXml(await render('junit', records));
    const found = Object.fromEntries(
      testcases(document).map((node) => {
        const outcome = node.children.filter(({ name }) => name !== 'system-out');
        expect(outcome.length).toBeLessThanOrEqual(1);
        return [
          `${node.attributes['classname']} ${node.attributes['name']?.split(':')[0]}`,
          outcome[0] === undefined ? 'pass' : `${outcome[0].name} ${outcome[0].attributes['type']}`,
        ];
      }),
    );
    expect(found).toMatchObject({
      '[staging] miniorange/oauth/password-grant issues-token': 'pass',
      '[staging] miniorange/oauth/password-grant wrong-password/altered': 'failure fail',
      '[staging] miniorange/oauth/token-errors unknown-grant': 'skipped waived',
      '[staging] miniorange/oauth/use-token expired': 'pass',
      '[staging] miniorange/oauth/use-token other-user': 'skipped skipped',
      '[staging] miniorange/oauth/client-credentials uses-token': 'error blocked',
      '[upgraded] miniorange/oauth/use-token other-user': 'error error',
    });
  });

  it('puts a warning into the output of a passing test case', async () => {
    const node = testcases(parseXml(await render('junit', records))).find(({ attributes }) => attributes['name']?.startsWith('expired'));
    expect(node?.children[0]?.text).toContain('follows RFC 6750 3.1, not the miniOrange OAuth page');
  });

  it('never repeats a class and name', async () => {
    const names = testcases(parseXml(await render('junit', records))).map(
      ({ attributes }) => `${attributes['classname']} ${attributes['name']}`,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('reports a cut run as an error, with and without a footer', async () => {
    const footer = records.at(-1) as FooterRecord;
    for (const stream of [records.slice(0, -1), [...records.slice(0, -1), { ...footer, cut: 'bail' }]]) {
      const document = parseXml(await render('junit', stream));
      validate(document);
      expect(testcases(document).at(-1)?.attributes['name']).toBe('the run was cut before its end');
      expect(document.attributes['errors']).toBe('3');
    }
  });

  it('removes what XML 1.0 cannot hold', () => {
    expect(escapeXml('a\u0000\u0008\ufffe\uffff\ud800b\t\n]]>&<"')).toBe('ab\t\n]]&gt;&amp;&lt;&quot;');
  });
});
