/**
 * A secret store that keeps nothing: the recorded credentials are made up.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import type { DoctorSecrets } from '../../src/doctor/doctor.ts';

export const plainSecrets: DoctorSecrets = {
  add: () => undefined,
  mask: (text) => text,
  record: ({ request, response, failure, timing }) => ({
    request: { method: request.method, url: request.path, headers: request.headers },
    ...(response === undefined
      ? {}
      : {
          response: {
            httpVersion: response.httpVersion,
            status: response.status,
            reason: response.reason,
            headers: response.headers,
            body: { text: Buffer.from(response.body).toString(), bytes: response.body.length },
          },
        }),
    ...(failure === undefined ? {} : { failure: { kind: failure.kind, message: failure.message } }),
    timing,
  }),
};
