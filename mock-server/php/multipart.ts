/**
 * `multipart/form-data` as PHP reads it: fields only, files are left out.
 *
 * @module
 */
import { assignPhpParam, noParams, type PhpArray } from './params.ts';

export function parseMultipart(body: string, contentType: string): PhpArray {
  const boundary = /boundary=(?:"([^"]*)"|([^;,\s]*))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined || mark === '') return noParams;
  const params = Object.create(null) as PhpArray;
  for (const part of body.split(`--${mark}`).slice(1)) {
    if (part.startsWith('--')) break;
    const end = part.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const head = part.slice(0, end);
    const name = /content-disposition:[^\r\n]*[;\s]name="((?:[^"\\]|\\.)*)"/i.exec(head)?.[1];
    if (name === undefined || /[;\s]filename=/i.test(head)) continue;
    assignPhpParam(params, name, part.slice(end + 4).replace(/\r\n$/, ''));
  }
  return params;
}
