/**
 * Drafts of waivers: one for every failure of a run that none excuses yet, bound to its fingerprint. The reason is left empty, which a target file does
 * not accept: a draft becomes a waiver only when somebody says why.
 *
 * @module
 */
import type { CaseRecord } from '../model/record.ts';

const validDays = 90;

interface Draft {
  readonly check: string;
  readonly fingerprint: string | undefined;
  /** What was seen, for the person who writes the reason. */
  readonly seen: string;
}

export class WaiverDrafts {
  readonly #byTarget = new Map<string, Draft[]>();
  readonly #expires: string;

  constructor(today: Date) {
    this.#expires = new Date(today.getTime() + validDays * 86_400_000).toISOString().slice(0, 10);
  }

  get count(): number {
    return [...this.#byTarget.values()].reduce((sum, drafts) => sum + drafts.length, 0);
  }

  add(record: CaseRecord): void {
    for (const check of record.steps.flatMap(({ checks }) => checks)) {
      if (check.verdict !== 'fail' || check.waived !== undefined) continue;
      const [first] = check.mismatches;
      const draft: Draft = {
        check: `${record.address}#${check.name}`,
        fingerprint: check.fingerprint,
        seen: first === undefined ? (check.message ?? '') : `${first.at || 'body'}: expected ${first.expected}, found ${first.actual}`,
      };
      const known = this.#byTarget.get(record.target);
      if (known === undefined) this.#byTarget.set(record.target, [draft]);
      else known.push(draft);
    }
  }

  /** YAML, one list of waivers a target. */
  text(): string {
    const parts = [...this.#byTarget].map(([target, drafts]) => {
      const entries = drafts.map(({ check, fingerprint, seen }) =>
        [
          `  # ${oneLine(seen)}`,
          `  - check: ${JSON.stringify(check)}`,
          ...(fingerprint === undefined ? [] : [`    fingerprint: ${JSON.stringify(fingerprint)}`]),
          `    reason: ''`,
          `    expires: ${this.#expires}`,
        ].join('\n'),
      );
      return `# yaml-language-server: $schema=./node_modules/drupal-auth-conformance/specs/schema/waivers.schema.json\n# ${oneLine(target)}: move these into its target file, and give each a reason of ten characters or more.\nwaivers:\n${entries.join('\n')}\n`;
    });
    return parts.length === 0 ? '# Nothing failed.\n' : parts.join('---\n');
  }
}

/** For a comment: what a target sent stays on its line and harmless. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return plain.length > 160 ? `${plain.slice(0, 159)}…` : plain;
}
