/**
 * What a probe saw: the exchange, and the first question about any unexpected status, namely who answered.
 *
 * @module
 */
import { mediaType, viewAnswer, type Answer } from '../judge/answer.ts';
import { headerValue, type Exchange, type HeaderLine, type WireFailure, type WireResponse } from '../model/exchange.ts';

/**
 * Who answered. `drupal`: a full Drupal answer. `kernel`: Drupal failed before or at its start. `module`: an error object that a module printed
 * by itself. `server`: a page that web server software writes by itself. `foreign`: anything else, for example another application.
 */
export type Layer = 'drupal' | 'kernel' | 'module' | 'server' | 'foreign';

export interface Observation {
  readonly probe: string;
  readonly exchange: Exchange;
  /** Present when an answer came, or enough of one. */
  readonly answer?: ProbeAnswer;
  readonly failure?: WireFailure;
}

/** An answer with the facts that rules ask for. */
export interface ProbeAnswer {
  readonly status: number;
  /** Media type in lower case without parameters. */
  readonly type: string | undefined;
  readonly headers: readonly HeaderLine[];
  readonly text: string;
  /** The parsed body when it is a JSON object, else undefined. */
  readonly object: Readonly<Record<string, unknown>> | undefined;
  readonly layer: Layer;
  header(name: string): string | undefined;
  /** `error` of an OAuth or module error object. */
  readonly error: string | undefined;
  /** `error_description`, or `message`, of an error object. */
  readonly message: string | undefined;
}

/** Looks at one exchange. What arrived of an answer that breaks off, or that is longer than it said, is looked at too. */
export function observe(probe: string, exchange: Exchange): Observation {
  const { response = wholeEnough(exchange.failure), failure } = exchange;
  return {
    probe,
    exchange,
    ...(response === undefined ? {} : { answer: readAnswer(viewAnswer(response)) }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function wholeEnough(failure: WireFailure | undefined): WireResponse | undefined {
  const { partial } = failure ?? {};
  if (partial?.status === undefined || partial.headers === undefined || partial.body === undefined || partial.body.length === 0)
    return undefined;
  const { status, headers, body, reason = '', httpVersion = '1.1' } = partial;
  return { status, headers, body, reason, httpVersion };
}

function readAnswer(answer: Answer): ProbeAnswer {
  const { response, text } = answer;
  const object = answer.json.ok && isObject(answer.json.value) ? answer.json.value : undefined;
  const words = (name: string) => (typeof object?.[name] === 'string' ? (object[name] as string) : undefined);
  return {
    status: response.status,
    type: mediaType(response),
    headers: response.headers,
    text,
    object,
    layer: whoAnswered(response, text, object),
    header: (name) => headerValue(response.headers, name),
    error: words('error'),
    message: words('error_description') ?? words('message'),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const kernelTexts = {
  unexpected: 'The website encountered an unexpected error',
  host: 'The provided host name is not valid for this server',
  banned: 'has been banned',
} as const;

export const installerPath = '/core/install.php';

/** Names of the layer by its fingerprints; each is enough, since proxies remove single headers. */
export function whoAnswered(response: WireResponse, text: string, object?: Readonly<Record<string, unknown>>): Layer {
  const header = (name: string) => headerValue(response.headers, name);
  if (header('x-generator')?.startsWith('Drupal ') === true) return 'drupal';
  if (isEarlyFailure(response, text)) return 'kernel';
  if (isDrupalByHabit(header, text)) return 'drupal';
  if (isModuleError(object)) return 'module';
  return isServerPage(response, text) ? 'server' : 'foreign';
}

function isEarlyFailure(response: WireResponse, text: string): boolean {
  if (Object.values(kernelTexts).some((sentence) => text.slice(0, 400).includes(sentence)) && text.length < 4096) return true;
  return headerValue(response.headers, 'location')?.includes(installerPath) === true;
}

/** Drupal's own expiry date (its birthday), its caching words, its cache headers and the marks of its pages, for sites that hide X-Generator. */
function isDrupalByHabit(header: (name: string) => string | undefined, text: string): boolean {
  return (
    header('expires') === 'Sun, 19 Nov 1978 05:00:00 GMT' ||
    header('cache-control') === 'must-revalidate, no-cache, private' ||
    header('content-type')?.startsWith('application/vnd.api+json') === true ||
    ['x-drupal-cache', 'x-drupal-dynamic-cache', 'x-consumer-id'].some((name) => header(name) !== undefined) ||
    /<meta name="Generator" content="Drupal |data-drupal-(selector=|messages-fallback|link-system-path=)/.test(text)
  );
}

/** The error object of the miniOrange modules: `status` is "error", and a code or an error beside it. */
export function isModuleError(object: Readonly<Record<string, unknown>> | undefined): boolean {
  return object?.['status'] === 'error' && ['http_code', 'code', 'error', 'error_description'].some((name) => name in object);
}

function isServerPage({ status, headers, body }: WireResponse, text: string): boolean {
  if (/<hr>\s*<center>(nginx|openresty|tengine|cloudflare)/i.test(text)) return true;
  if (/<!DOCTYPE HTML PUBLIC "-\/\/(W3C|IETF)\/\/DTD HTML (4\.01|2\.0)\/?\/EN"/i.test(text)) return true;
  if (/^\s*<html><body><h1>\d{3} [\w ]+<\/h1>/i.test(text)) return true;
  if (/^(HTTP Error \d{3}|error code: \d+|no healthy upstream|upstream connect error)/i.test(text.trim())) return true;
  // A HEAD or OPTIONS answer of a web server has no page to recognise.
  return status >= 300 && body.length === 0 && headerValue(headers, 'cache-control') === undefined;
}
