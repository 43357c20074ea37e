/**
 * Text that can be shown: hostile characters made visible, columns counted, lines wrapped and cut. Pure.
 *
 * @module
 */

/**
 * Characters that a terminal or a page would act on instead of showing them: C0 and C1 controls, DEL, bidirectional controls (Trojan Source),
 * zero-width and line separators, tags, variation selectors beyond emoji, and halves of surrogate pairs.
 */
const hostile =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;

/** Printable ASCII without `#`, as most texts are: what follows need not look at them. */
const harmless = /^[ -"$-~]*$/;

/** The text with every hostile character written as an escape: `\x1b`, `\n`, `\u202e`. Everything else stays as it is. */
export function visible(text: string): string {
  return harmless.test(text) ? text : text.replace(hostile, escapeCharacter).replace(ciCommand, '#\\x23');
}

/** `##[…]`, `##vso[…]`, `##teamcity[…]`: commands to the CI systems that read a job's output. */
const ciCommand = /##(?=\[|vso\[|teamcity\[)/g;

/** Lines that GitHub Actions would take for a command (`::name …::`, leading blanks allowed), with their first colons escaped. */
export function withoutCommands(lines: string): string {
  // oxlint-disable-next-line no-control-regex
  return lines.replace(/^((?:[ \t]|\u001b\[\d*m)*)::/gm, '$1:\\x3a');
}

/** True when `visible` would change the text. */
export function hasHostile(text: string): boolean {
  return text.search(hostile) !== -1;
}

function escapeCharacter(character: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Anything beyond ASCII written as an escape as well, for an output that shows nothing else. */
export function asciiOnly(text: string): string {
  return text.replace(/[^\n -~]/gu, (character) => asciiTwins[character] ?? escapeCharacter(character));
}

const asciiTwins: Readonly<Record<string, string>> = {
  '…': '...',
  '·': '-',
  '–': '-',
  '—': '-',
  '±': '+/-',
  '→': '->',
  '“': '"',
  '”': '"',
  '’': "'",
  '§': 'section ',
};

/** Columns that a terminal uses: combining marks none, East Asian wide characters and emoji two. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (/\p{Mn}|\p{Me}/u.test(character) || (code >= 0xfe00 && code <= 0xfe0f)) continue;
    columns += isWide(code) ? 2 : 1;
  }
  return columns;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115e) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** The text, or its beginning with `…` when it takes more columns than there are. */
export function cutTo(text: string, columns: number, ellipsis = '…'): string {
  if (columnsOf(text) <= columns) return text;
  let room = Math.max(0, columns - columnsOf(ellipsis));
  let end = 0;
  for (const character of text) {
    const width = columnsOf(character);
    if (width > room) break;
    room -= width;
    end += character.length;
  }
  return text.slice(0, end) + ellipsis;
}

/** A long value with its middle left out, so that both ends can be seen; says how much is missing. */
export function shorten(text: string, limit: number): string {
  const characters = [...text];
  if (characters.length <= limit) return text;
  const kept = Math.max(8, limit - 24);
  const head = Math.ceil(kept * 0.7);
  return `${characters.slice(0, head).join('')} … ${characters.length - kept} more … ${characters.slice(characters.length - (kept - head)).join('')}`;
}

/** Lines of at most `columns`, broken at spaces, and inside a word only when it fits on no line. */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(16, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (columnsOf(joined) <= room) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (columnsOf(line) > room) {
      const head = cutTo(line, room, '');
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  lines.push(line);
  return lines;
}

/** `380 ms`, `1.2 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 case`, `3 cases`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** A number without trailing zeros, at most three decimals. */
export function plainNumber(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
