/**
 * Creating, changing and deleting nodes over JSON:API; other types can only be read.
 *
 * @module
 */
import type { Node, Site } from '../../../site.ts';
import type { Route, RouteContext } from '../../product.ts';
import { HttpException, UnexpectedError } from '../exception.ts';
import { changeOwner, createAccess, createNode, deleteNode, nodeAccess, touchNode } from '../nodes.ts';
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
  const upload = type.hasFiles === true ? uploadRoutes(name, single) : [];
  if (entity !== 'node') {
    const methods = ['PATCH', 'DELETE'].map((method) => refusedRoute(`${name}.individual.${method.toLowerCase()}`, single, method, entity));
    return [refusedRoute(`${name}.collection.post`, path, 'POST', entity), ...methods, ...upload];
  }
  const access = (operation: 'update' | 'delete'): NonNullable<Route['access']> => {
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
      access: access('update'),
      controller: (context) => change(context, type),
    },
    {
      name: `${name}.individual.delete`,
      path: single,
      methods: ['DELETE'],
      formats,
      convert,
      access: access('delete'),
      controller: remove,
    },
    ...upload,
    ...changeRelationships(type, name, single),
  ];
}

/** Entity types that JSON:API may change at all; configuration is read-only. */
const contentEntities = new Set(
  'node user consumer oauth2_token block_content comment contact_message file menu_link_content path_alias shortcut taxonomy_term'.split(
    ' ',
  ),
);

/** Changing a relationship alone is not imitated: the routes are there, and refuse. */
function changeRelationships(type: ResourceType, name: string, single: string): Route[] {
  return type.relationships.flatMap((field) =>
    ['DELETE', 'PATCH', 'POST'].map((method) => {
      const path = `${single}/relationships/${field}`;
      return { ...refusedRoute(`${name}.${field}.relationship.${method.toLowerCase()}`, path, method, ''), contentTypes };
    }),
  );
}

/** Writing anything but nodes is not imitated: the routes are there, and refuse. */
function refusedRoute(name: string, path: string, method: string, entity: string): Route {
  const reason = entity === 'user' ? (userReasons[method] ?? '') : '';
  const controller = (): never => {
    throw new HttpException(403, '');
  };
  return { name, path, methods: [method], formats, ...(method !== 'DELETE' && { contentTypes }), access: () => ({ reason }), controller };
}

const userReasons: Readonly<Record<string, string>> = {
  POST: "The 'administer users' permission is required.",
  PATCH: "Users can only update their own account, unless they have the 'administer users' permission.",
  DELETE: "The 'cancel account' permission is required.",
};

/** Where a file for a field of a new or an existing resource is sent; nothing is kept. */
function uploadRoutes(name: string, single: string): Route[] {
  const controller = (): never => {
    throw new HttpException(403, '');
  };
  const upload = { methods: ['POST'], formats, contentTypes: ['application/octet-stream'], access: () => ({ reason: '' }), controller };
  return [
    { ...upload, name: `${name}.file_upload.new_resource`, path: single.replace('{entity}', '{file_field_name}') },
    { ...upload, name: `${name}.file_upload.existing_resource`, path: `${single}/{file_field_name}` },
  ];
}

interface ResourceInput {
  readonly id: string | undefined;
  /** UUID of the user that becomes the owner. */
  readonly owner: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The type in the document is not compared with the type of the path. */
function create({ account, request, site }: RouteContext, type: ResourceType, bundle: string): Reply {
  const { id, attributes, owner } = readResource(request.bodyText, type);
  refuseId(attributes, 'POST');
  if (id !== undefined && [...site.nodes.values()].some(({ uuid }) => uuid === id))
    throw new HttpException(409, 'Conflict: Entity already exists.');
  const title = readTitle(attributes['title']);
  const draft = {
    type: bundle,
    title,
    ...readBody(attributes['body']),
    published: attributes['status'] !== false,
    ...(id !== undefined && { uuid: id }),
    owner: idOfUser(owner, site),
    created: readTime(attributes['created']),
  };
  const node = createNode(draft, account.user, site);
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
  const { id = '', attributes, owner } = readResource(request.bodyText, type);
  if (id !== node.uuid) throw new HttpException(400, `The selected entity (${node.uuid}) does not match the ID in the payload (${id}).`);
  refuseId(attributes, 'PATCH');
  const before = contentOf(node);
  if ('title' in attributes) node.title = readTitle(attributes['title']);
  if ('body' in attributes) Object.assign(node, { body: undefined }, readBody(attributes['body']));
  if (typeof attributes['status'] === 'boolean') node.published = attributes['status'];
  changeOwner(node, idOfUser(owner, site));
  node.created = readTime(attributes['created']) ?? node.created;
  node.isUnaffected = contentOf(node) === before;
  node.revisionId = ++site.lastIds.revision;
  if (!node.isUnaffected) touchNode(node, site);
  node.revisionCreated = Math.floor(site.clock.now() / 1000);
  node.revisionOwner = account.user?.id ?? 0;
  const url = request.url(`${collectionPath(type.name)}/${node.uuid}`);
  return documentReply(200, { data: resourceObject(type, nodeItem(node, account, site), request), links: { self: { href: url } } });
}

/** What counts as a change. */
function contentOf({ title, body, bodyFormat = 'plain_text', published, owner, created }: Node): string {
  return JSON.stringify([title, body, bodyFormat, published, owner, created]);
}

function remove({ params, site }: RouteContext): Reply {
  deleteNode(nodeOf(params['entity'], site), site);
  return { status: 204, headers: [], body: '' };
}

function nodeOf(entity: unknown, site: Site): Node {
  const { uuid } = entity as { uuid: string };
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
  const { id, attributes = {}, relationships = {} } = resource;
  if (id !== undefined && !(typeof id === 'string' && uuidForm.test(id))) {
    throw new HttpException(422, 'IDs should be properly generated and formatted UUIDs as described in RFC 4122.');
  }
  const given = isObject(attributes) ? attributes : {};
  const related = isObject(relationships) ? relationships : {};
  const misplaced = Object.keys(given).filter((name) => type.relationships.includes(name));
  if (misplaced.length > 0)
    throw new HttpException(422, `The following relationship fields were provided as attributes: [ ${misplaced.join(', ')} ]`);
  for (const name of [...Object.keys(given), ...Object.keys(related)]) {
    if (!type.attributes.includes(name) && !type.relationships.includes(name))
      throw new HttpException(422, `The attribute ${name} does not exist on the ${type.name} resource type.`);
  }
  const owner = isObject(related['uid']) && isObject(related['uid']['data']) ? related['uid']['data']['id'] : undefined;
  return { id, attributes: given, owner: typeof owner === 'string' ? owner : undefined };
}

/** The field is called as JSON:API calls it in a new resource, and as the entity does in a changed one. */
function refuseId(attributes: ResourceInput['attributes'], method: 'POST' | 'PATCH'): void {
  if (!('drupal_internal__nid' in attributes)) return;
  const field = method === 'POST' ? 'drupal_internal__nid' : 'nid';
  const detail = `The current user is not allowed to ${method} the selected field (${field}). The entity ID cannot be changed.`;
  throw new HttpException(403, detail, [], { pointer: `/data/attributes/${field}` });
}

function idOfUser(uuid: string | undefined, site: Site): number | undefined {
  return uuid === undefined ? undefined : [...site.users.values()].find((user) => user.uuid === uuid)?.id;
}

/** Epoch seconds of an RFC 3339 instant. */
function readTime(value: unknown): number | undefined {
  const instant = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(instant) ? undefined : Math.floor(instant / 1000);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpException(400, 'Syntax error');
  }
  if (!isObject(value)) throw new UnexpectedError('the document is no object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readTitle(given: unknown): string {
  const title = isObject(given) ? (Array.isArray(given) ? given[0] : given['value']) : given;
  const at = (pointer: string) => ({ isViolation: true, pointer });
  if (title === undefined || title === null || title === '')
    throw new HttpException(422, 'title: This value should not be null.', [], at('/data/attributes/title'));
  if (String(title).length > 255)
    throw new HttpException(422, 'title.0.value: Title: may not be longer than 255 characters.', [], at('/data/attributes/title/value'));
  return String(title);
}

function readBody(body: unknown): { body: string; bodyFormat: string | null } | undefined {
  if (typeof body === 'string') return { body, bodyFormat: null };
  if (!isObject(body) || typeof body['value'] !== 'string') return undefined;
  return { body: body['value'], bodyFormat: typeof body['format'] === 'string' ? body['format'] : null };
}
