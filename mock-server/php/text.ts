/**
 * Small functions of PHP that decide what a text counts as.
 *
 * @module
 */

/** `empty()` of a string: "0" is empty too. */
export function isEmpty(text: string | undefined): text is '' | '0' | undefined {
  return text === undefined || text === '' || text === '0';
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' };

/** `htmlspecialchars()` with both kinds of quotes, as Drupal's `Html::escape()` calls it. */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => entities[character] ?? character) : text;
}
