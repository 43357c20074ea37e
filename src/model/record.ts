/**
 * The report: a stream of NDJSON records that a run writes and every reporter reads. Secrets are masked before a record exists.
 *
 * @module
 */
import type { FailureKind, Timing } from './exchange.ts';
import type { Level, Verdict, Witness } from './verdict.ts';

/** Version of the stream; a reader refuses a higher major. */
export const streamFormat = 'drupal-auth-conformance/1';

export interface TargetFacts {
  readonly name: string;
  readonly baseUrl: string;
  readonly profiles: readonly string[];
  /** Product version: declared in the target file, or inferred with the evidence said. */
  readonly version?: { readonly value: string; readonly from: 'declared' | 'inferred'; readonly evidence?: string };
  readonly drupal?: string;
  readonly server?: string;
  readonly edition?: string;
  /** Place in the whole run, of a shard: what `dac merge` sorts by. */
  readonly order?: number;
}

export interface HeaderRecord {
  readonly type: 'header';
  readonly format: typeof streamFormat;
  readonly suite: { readonly name: string; readonly version: string };
  readonly specs: string;
  readonly node: string;
  readonly startedAt: string;
  readonly seed: number;
  readonly options: {
    readonly selectors: readonly string[];
    readonly strict: boolean;
    readonly witness?: Witness;
    readonly readOnly: boolean;
    readonly repeat: number;
    readonly shard?: string;
  };
  readonly targets: readonly TargetFacts[];
  /** Clauses cited by the cases of this run: what a reporter needs to print a link. */
  readonly clauses: Readonly<
    Record<
      string,
      { readonly says: string; readonly witness: Witness; readonly keyword: Level; readonly url?: string; readonly section?: string }
    >
  >;
  /** Per profile: clauses that its documented design breaks; listed once, no verdict. */
  readonly deviations?: Readonly<Record<string, readonly string[]>>;
  /** Per profile: common name of a flow step to the address of the case that walks it; what a migration report joins two products by. */
  readonly flows?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Per document whose register claims to be complete: how many clauses it has, and which are excluded, with the reason. */
  readonly registers?: Readonly<
    Record<string, { readonly title: string; readonly clauses: number; readonly excluded: Readonly<Record<string, string>> }>
  >;
  /** Number of cases to come, by target and spec file: lets a reporter close a file's line, and says how much a cut report lacks. */
  readonly planned?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Text is UTF-8 decoded; `base64` only when the bytes are not text. */
export interface RecordedBody {
  readonly text?: string;
  readonly base64?: string;
  readonly bytes: number;
  readonly truncated?: boolean;
}

export interface RecordedRequest {
  readonly method: string;
  /** Absolute URL, masked. */
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: RecordedBody;
  /** True when it was sent as raw bytes. */
  readonly raw?: boolean;
}

export interface RecordedResponse {
  readonly httpVersion: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: RecordedBody;
}

export interface RecordedExchange {
  readonly request: RecordedRequest;
  readonly response?: RecordedResponse;
  readonly failure?: { readonly kind: FailureKind; readonly message: string };
  /** JWTs in the body of the response, by placeholder without braces: header and claims as they came, the signature left out. */
  readonly tokens?: Readonly<
    Record<string, { readonly header: Readonly<Record<string, unknown>>; readonly claims: Readonly<Record<string, unknown>> }>
  >;
  readonly timing: Timing;
}

/** One difference between what was expected and what came. The one mismatch type of all checks. */
export interface Mismatch {
  /** `status`, `header Content-Type`, `body`, or a JSON pointer into the body. */
  readonly at: string;
  /** What was expected, as a person writes it: `401`, `"INVALID_CREDENTIALS"`, `a string`, `absent`. */
  readonly expected: string;
  readonly actual: string;
}

export interface JudgedAlternative {
  readonly clauses: readonly string[];
  readonly witness: Witness;
  /** True when this witness is an authority of the profile (after --witness). */
  readonly authority: boolean;
  readonly matched: boolean;
  readonly mismatches: readonly Mismatch[];
  /** Range of versions that it speaks about; only where the version of the target is not known. */
  readonly versions?: string;
}

export interface JudgedCheck {
  readonly name: string;
  readonly level: Level;
  readonly verdict: Verdict;
  /** Clauses of the alternative that was followed, else of the first one. */
  readonly clauses: readonly string[];
  /** Differences from the nearest authority alternative; empty on a pass. */
  readonly mismatches: readonly Mismatch[];
  /** Present when the check has more than one alternative. */
  readonly alternatives?: readonly JudgedAlternative[];
  /** One sentence: whom the target follows and whom it contradicts; or why it was skipped or blocked. */
  readonly message?: string;
  readonly waived?: { readonly reason: string; readonly expires: string; readonly link?: string };
  /** Digest of the failure's shape (check, mismatches' places, status, key set); binds a waiver. */
  readonly fingerprint?: string;
  readonly line?: number;
}

export interface RecordedStep {
  readonly name: string;
  readonly kind: 'request' | 'wait' | 'fixture';
  /** Name of the fixture that the step prepares; of a `fixture` step only. */
  readonly fixture?: string;
  /** Absent for a wait, and for a step that was blocked. */
  readonly exchanges: readonly RecordedExchange[];
  readonly checks: readonly JudgedCheck[];
  /** A wait: what was done, e.g. `clock moved 3600 s`; a request that was repeated: why (`askedAgain`). */
  readonly note?: string;
}

/** How the note of a request begins that was answered, or not, only at a second attempt with nothing else in flight. */
export const askedAgain = 'asked again alone';

export interface ExpiryRecord {
  readonly method: 'clock' | 'wait' | 'fixture';
  readonly advertisedSeconds?: number;
  /** What the target file says the site is configured to, where that is one number. */
  readonly configuredSeconds?: number;
  readonly lastAcceptedSeconds?: number;
  readonly firstRefusedSeconds?: number;
  /** How far the target's clock was ahead of ours when it issued the token. */
  readonly skewSeconds?: number;
}

export interface CaseRecord {
  readonly type: 'case';
  /** Name of the target. */
  readonly target: string;
  /** Place in the whole run, shards included: what `dac merge` sorts by. */
  readonly order?: number;
  readonly address: string;
  readonly profile: string;
  readonly title: string;
  readonly file: string;
  readonly line: number;
  readonly clauses: readonly string[];
  readonly verdict: Verdict;
  /** Why it was skipped or blocked, and what to do about it. */
  readonly reason?: string;
  readonly why?: string;
  readonly steps: readonly RecordedStep[];
  readonly expiry?: ExpiryRecord;
  readonly startedMs: number;
  readonly durationMs: number;
  /** With --repeat: how often each verdict came out. */
  readonly runs?: Readonly<Partial<Record<Verdict, number>>>;
}

/** Failures with one shared cause, told once: the remedy beside the list of checks it explains. */
export interface Finding {
  readonly id: string;
  /** Name of the target that it is about; absent: the addresses below mean every target. */
  readonly target?: string;
  readonly title: string;
  readonly remedy?: string;
  readonly confidence?: 'certain' | 'likely' | 'possible';
  readonly verdict: Verdict;
  readonly checks: readonly string[];
  readonly evidence?: readonly RecordedExchange[];
  readonly link?: string;
}

export type Totals = Readonly<Record<Verdict, number>> & { readonly waived: number };

export interface FooterRecord {
  readonly type: 'footer';
  readonly cases: Totals;
  readonly checks: Totals;
  readonly findings: readonly Finding[];
  readonly durationMs: number;
  readonly requests: number;
  readonly exitCode: number;
  /** Why the run stopped early: `interrupted`, `bail`. */
  readonly cut?: string;
}

export type ReportRecord = HeaderRecord | CaseRecord | FooterRecord;
