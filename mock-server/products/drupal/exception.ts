/**
 * A refusal thrown on the way to a controller; the kernel renders it in the format of the request.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';

export class HttpException extends Error {
  readonly status: number;
  readonly headers: readonly HeaderLine[];

  constructor(status: number, message: string, headers: readonly HeaderLine[] = []) {
    super(message);
    this.name = 'HttpException';
    this.status = status;
    this.headers = headers;
  }
}

/** Something that Drupal does not catch: the plain page "The website encountered an unexpected error". */
export class UnexpectedError extends Error {
  constructor(message = 'unexpected error') {
    super(message);
    this.name = 'UnexpectedError';
  }
}
