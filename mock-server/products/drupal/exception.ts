/**
 * A refusal thrown on the way to a controller; the kernel renders it in the format of the request.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Cacheability } from './reply.ts';

interface HttpExceptionOptions {
  readonly cacheability?: Cacheability;
  readonly pointer?: string | undefined;
  readonly keptFromPageCache?: boolean;
  readonly isViolation?: boolean;
}

export class HttpException extends Error {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  /** Of the refusal; most have none. */
  readonly cacheability: Cacheability;
  /** A policy keeps it out of the page cache. */
  readonly keptFromPageCache: boolean;
  /** JSON:API: where in the request document the fault is. */
  readonly pointer: string | undefined;
  /** JSON:API: a field that its constraints refuse. */
  readonly isViolation: boolean;

  constructor(
    status: number,
    message: string,
    headers: readonly HeaderLine[] = [],
    { cacheability = 'none', pointer, keptFromPageCache = false, isViolation = false }: HttpExceptionOptions = {},
  ) {
    super(message);
    this.name = 'HttpException';
    this.status = status;
    this.headers = headers;
    this.cacheability = cacheability;
    this.pointer = pointer;
    this.keptFromPageCache = keptFromPageCache;
    this.isViolation = isViolation;
  }
}

/** Something that Drupal does not catch: the plain page "The website encountered an unexpected error". */
export class UnexpectedError extends Error {
  constructor(message = 'unexpected error') {
    super(message);
    this.name = 'UnexpectedError';
  }
}

/** Something that ends PHP outside Drupal's handling of exceptions: the same text, without Drupal's headers. */
export class FatalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FatalError';
  }
}
