/**
 * Looks at a report as its readers will: a terminal, a parser, a browser, a CI system.
 *
 * @module
 */
import { parseXml } from '../golden/xml.ts';

/** What a terminal acts on, and what turns the order of a text around: nothing of it may stand in what a person reads. */
// oxlint-disable-next-line no-control-regex
const acted = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** What hurts even in a file for programs, when it is printed. */
// oxlint-disable-next-line no-control-regex
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/** Problems of one report; empty when it is well-formed and harmless. */
export function problemsOf(format: string, text: string): string[] {
  const problems: string[] = [];
  const note = (what: string, place: number): void => {
    problems.push(`${format}: ${what} at ${place}: ${JSON.stringify(text.slice(Math.max(0, place - 40), place + 40))}`);
  };
  const isForPeople = format === 'terminal' || format === 'markdown' || format === 'html' || format === 'junit' || format === 'github';
  const control = text.search(isForPeople ? acted : raw);
  if (control >= 0) note('a control character', control);
  try {
    if (format === 'junit') parseXml(text);
    else if (format === 'ndjson') for (const line of text.trimEnd().split('\n')) JSON.parse(line);
    else if (['json', 'har', 'sarif', 'ctrf'].includes(format)) JSON.parse(text);
  } catch (error) {
    problems.push(`${format}: not well-formed: ${String(error)}`);
  }
  const forbidden = patterns[format];
  if (forbidden !== undefined) {
    const place = (format === 'markdown' ? withoutCode(text) : text).search(forbidden);
    if (place >= 0) note('something to act on', place);
  }
  return problems;
}

/** Markdown with its code blanked out, in which nothing is acted on: fences as CommonMark closes them, then spans. */
function withoutCode(text: string): string {
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ');
  return text.replace(/^ *(`{3,})[^`\n]*\n[^]*?^ *\1`*[ ]*$/gm, blank).replace(/(?<!`)(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, blank);
}

const patterns: Readonly<Record<string, RegExp>> = {
  html: /<img\b|<script>alert|(?:href|src)\s*=\s*["']?javascript:|<!--<|<[a-z][^<>]*\son(?:error|load)\s*=/i,
  markdown: /(?:^|[^\\])<(?:img|script)\b|\]\(javascript:|!\[x\]\(http/,
  terminal: /^::\w+ ?::|##\[error\]|##vso\[/m,
  github: /^(?!::(?:error|warning|notice) ).+/m,
};
