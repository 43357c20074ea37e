/**
 * The life of a token to scale: issued, advertised end, last acceptance, first refusal, measured end and its precision. When the interesting part is
 * too small to be seen, a second axis shows it enlarged.
 *
 * @module
 */
import type { ExpiryRecord } from '../../../model/record.ts';
import { expiryText, measuredEnd } from '../../digest.ts';
import { plainNumber } from '../../text.ts';
import { h, svg } from './dom.ts';

const width = 760;
const left = 14;
const right = 14;

interface Moment {
  readonly at: number;
  readonly label: string;
  readonly kind: 'issued' | 'advertised' | 'accepted' | 'refused';
}

let made = 0;

export function timeline(expiry: ExpiryRecord): HTMLElement {
  const moments = momentsOf(expiry);
  const ends = moments.filter(({ at }) => at > 0).map(({ at }) => at);
  const last = Math.max(...ends, 1);
  const first = Math.min(...ends, last);
  const end = measuredEnd(expiry);
  const isTight = ends.length > 1 && last - first > 0 && last - first < last * 0.12;
  made += 1;
  const id = `timeline-${made}`;
  const text = expiryText(expiry);
  const whole = axis(moments, 0, last * 1.06, 0, expiry, end, isTight);
  const pad = Math.max((last - first) * 0.6, 0.05);
  const zoom = isTight
    ? axis(
        moments.filter(({ at }) => at > 0),
        Math.max(0, first - pad),
        last + pad,
        128,
        expiry,
        end,
        false,
      )
    : undefined;
  const height = isTight ? 248 : 118;
  const x = (at: number) => left + (at / (last * 1.06)) * (width - left - right);
  return h(
    'figure',
    { class: 'timeline' },
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Timeline ${made}` },
      svg(
        'svg',
        {
          viewBox: `0 0 ${width} ${height}`,
          role: 'img',
          'aria-labelledby': `${id}-title ${id}-desc`,
          preserveAspectRatio: 'xMinYMin meet',
        },
        svg('title', { id: `${id}-title` }, 'Lifetime of a token, to scale'),
        svg('desc', { id: `${id}-desc` }, text),
        whole,
        isTight &&
          svg('path', { class: 'lens', d: `M${x(Math.max(0, first - pad))} 66 L${left} 150 M${x(last + pad)} 66 L${width - right} 150` }),
        zoom,
      ),
    ),
    h('figcaption', {}, text),
  );
}

function momentsOf(expiry: ExpiryRecord): Moment[] {
  const moments: Moment[] = [{ at: 0, label: 'issued', kind: 'issued' }];
  const add = (at: number | undefined, label: string, kind: Moment['kind']) => {
    if (at !== undefined) moments.push({ at, label: `${label} ${plainNumber(at)} s`, kind });
  };
  add(expiry.advertisedSeconds, 'advertised end', 'advertised');
  add(expiry.lastAcceptedSeconds, 'accepted', 'accepted');
  add(expiry.firstRefusedSeconds, 'refused', 'refused');
  return moments.sort((a, b) => a.at - b.at);
}

function axis(
  moments: readonly Moment[],
  from: number,
  to: number,
  top: number,
  expiry: ExpiryRecord,
  end: ReturnType<typeof measuredEnd>,
  isCrowded: boolean,
): SVGElement {
  const x = (at: number) => left + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (width - left - right);
  const line = top + 58;
  const advertised = expiry.advertisedSeconds;
  const shownLabels = isCrowded ? moments.filter(({ kind }) => kind === 'issued' || kind === 'advertised') : moments;
  return svg(
    'g',
    {},
    ticks(from, to).map((at) => [
      svg('line', { class: 'tick', x1: x(at), x2: x(at), y1: line + 8, y2: line + 14 }),
      svg('text', { class: 'scale', x: x(at), y: line + 28, 'text-anchor': anchor(x(at)) }, `${plainNumber(at)} s`),
    ]),
    svg('rect', { class: 'track', x: left, y: line - 4, width: width - left - right, height: 8, rx: 4 }),
    advertised !== undefined &&
      advertised > from &&
      svg('rect', { class: 'life', x: x(from), y: line - 4, width: Math.max(0, x(advertised) - x(from)), height: 8, rx: 4 }),
    end !== undefined &&
      svg('rect', {
        class: 'band',
        x: x(end.seconds - end.precision),
        y: line - 11,
        width: Math.max(2, x(end.seconds + end.precision) - x(end.seconds - end.precision)),
        height: 22,
        rx: 3,
      }),
    end !== undefined &&
      !isCrowded &&
      svg(
        'text',
        { class: 'scale strong', x: x(end.seconds), y: line + 46, 'text-anchor': anchor(x(end.seconds)) },
        `measured end ${plainNumber(end.seconds)} s ± ${plainNumber(end.precision)} s`,
      ),
    moments.map(({ at, kind }) =>
      kind === 'advertised' || kind === 'issued'
        ? svg('line', { class: `moment ${kind}`, x1: x(at), x2: x(at), y1: line - 14, y2: line + 8 })
        : svg('circle', { class: `moment ${kind}`, cx: x(at), cy: line, r: 5 }),
    ),
    labels(shownLabels, x, line),
  );
}

/** Labels above the line, on up to three levels so that none covers another. */
function labels(moments: readonly Moment[], x: (at: number) => number, line: number): SVGElement[] {
  const used: number[] = [];
  return moments.map(({ at, label, kind }) => {
    const size = label.length * 6.6 + 10;
    const position = anchor(x(at));
    const start = position === 'start' ? x(at) - 4 : position === 'end' ? x(at) - size : x(at) - size / 2;
    let level = 0;
    while (level < 2 && (used[level] ?? Number.NEGATIVE_INFINITY) > start) level += 1;
    used[level] = start + size;
    const y = line - 20 - level * 15;
    return svg('text', { class: `label ${kind}`, x: x(at), y, 'text-anchor': position }, label);
  });
}

function anchor(x: number): 'start' | 'middle' | 'end' {
  if (x < 90) return 'start';
  return x > width - 90 ? 'end' : 'middle';
}

/** Four to eight round numbers from one end to the other. */
function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(Math.round(at * 1e6) / 1e6);
  return found;
}
