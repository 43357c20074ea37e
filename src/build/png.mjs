// Makes a screenshot small: at most 256 colours, one byte a pixel. Enough for a page with text; no package needed.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** A PNG of 8 bits a channel, RGB or RGBA without transparency, as Chromium writes it; returns one with a palette. */
export function withPalette(png) {
  const { width, height, pixels } = decode(png);
  const palette = paletteOf(pixels);
  const nearest = new Map();
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = pixels[y * width + x];
      if (!nearest.has(colour)) nearest.set(colour, nearestIn(palette, colour));
      rows[y * (width + 1) + 1 + x] = nearest.get(colour);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => channels(colour)));
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([
    png.subarray(0, 8),
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function decode(png) {
  const parts = [];
  let head;
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR')
      head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], kind: body[9], interlace: body[12] };
    if (type === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const size = { 2: 3, 6: 4 }[head?.kind];
  if (head === undefined || head.depth !== 8 || size === undefined || head.interlace !== 0)
    throw new Error('png: expected 8 bits a channel, RGB or RGBA');
  const bytes = inflateSync(Buffer.concat(parts));
  const { width, height } = head;
  const stride = width * size;
  const plain = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = bytes[y * (stride + 1)];
    for (let i = 0; i < stride; i += 1) {
      const left = i >= size ? plain[y * stride + i - size] : 0;
      const up = y > 0 ? plain[(y - 1) * stride + i] : 0;
      const corner = y > 0 && i >= size ? plain[(y - 1) * stride + i - size] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      plain[y * stride + i] = bytes[y * (stride + 1) + 1 + i] + guess;
    }
  }
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = (plain[i * size] << 16) | (plain[i * size + 1] << 8) | plain[i * size + 2];
  return { width, height, pixels };
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The 256 colours that most pixels have; what is between them are edges of letters. */
function paletteOf(pixels) {
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 256)
    .map(([colour]) => colour);
}

function nearestIn(palette, colour) {
  const [r, g, b] = channels(colour);
  let [best, least] = [0, Infinity];
  palette.forEach((candidate, index) => {
    const [pr, pg, pb] = channels(candidate);
    const distance = (pr - r) ** 2 + (pg - g) ** 2 + (pb - b) ** 2;
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}

function channels(colour) {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function chunk(type, body) {
  const bytes = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([length, bytes, sum]);
}
