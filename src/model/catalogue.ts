/**
 * The catalogue: every case, expanded and checked, ready to run. Made by `src/spec` at build for the shipped specs and at run time
 * for the user's own; plain JSON, so that it can be stored. Strings still hold `${…}`; nothing else is left to resolve.
 *
 * @module
 */
import type { Outcome, When } from './spec.ts';
import type { Level, Witness } from './verdict.ts';

export interface Clause {
  /** `document/id`, e.g. `miniorange-oauth/invalid-credentials`. */
  readonly id: string;
  readonly document: string;
  readonly witness: Witness;
  /** Profile prefixes it may witness for; undefined: every profile. */
  readonly products?: readonly string[];
  readonly keyword: Level;
  readonly says: string;
  readonly section?: string;
  readonly url?: string;
  readonly evidence?: string;
  readonly when?: When;
  readonly excluded?: string;
}

/** A list of wire fields in sending order; a value may hold `${…}`; a name may stand more than once. */
export type FieldList = readonly (readonly [name: string, value: string])[];

export type BodyTemplate =
  | { readonly kind: 'form'; readonly fields: FieldList }
  | { readonly kind: 'multipart'; readonly fields: FieldList }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly value: string };

export interface RequestTemplate {
  readonly surface?: string;
  readonly method: string;
  readonly path: string;
  readonly query: FieldList;
  readonly headers: FieldList;
  readonly body?: BodyTemplate;
  readonly raw?: string;
}

/** One kind of the closed list, with its operand. Templates inside may hold `${…}`. */
export type Expectation =
  | { readonly kind: 'status'; readonly status: number | string | readonly number[] }
  | { readonly kind: 'header'; readonly header: Readonly<Record<string, unknown>> }
  | { readonly kind: 'body'; readonly schema: string }
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'text'; readonly text: unknown }
  | { readonly kind: 'absent'; readonly absent: readonly string[] }
  | { readonly kind: 'same' | 'differs'; readonly as: string; readonly at: readonly string[] }
  | {
      readonly kind: 'jwt';
      readonly at: string;
      readonly header?: Readonly<Record<string, unknown>>;
      readonly claims?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'within'; readonly at: string; readonly min?: number | string; readonly max?: number | string };

export interface Alternative {
  /** Ids of the register; the witness of the alternative is that of the first one. */
  readonly clauses: readonly string[];
  readonly witness: Witness;
  readonly when?: When;
  readonly expectation: Expectation;
}

export interface CatalogueCheck {
  /** Last part of the address, after `#`. Unique within a case: a later step's check of the same name gets its step's name as prefix. */
  readonly name: string;
  /** The name as its author wrote it, when `name` has the step's prefix: a surface's check of this name gives way to it. */
  readonly writtenName?: string;
  readonly level: Level;
  readonly alternatives: readonly Alternative[];
  readonly when?: When;
  readonly why?: string;
  readonly line: number;
}

export interface CaptureTemplate {
  readonly name: string;
  readonly from: 'json' | 'header';
  readonly at: string;
  readonly secret: boolean;
}

export interface RequestStep {
  readonly kind: 'request';
  readonly name: string;
  readonly line: number;
  readonly request: RequestTemplate;
  /** The same request without the row's changes; present on the varied step only. */
  readonly plain?: RequestTemplate;
  readonly expect?: Outcome;
  readonly checks: readonly CatalogueCheck[];
  readonly capture: readonly CaptureTemplate[];
  readonly repeat: number;
  readonly freshConnection: boolean;
}

export interface WaitStep {
  readonly kind: 'wait';
  readonly name: string;
  readonly line: number;
  readonly until: 'before-expiry' | 'after-expiry' | 'half-life';
  readonly of: string;
}

export type CatalogueStep = RequestStep | WaitStep;

export interface GivenFixture {
  readonly fixture: string;
  /** Prefix of the captures: `other` makes `${other.token}`; absent: `${token}`. */
  readonly as?: string;
  readonly fresh: boolean;
}

export interface Cost {
  readonly failedLogins: number;
  readonly identity?: string;
}

export interface Declared {
  readonly of: 'version' | 'drupal';
  /** The good versions. */
  readonly range: string;
  /** Who says so: that of the case's first clause. */
  readonly witness: Witness;
}

export interface CatalogueCase {
  /** `profile/file/case[/row]`, e.g. `miniorange/oauth/password-grant/wrong-password/altered`. */
  readonly address: string;
  readonly profile: string;
  /** Path below specs/ (or of the user's file), for annotations and SARIF. */
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly why?: string;
  readonly see: readonly string[];
  readonly clauses: readonly string[];
  readonly given: readonly GivenFixture[];
  readonly when?: When;
  readonly cost?: Cost;
  /** Decided without a request: what the target file declares must lie in the range. Such a case has no steps. */
  readonly declared?: Declared;
  readonly exclusive: boolean;
  readonly writes: boolean;
  readonly priority: number;
  /** Keys of the target that its `${…}` use, its fixtures' included, e.g. `users.other.id`; a missing one skips the case. */
  readonly needs: readonly string[];
  readonly steps: readonly CatalogueStep[];
}

export interface Surface {
  readonly accepted: {
    readonly checks: readonly CatalogueCheck[];
    readonly capture: readonly CaptureTemplate[];
    readonly proof: readonly CatalogueStep[];
  };
  readonly refused: { readonly checks: readonly CatalogueCheck[] };
  readonly yields: readonly string[];
}

export interface Fixture {
  readonly name: string;
  readonly title?: string;
  readonly given: readonly GivenFixture[];
  /** Why a site may not offer it; a case that needs it is then skipped. */
  readonly optional?: string;
  readonly steps: readonly CatalogueStep[];
}

export interface Profile {
  readonly name: string;
  /** Profile that it started from; documents that speak about that one speak about this one too. */
  readonly extends?: string;
  readonly title: string;
  readonly product: { readonly name: string; readonly module?: string; readonly method?: string; readonly edition?: 'paid' | 'free' };
  readonly authorities: readonly Witness[];
  readonly paths: Readonly<Record<string, string>>;
  readonly requires: readonly string[];
  /** Named requests, resolved, for specs that are compiled later and extend them. */
  readonly requests?: Readonly<Record<string, RequestTemplate>>;
  readonly surfaces: Readonly<Record<string, Surface>>;
  readonly fixtures: Readonly<Record<string, Fixture>>;
  readonly schemas: Readonly<Record<string, object>>;
  /** Products whose tokens open this surface: their paths and their fixture `token` hold where they are tested on the same target. */
  readonly openedBy?: readonly string[];
  /** The unit of `expires_in` is not published, so that the unit of the site's setting may be meant: minutes. */
  readonly expiryUnit?: 'unpublished';
  readonly deviations: readonly string[];
  /** Common name of a flow step to the address of the case that walks it. */
  readonly flows?: Readonly<Record<string, string>>;
}

/** A source text of the register. */
export interface RegisterDocument {
  readonly title: string;
  readonly witness: Witness;
  readonly url?: string;
  /** Date of the edition that was read. */
  readonly updated?: string;
}

export interface Catalogue {
  /** SHA-256 over the catalogue's canonical JSON (without this field): tells whether two runs used the same specs. */
  readonly digest: string;
  /** By name, the first part of a clause id. */
  readonly documents?: Readonly<Record<string, RegisterDocument>>;
  readonly clauses: Readonly<Record<string, Clause>>;
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly cases: readonly CatalogueCase[];
  /** Documents whose register claims to be complete. */
  readonly registers: readonly string[];
}
