/**
 * JSON that can be shown as well as read.
 *
 * @module
 */

/** What a terminal or a line reader acts on although JSON may hold it as it is: DEL, C1 controls, line separators, bidirectional controls. */
// oxlint-disable-next-line no-control-regex
const acted = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** JSON in which such characters are escaped too. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    acted,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
