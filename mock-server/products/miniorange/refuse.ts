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

export function refuse(refusal: Refusal, state: MiniorangeState, name = ''): Reply {
  const codeField = state.dialect.setsStatus ? 'http_code' : 'code';
  const body: Record<string, unknown> = { status: 'error' };
  if (refusal.code !== undefined) body[codeField] = refusal.code;
  if (refusal.error !== undefined) body['error'] = refusal.error;
  body['error_description'] = refusal.description.replace('{name}', name);
  return {
    status: state.dialect.setsStatus ? refusal.status : 200,
    headers: [phpDefaultType],
    body: phpJsonPretty(body),
    bare: true,
    statusAfterOutput: true,
  };
}
