/**
 * How a refusal leaves the server: pretty-printed JSON is echoed, the status set afterwards, and the process ends. None of
 * Drupal's headers are sent (facts A3).
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { phpJsonPretty } from '../../php/json.ts';
import type { Reply } from '../drupal/reply.ts';
import type { Refusal } from './refusals.ts';
import type { MiniorangeState } from './state.ts';

const phpDefaultType: HeaderLine = ['Content-type', 'text/html; charset=UTF-8'];

/** `name` is the display name for the refusals that say it. */
export function refuse(refusal: Refusal, { dialect }: MiniorangeState, name = ''): Reply {
  const body: Record<string, unknown> = { status: 'error' };
  if (refusal.code !== undefined) body[dialect.codeField] = refusal.code;
  if (refusal.error !== undefined) body['error'] = refusal.error;
  body[refusal.textField ?? 'error_description'] = refusal.description.replace('{name}', name);
  return { status: refusal.status, headers: [phpDefaultType], body: phpJsonPretty(body), bare: true, statusAfterOutput: true };
}
