/**
 * A rule: what the answers look like, what that means, and what to change. Rules of a family are tried in order; the first that fits wins.
 *
 * @module
 */
import type { Target } from '../model/target.ts';
import type { Layer, Observation, ProbeAnswer } from './observation.ts';
import type { Product } from './product.ts';

/** How sure a diagnosis is: its signature fits nothing else we know, fits best, or fits among others. */
export type Confidence = 'certain' | 'likely' | 'possible';

export interface Rule {
  /** Stable name of the cause. */
  readonly id: string;
  /** The probes that show it, best evidence first; undefined when it does not apply. */
  readonly when: (seen: Sightings) => readonly string[] | undefined;
  /** The cause, as a sentence. */
  readonly title: Text;
  /** The exact setting or command. */
  readonly remedy: Text;
  readonly confidence: Confidence | ((seen: Sightings) => Confidence);
  /** `blocked`: nothing can be judged behind it; `fail`: it is itself a breach; `warn`: it hurts some callers only. */
  readonly verdict: 'blocked' | 'fail' | 'warn';
  readonly link?: string;
}

type Text = string | ((seen: Sightings) => string);

export interface Family {
  readonly name: string;
  /** True: nothing further is looked for once a rule of this family fits, since it spoils every other answer. */
  readonly isFinal: boolean;
  readonly rules: readonly Rule[];
}

/** What all probes saw, with the questions that rules ask. */
export class Sightings {
  readonly target: Target;
  readonly product: Product;
  /** Origin that the preflights named, when it is that of a real application. */
  readonly origin: string | undefined;
  /** Client's clock minus zero: milliseconds since 1970 when the token came. */
  readonly tokenReceivedAtMs: number | undefined;
  readonly #observations: ReadonlyMap<string, Observation>;

  constructor(
    observations: Iterable<Observation>,
    about: { target: Target; product: Product; origin?: string | undefined; tokenReceivedAtMs?: number | undefined },
  ) {
    this.#observations = new Map([...observations].map((observation) => [observation.probe, observation]));
    this.target = about.target;
    this.product = about.product;
    this.origin = about.origin;
    this.tokenReceivedAtMs = about.tokenReceivedAtMs;
  }

  get(probe: string): Observation | undefined {
    return this.#observations.get(probe);
  }

  answer(probe: string): ProbeAnswer | undefined {
    return this.get(probe)?.answer;
  }

  status(probe: string): number | undefined {
    return this.answer(probe)?.status;
  }

  layer(probe: string): Layer | undefined {
    return this.answer(probe)?.layer;
  }

  error(probe: string): string | undefined {
    return this.answer(probe)?.error;
  }

  /** `message` or `error_description`, also where the body is not JSON as a whole. */
  says(probe: string, words: string): boolean {
    return this.answer(probe)?.text.includes(words) === true;
  }

  get all(): readonly Observation[] {
    return [...this.#observations.values()];
  }

  /** Probes that were answered, those with a special purpose left out. */
  get answered(): readonly (Observation & { readonly answer: ProbeAnswer })[] {
    return this.all.filter(
      (one): one is Observation & { readonly answer: ProbeAnswer } => one.answer !== undefined && !special.has(one.probe),
    );
  }

  /** Names of the answered probes that fit. */
  where(fits: (answer: ProbeAnswer, observation: Observation) => boolean): string[] {
    return this.answered.filter((one) => fits(one.answer, one)).map(({ probe }) => probe);
  }

  /** Names of all answered probes when each fits and there are at least two; else undefined. Preflights may be left out. */
  every(fits: (answer: ProbeAnswer, observation: Observation) => boolean, options: { preflights?: boolean } = {}): string[] | undefined {
    const asked = this.answered.filter(({ probe }) => options.preflights !== false || !isPreflight(probe));
    return asked.length >= 2 && asked.every((one) => fits(one.answer, one)) ? asked.map(({ probe }) => probe) : undefined;
  }
}

export const isPreflight = (probe: string) => probe.endsWith('-preflight');

/** They differ from the rest by design, so "every answer" does not speak about them. */
const special: ReadonlySet<string> = new Set(['front-as-browser', 'login-page-by-script', 'login-page-at-root']);

/** Whether Drupal itself had no part in the answer. */
export function isOutside(answer: ProbeAnswer): boolean {
  return answer.layer === 'server' || answer.layer === 'foreign';
}
