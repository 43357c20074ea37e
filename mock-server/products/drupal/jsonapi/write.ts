/**
 * Creating, changing and deleting nodes over JSON:API; other types can only be read.
 *
 * @module
 */
import type { Node, Site } from '../../../site.ts';
import type { Route, RouteContext } from '../../product.ts';
import { HttpException } from '../exception.ts';
import { createAccess, createNode, deleteNode, nodeAccess, touchNode } from '../nodes.ts';
import type { Reply } from '../reply.ts';
import { documentReply, mediaType } from './error-document.ts';
import { resourceObject } from './document.ts';
import { collectionPath, type ResourceType } from './resource-type.ts';
import { nodeItem } from './types.ts';

const contentTypes = [mediaType];
const formats = ['api_json'];

export function writeRoutes(
  type: ResourceType,
  name: string,
  path: string,
  single: string,
  convert: NonNullable<Route['convert']>,
): Route[] {
  const [entity = '', bundle = ''] = type.name.split('--');
  if (!contentEntities.has(entity)) return [];
  const write = { formats, contentTypes };
  if (entity !== 'node')
    return [
      refusedRoute(`${name}.collection.post`, path, 'POST'),
      ...['PATCH', 'DELETE'].map((method) => refusedRoute(`${name}.individual.${method.toLowerCase()}`, single, method)),
    ];
  const may = (operation: 'update' | 'delete'): NonNullable<Route['access']> => {
    return ({ account, params, site }) => nodeAccess(nodeOf(params['entity'], site), operation, account);
  };
  return [
    {
      name: `${name}.collection.post`,
      path,
      methods: ['POST'],
      ...write,
      access: ({ account }) => createAccess([bundle], account),
      controller: (context) => create(context, type, bundle),
    },
    {
      name: `${name}.individual.patch`,
      path: single,
      methods: ['PATCH'],
      ...write,
      convert,
      access: may('update'),
      controller: (context) => change(context, type),
    },
    { name: `${name}.individual.delete`, path: single, methods: ['DELETE'], formats, convert, access: may('delete'), controller: remove },
  ];
}

/** Entity types that JSON:API may change at all; configuration is read-only. */
const contentEntities = new Set(
  'node user consumer oauth2_token block_content comment contact_message file menu_link_content path_alias shortcut taxonomy_term'.split(
    ' ',
  ),
);

/** Writing anything but nodes is not imitated: the routes are there, and refuse. */
function refusedRoute(name: string, path: string, method: string): Route {
  const access: Route['access'] = () => ({ reason: '' });
  const controller = (): never => {
    throw new HttpException(403, '');
  };
  return { name, path, methods: [method], formats, ...(method !== 'DELETE' && { contentTypes }), access, controller };
}

interface ResourceInput {
  readonly id: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The type in the document is not compared with the type of the path. */
function create({ account, request, site }: RouteContext, type: ResourceType, bundle: string): Reply {
  const { id, attributes } = readResource(request.bodyText, type);
  if (id !== undefined && [...site.nodes.values()].some(({ uuid }) => uuid === id))
    throw new HttpException(409, 'Conflict: Entity already exists.');
  const title = readTitle(attributes['title']);
  const body = readBody(attributes['body']);
  const node = createNode(
    { type: bundle, title, body, published: attributes['status'] !== false, ...(id !== undefined && { uuid: id }) },
    account.user,
    site,
  );
  const item = nodeItem(node, account, site, true);
  const url = request.url(`${collectionPath(type.name)}/${node.uuid}`);
  const location = `${url}?resourceVersion=id%3A${node.revisionId}`;
  return documentReply(
    201,
    { data: resourceObject(type, item, request), links: { self: { href: request.url(collectionPath(type.name)) } } },
    [['Location', location]],
  );
}

function change({ account, params, request, site }: RouteContext, type: ResourceType): Reply {
  const node = nodeOf(params['entity'], site);
  const { id, attributes } = readResource(request.bodyText, type);
  if (id !== undefined && id !== node.uuid) {
    throw new HttpException(400, `The selected entity (${node.uuid}) does not match the ID in the payload (${id}).`);
  }
  if ('title' in attributes) node.title = readTitle(attributes['title']);
  if ('body' in attributes) node.body = readBody(attributes['body']);
  if (typeof attributes['status'] === 'boolean') node.published = attributes['status'];
  node.revisionId = ++site.lastIds.revision;
  touchNode(node, site);
  node.revisionCreated = node.changed;
  const url = request.url(`${collectionPath(type.name)}/${node.uuid}`);
  return documentReply(200, { data: resourceObject(type, nodeItem(node, account, site), request), links: { self: { href: url } } });
}

function remove({ params, site }: RouteContext): Reply {
  deleteNode(nodeOf(params['entity'], site), site);
  return { status: 204, headers: [], body: '' };
}

function nodeOf(uuid: unknown, site: Site): Node {
  const node = [...site.nodes.values()].find((candidate) => candidate.uuid === uuid);
  if (node === undefined) throw new HttpException(404, 'Not Found');
  return node;
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function readResource(text: string, type: ResourceType): ResourceInput {
  if (text === '') throw new HttpException(400, 'Empty request body.');
  const { data } = parseObject(text);
  const resource = isObject(data) ? data : {};
  if (resource['type'] === undefined) throw new HttpException(400, 'Resource object must include a "type".');
  const { id, attributes = {} } = resource;
  if (id !== undefined && !(typeof id === 'string' && uuidForm.test(id))) {
    throw new HttpException(422, 'IDs should be properly generated and formatted UUIDs as described in RFC 4122.');
  }
  const given = isObject(attributes) ? attributes : {};
  for (const name of Object.keys(given)) {
    if (!type.attributes.includes(name))
      throw new HttpException(422, `The attribute ${name} does not exist on the ${type.name} resource type.`);
  }
  return { id, attributes: given };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpException(400, 'Syntax error');
  }
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readTitle(title: unknown): string {
  const violation = { isViolation: true, pointer: '/data/attributes/title' };
  if (title === undefined || title === null || title === '')
    throw new HttpException(422, 'title: This value should not be null.', [], violation);
  if (String(title).length > 255)
    throw new HttpException(422, 'title.0.value: Title: may not be longer than 255 characters.', [], violation);
  return String(title);
}

function readBody(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  const value = isObject(body) ? body['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}
