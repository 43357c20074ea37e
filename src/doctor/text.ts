/**
 * The doctor's report as text for a terminal: what is wrong, how sure that is, what to do, and the exchanges that show it.
 *
 * @module
 */
import type { Finding, RecordedExchange } from '../model/record.ts';
import type { DoctorReport } from './doctor.ts';

/** Plain text that ends with a line end; the caller adds colours, if any. Everything a target sent is made harmless. */
export function describeReport(report: DoctorReport): string {
  const { target, findings, probes, failedLogins } = report;
  const logins = failedLogins === 0 ? '' : `, ${failedLogins} with a credential that was refused`;
  const lines = [
    `${target.name} at ${target.baseUrl} (${report.profile})`,
    ...describeFacts(report),
    '',
    ...(findings.length === 0 ? ['Nothing is wrong with this deployment.'] : findings.flatMap(describeFinding)),
    '',
    `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} from ${probes.length} ${probes.length === 1 ? 'request' : 'requests'}${logins}.`,
  ];
  return `${lines.join('\n')}\n`;
}

function describeFacts({ target }: DoctorReport): string[] {
  const { version, drupal, server, edition } = target;
  const facts = [
    ...(version === undefined
      ? []
      : [`version ${version.value}, ${version.from}${version.evidence === undefined ? '' : `: ${version.evidence}`}`]),
    ...(edition === undefined ? [] : [`${edition} edition`]),
    ...(drupal === undefined ? [] : [`Drupal ${drupal}`]),
    ...(server === undefined ? [] : [`server ${server}`]),
  ];
  return facts.map((fact) => `  ${harmless(fact)}`);
}

function describeFinding({ id, title, verdict, confidence, remedy, link, evidence = [] }: Finding): string[] {
  return [
    `${verdict}  ${harmless(title)}`,
    `  ${id}, ${confidence ?? 'possible'}`,
    ...evidence.map((exchange) => `  ${describeExchange(exchange)}`),
    ...(remedy === undefined ? [] : [`  Try: ${harmless(remedy)}`]),
    ...(link === undefined ? [] : [`  ${link}`]),
    '',
  ];
}

const shownCharacters = 100;

/** `GET https://… → 403 {"message":…}` on one line. */
function describeExchange({ request, response, failure }: RecordedExchange): string {
  const outcome =
    response === undefined
      ? (failure?.message ?? 'no answer')
      : `${response.status} ${(response.body.text ?? '').slice(0, shownCharacters * 2)}`;
  const credential = request.headers.find(([name]) => /^(authorization|authorisation|api-key)$/i.test(name));
  const sent = credential === undefined ? '' : ` with ${credential[0]}: ${credential[1].split(' ')[0] ?? ''}`;
  return harmless(`${request.method} ${request.url}${sent} → ${shorten(outcome)}`);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters)}…`;
}

/** No control character of a target reaches a terminal. */
function harmless(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
}
