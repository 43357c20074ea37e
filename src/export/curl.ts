/**
 * The catalogue as a shell script of curl commands: one paragraph a case, values of the target as variables, secrets never written. Pure.
 *
 * @module
 */
import type { BodyTemplate, CatalogueCheck, FieldList, Profile } from '../model/catalogue.ts';
import type { Expression } from '../spec/variables.ts';
import { describeCheck } from '../judge/describe.ts';
import {
  checksFor,
  isSecretName,
  optionalNames,
  render,
  targetNames,
  walkCase,
  withPaths,
  type ExportSource,
  type LeftOut,
  type TargetName,
  type WalkedCase,
  type WalkedRequest,
} from './walk.ts';

/** A script for a POSIX shell with curl; `jq` where a value is captured from deep inside an answer. */
export async function exportCurl(source: ExportSource): Promise<string> {
  const walked: WalkedCase[] = [];
  const leftOut: LeftOut[] = [...source.leftOut];
  for (const one of source.cases) {
    const walk = walkCase(one, source.profiles[one.profile] as Profile);
    if ('reason' in walk) leftOut.push(walk);
    else walked.push(walk);
  }
  const paragraphs: string[] = [];
  for (const one of walked) paragraphs.push(await paragraph(one, source));
  const paths = walked.flatMap(({ case: { profile } }) => Object.values(source.profiles[profile]?.paths ?? {}));
  return `${[head(source, targetNames(walked, paths)), ...paragraphs, ...ending(leftOut)].join('\n\n')}\n`;
}

function head({ suite, target }: ExportSource, names: readonly TargetName[]): string {
  const base = target === undefined ? ': "${BASE:?base URL of the site}"' : `BASE=\${BASE-${quote(target.baseUrl.replace(/\/$/, ''))}}`;
  const lines = names.map(({ name, isOptional }) => {
    const value = target === undefined || isSecretName(name) ? undefined : valueOf(target, name);
    if (isOptional) return `${shellName(name)}=\${${shellName(name)}-${value === undefined ? '' : quote(value)}}`;
    return value === undefined ? `: "\${${shellName(name)}:?${name}}"` : `${shellName(name)}=\${${shellName(name)}-${quote(value)}}`;
  });
  return `#!/bin/sh
# Cases of ${suite.name} ${suite.version} as curl commands. Set what stands below, or pick single commands.
# Each answer is printed with its head; what is expected stands above the command.
set -u
${[base, ...lines].join('\n')}

answer=$(mktemp) && trap 'rm -f "$answer"' EXIT
send() { curl -sS -D - -o "$answer" "$@" | tr -d '\\r' && cat "$answer" && echo; }
keep() { tr -d '\\n' <"$answer" | sed -n "s/.*\\"$1\\" *: *\\"\\{0,1\\}\\([^\\",}]*\\).*/\\1/p"; }
upper() { printf %s "$1" | tr a-z A-Z; }
lower() { printf %s "$1" | tr A-Z a-z; }
swapcase() { printf %s "$1" | tr A-Za-z a-zA-Z; }
chop() { printf %s "$1" | awk -v n="\${2-1}" '{ printf "%s", substr($0, 1, length($0) - n) }'; }
behead() { printf %s "$1" | awk '{ printf "%s", substr($0, 2) }'; }
flip_at() { # one character becomes another of its class
  printf %s "$1" | awk -v where="$2" '{
    n = length($0); i = where == "first" ? 1 : where == "last" ? n : int(n / 2) + 1
    from = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
    to = "5678901234NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm_-"
    p = index(from, substr($0, i, 1)); printf "%s%s%s", substr($0, 1, i - 1), p ? substr(to, p, 1) : "x", substr($0, i + 1) }'
}
flip() { flip_at "$1" last; }
flip_first() { flip_at "$1" first; }
flip_middle() { flip_at "$1" middle; }
double() { printf %s%s "$1" "$1"; }
reverse() { printf %s "$1" | awk '{ for (i = length($0); i > 0; i--) printf "%s", substr($0, i, 1) }'; }
pad() { printf ' %s ' "$1"; }
base64_of() { printf %s "$1" | base64 | tr -d '\\n'; }
base64url() { base64_of "$1" | tr '+/' '-_' | tr -d '='; }
percent() { printf %s "$1" | od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F | sed 's/../%&/g'; }
encode() { # $2: what a blank becomes
  printf %s "$1" | od -An -v -tx1 | tr -s ' ' '\\n' | while read -r hex; do
    case $hex in '') ;; 20) printf %s "$2" ;; 2a|2d|2e|3?|4[1-9a-f]|5[0-9a]|5f|6[1-9a-f]|7[0-9a])
      case $hex in 3[a-f]) printf '%%%s' "$hex" | tr a-f A-F ;; *) printf "\\\\$(printf %03o "0x$hex")" ;; esac ;;
    *) printf '%%%s' "$hex" | tr a-f A-F ;; esac
  done
}
form() { encode "$1" +; }
url() { encode "$1" %20; }
json() { printf %s "$1" | sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g'; }
repeat() { awk -v text="$1" -v n="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { print a - b }'; }
over() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }
basic() { base64_of "$1:$2"; }`;
}

async function paragraph({ case: one, requests }: WalkedCase, source: ExportSource): Promise<string> {
  const fakes = await source.fakesOf(one.address);
  const lines = [`# ── ${one.address}`, `# ${oneLine(one.title)}`];
  for (const id of one.clauses) {
    const url = source.clauses[id]?.url;
    lines.push(`#   ${id}${url === undefined ? '' : `  ${url}`}`);
  }
  for (const request of requests) lines.push(...command(request, source.profiles[one.profile] as Profile, source, fakes));
  return lines.join('\n');
}

function command(walked: WalkedRequest, profile: Profile, source: ExportSource, fakes: (name: string) => unknown): string[] {
  const { step, kind } = walked;
  const { request } = step;
  const word = (template: string, encode?: 'form' | 'url' | 'json') =>
    shellWord(withPaths(template, profile, source.target), fakes, encode);
  const query = request.query.map(([name, value]) => ifGiven(value, `${encodeURIComponent(name)}=${word(value, 'url')}`)).join('&');
  const path = word(request.path);
  const method = request.method === 'HEAD' ? '--head' : `-X ${request.method}`;
  const words = [
    `send --path-as-is --globoff ${method} "$BASE${path}${query === '' ? '' : `${request.path.includes('?') ? '&' : '?'}${query}`}"`,
    ...request.headers.map(([name, value]) => ifGiven(value, `-H "${word(name)}: ${word(value)}"`)),
    ...(request.headers.some(([name]) => name.toLowerCase() === 'accept') ? [] : ["-H 'Accept:'"]),
    ...bodyWords(request.body, request.headers, word),
  ];
  const captures = [
    ...step.capture,
    ...(step.expect === 'accepted' || step.expect === 'either' ? (profile.surfaces[request.surface ?? '']?.accepted.capture ?? []) : []),
  ];
  const expected =
    kind === 'fixture'
      ? []
      : [...(step.expect === undefined ? [] : [step.expect]), ...checksFor(step.checks, source.target).map(described)];
  return [
    `# ${kind === 'step' ? walked.name : walked.title}${expected.length === 0 ? '' : `: ${expected.join('; ')}`}`,
    words.join(' \\\n  '),
    ...captures.map(({ name, at, from }) => `${shellName(walked.prefix + name)}=$(${captureCommand(from, at)})`),
  ];
}

function described(check: CatalogueCheck): string {
  return `#${check.name} ${oneLine(describeCheck(check))}`;
}

function captureCommand(from: 'json' | 'header', at: string): string {
  if (from === 'header') return `echo 'header ${at}: copy it from above' >&2`;
  const parts = at.split('/').slice(1);
  if (parts.length === 1 && /^\w+$/.test(parts[0] ?? '')) return `keep ${parts[0]}`;
  return `jq -r '.${parts.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `["${part}"]`)).join('')} // empty' "$answer"`;
}

function bodyWords(
  body: BodyTemplate | undefined,
  headers: FieldList,
  word: (template: string, encode?: 'form' | 'url' | 'json') => string,
): string[] {
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const typed = (type: string) => (hasType ? [] : [type === '' ? "-H 'Content-Type:'" : `-H 'Content-Type: ${type}'`]);
  switch (body?.kind) {
    case undefined:
      return [];
    case 'form':
      if (body.fields.length === 0) return ["--data-raw ''"];
      return body.fields.map(([name, value]) => ifGiven(value, `--data-raw "${encodeURIComponent(name)}=${word(value, 'form')}"`));
    case 'multipart':
      return body.fields.map(([name, value]) => ifGiven(value, `--form-string "${word(name)}=${word(value)}"`));
    case 'json':
      return [...typed('application/json'), `--data-raw "${word(jsonTemplate(body.value), 'json')}"`];
    case 'text':
      return [...typed(''), `--data-raw "${word(body.value)}"`];
  }
}

/** Shell words that are left out when an optional variable is empty. */
function ifGiven(template: string, words: string): string {
  return optionalNames(template).reduce((inner, name) => `\${${shellName(name)}:+${inner}}`, words);
}

/** JSON text whose strings still hold `${…}`. */
function jsonTemplate(value: unknown): string {
  return JSON.stringify(value);
}

/** The inside of a double-quoted shell word. */
function shellWord(template: string, fakes: (name: string) => unknown, encode?: 'form' | 'url' | 'json'): string {
  return render(template, {
    text: (text) => inQuotes(encode === 'form' ? formEncode(text) : encode === 'url' ? encodeURIComponent(text) : text),
    value: (expression) => {
      const value = shellExpression(expression, fakes);
      return encode === undefined ? value : `$(${encode} "${value}")`;
    },
  });
}

function shellExpression({ operand, filters }: Expression, fakes: (name: string) => unknown): string {
  let value =
    'name' in operand
      ? nameExpression(operand.name, operand.isOptional === true, fakes)
      : `$(basic ${('basic' in operand ? operand.basic : operand.hs256).map((one) => `"${shellExpression(one, fakes)}"`).join(' ')})`;
  for (const { name, argument } of filters) {
    value = `$(${name === 'base64' ? 'base64_of' : name.replaceAll('-', '_')} "${value}"${argument === undefined ? '' : ` ${argument}`})`;
  }
  return value;
}

function nameExpression(name: string, isOptional: boolean, fakes: (name: string) => unknown): string {
  if (name.startsWith('fake.')) return inQuotes(String(fakes(name.slice('fake.'.length)) ?? ''));
  if (name === 'run.seed') return '1';
  if (name === 'target.baseUrl') return '$BASE';
  return isOptional ? `\${${shellName(name)}-}` : `$${shellName(name)}`;
}

function ending(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  return [`# Left out:\n${leftOut.map(({ address, reason }) => `#   ${address}: ${oneLine(reason)}`).join('\n')}`];
}

/** `users.main.name` → `USERS_MAIN_NAME`. */
export function shellName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

function valueOf(target: object, name: string): string | undefined {
  const value = name
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
      target,
    );
  return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
}

function inQuotes(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
