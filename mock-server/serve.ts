/**
 * What stands around the pure core when the mock is used: control API, landing page, faults, journal, mutants.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../src/model/exchange.ts';
import { answer } from './answer.ts';
import { answerControl } from './control.ts';
import { bend, type Delivery, type FaultQueue } from './faults.ts';
import type { Journal } from './journal.ts';
import { answerLanding } from './landing.ts';
import type { Site } from './site.ts';

/** The core, or a mutant around it. */
export type Answer = (request: WireRequest, site: Site) => WireResponse;

export interface Service {
  readonly site: Site;
  readonly answer: Answer;
  /** What a mutant makes of the way to the client. */
  readonly deliver?: (delivery: Delivery, request: WireRequest) => Delivery;
  readonly faults: FaultQueue;
  readonly journal: Journal;
  /** Whether `/__control` is served. */
  control: boolean;
  /** Whether `GET /` tells a person what is here. */
  readonly landing: boolean;
  reset(): void;
}

export const correct: Answer = answer;

export function serve(request: WireRequest, service: Service): Delivery {
  const { site } = service;
  const aside = answerAside(request, service);
  if (aside !== undefined) return { response: aside };
  const response = service.answer(request, site);
  if (service.journal.enabled) service.journal.record(request, response, site.clock.now());
  const fault = service.faults.isEmpty ? undefined : service.faults.take(request.method, request.path);
  if (fault !== undefined) return bend(response, fault);
  return service.deliver === undefined ? { response } : service.deliver({ response }, request);
}

function answerAside(request: WireRequest, service: Service): WireResponse | undefined {
  const path = request.path.slice(service.site.drupal.basePath.length);
  if (service.control && path.startsWith('/__control')) return answerControl(request, path, service);
  if (service.landing && path === '/' && request.method === 'GET') return answerLanding(request, service.site);
  return undefined;
}
