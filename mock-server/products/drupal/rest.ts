/**
 * REST resource configuration: which methods, formats and authentication providers a resource has.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import type { Access, Route, RouteContext } from '../product.ts';
import { HttpException } from './exception.ts';
import type { Reply } from './reply.ts';

interface RestMethodHandler {
  access(context: RouteContext): Access;
  controller(context: RouteContext): Reply;
}

export interface RestResource {
  /** Of GET, PATCH and DELETE. */
  readonly path: string;
  /** Of POST. */
  readonly createPath: string;
  readonly convert: NonNullable<Route['convert']>;
  readonly methods: Readonly<Record<string, RestMethodHandler>>;
}

const contentTypes: Readonly<Record<string, readonly string[]>> = {
  json: ['application/json', 'application/x-json'],
  xml: ['text/xml', 'application/xml', 'application/x-xml'],
};

/** Routes of an enabled resource in the order of their names, which are core's; none when it is not enabled. */
export function restRoutes(site: Site, id: string, resource: RestResource): Route[] {
  const configured = [...(site.drupal.rest.get(id) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return configured.flatMap(([method, { formats, auth }]): Route[] => {
    const handler = resource.methods[method];
    if (handler === undefined) return [];
    const hasBody = method === 'POST' || method === 'PATCH';
    return [
      {
        name: `rest.${id.replace(':', '.')}.${method}`,
        path: method === 'POST' ? resource.createPath : resource.path,
        methods: [method],
        formats,
        auth,
        ...(hasBody && { contentTypes: formats.flatMap((format) => contentTypes[format] ?? []) }),
        ...(method !== 'POST' && { convert: resource.convert }),
        access: handler.access,
        controller: handler.controller,
      },
    ];
  });
}

/** The decoded body; `undefined` when there is none. */
export function decodeRestBody(text: string): unknown {
  if (text === '' || text === '0') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpException(400, 'Syntax error');
  }
}
