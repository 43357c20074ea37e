/**
 * Mail addresses of the target's users in answers that have no reason to show any: refusals, and answers that hand out a token.
 *
 * @module
 */
import type { Answer } from '../judge/answer.ts';
import { bodyText, type WireRequest } from '../model/exchange.ts';
import type { Target } from '../model/target.ts';
import { readPointer } from '../support/pointer.ts';

/**
 * Key of the first mail address that an answer in JSON gives away. What the request itself says is no news; beside a token, a user whom the request
 * names may be shown the own address. Administrators are left out: pages print the address of whom to ask.
 */
export function findMail(answer: Answer, request: WireRequest, { users }: Pick<Target, 'users'>): string | undefined {
  if (users === undefined || !answer.text.includes('@') || !answer.json.ok) return undefined;
  const isRefusal = answer.response.status >= 400;
  if (!isRefusal && !readPointer(answer.json.value, '/access_token').found) return undefined;
  const received = answer.text.toLowerCase();
  let sent: string | undefined;
  for (const [role, { name, mail }] of Object.entries(users)) {
    if (role === 'admin' || mail === undefined || !mail.includes('@') || mail === name || !received.includes(mail.toLowerCase())) continue;
    sent ??= sentText(request);
    const isSaid = sent.includes(mail.toLowerCase()) || (!isRefusal && name !== undefined && sent.includes(name.toLowerCase()));
    if (!isSaid) return `users.${role}.mail`;
  }
  return undefined;
}

function sentText({ path, headers, body }: WireRequest): string {
  const plain = [path, ...headers.map(([, value]) => value), ...(body === undefined ? [] : [bodyText(body)])].join('\n');
  return `${plain}\n${decodeForm(plain)}`.toLowerCase();
}

/** Percent-decoded where that makes sense; a request may carry what does not. */
function decodeForm(text: string): string {
  return text.replaceAll('+', ' ').replace(/(%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
