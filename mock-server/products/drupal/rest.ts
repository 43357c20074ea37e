/**
 * REST resource configuration: which methods, formats and authentication providers a resource has.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import type { Access, Route, RouteContext } from '../product.ts';
import type { Reply } from './reply.ts';

export interface RestResource {
  readonly path: string;
  readonly convert: NonNullable<Route['convert']>;
  access(context: RouteContext): Access;
  get(context: RouteContext): Reply;
}

/** Routes of an enabled resource, named as core names them; none when it is not enabled. */
export function restRoutes(site: Site, id: string, resource: RestResource): Route[] {
  const get = site.drupal.rest.get(id)?.get('GET');
  if (get === undefined) return [];
  return [
    {
      name: `rest.${id.replace(':', '.')}.GET`,
      path: resource.path,
      methods: ['GET'],
      formats: get.formats,
      auth: get.auth,
      convert: resource.convert,
      access: resource.access,
      controller: resource.get,
    },
  ];
}
