/**
 * The node resource of core's REST module, and the HTML pages that share its paths.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Node, Site } from '../../site.ts';
import type { Route, RouteContext } from '../product.ts';
import { may, type Account } from './account.ts';
import { coreEdition } from './core-edition.ts';
import { HttpException, UnexpectedError } from './exception.ts';
import { changeOwner, createAccess, createNode, deleteNode, findNode, nodeAccess, nodeTypes, processedBody, touchNode } from './nodes.ts';
import { entityPageLinks, htmlPage } from './page.ts';
import { jsonReply, type Reply } from './reply.ts';
import { decodeRestBody, restRoutes } from './rest.ts';
import { time } from './rest-user.ts';

export function nodeRoutes(site: Site): Route[] {
  const convert = { node: (id: string) => findNode(site, id) };
  return [
    {
      name: 'entity.node.canonical',
      path: '/node/{node}',
      requirements: { node: /^\d+$/ },
      convert,
      access: ({ account, params }) => nodeAccess(params['node'] as Node, 'view', account),
      controller: nodePage,
    },
    ...restRoutes(site, 'entity:node', {
      path: '/node/{node}',
      createPath: '/node',
      convert,
      methods: {
        GET: { access: ({ account, params }) => nodeAccess(params['node'] as Node, 'view', account), controller: getNode },
        POST: { access: ({ account }) => createAccess(nodeTypes(site), account), controller: postNode },
        PATCH: { access: ({ account, params }) => nodeAccess(params['node'] as Node, 'update', account), controller: patchNode },
        DELETE: { access: ({ account, params }) => nodeAccess(params['node'] as Node, 'delete', account), controller: removeNode },
      },
    }),
  ];
}

function getNode({ account, params, request, site }: RouteContext): Reply {
  const node = params['node'] as Node;
  const reply = jsonReply(
    200,
    nodeFields(node, account, site),
    nodeLinks(node, (path) => request.url(path)),
  );
  return { ...reply, cacheability: 'good', tags: [`node:${node.id}`] };
}

/** 201 with the entity; what is wrong with the body is found while it is turned into one. */
function postNode({ account, request, site }: RouteContext): Reply {
  const fields = decodeFields(request.bodyText, site);
  if (fields === undefined) throw new HttpException(400, 'No entity content received.');
  const uuid = firstItem(fields['uuid'], 'value');
  if ([...site.nodes.values()].some((node) => node.uuid === uuid)) throw new UnexpectedError('the UUID is taken');
  if ('nid' in fields) throw new HttpException(403, "Access denied on creating field 'nid'.");
  const title = titleOf(fields);
  if (title === undefined) throw invalid('title: This value should not be null.');
  const owner = ownerOf(fields);
  const draft = {
    type: bundleOf(fields) ?? '',
    title,
    ...bodyOf(fields),
    published: flagOf(fields, 'status') ?? true,
    ...(owner !== undefined && { owner }),
  };
  const node = createNode(draft, account.user, site);
  setFlags(node, fields);
  return jsonReply(201, nodeFields(node, account, site, true), [['Location', request.url(`/node/${node.id}`)]]);
}

function patchNode({ account, params, request, site }: RouteContext): Reply {
  const node = params['node'] as Node;
  setFlags(node, {});
  const before = JSON.stringify(node);
  const fields = decodeFields(request.bodyText, site);
  if (fields === undefined) throw new HttpException(400, 'No entity content received.');
  const mayAll = may(account, 'administer nodes');
  if (bundleOf(fields) !== node.type && !mayAll) throw new HttpException(403, "Access denied on updating field 'type'.");
  for (const name of Object.keys(fields)) {
    if (name === 'nid' && mayAll && String(firstItem(fields['nid'], 'value')) !== String(node.id))
      throw new HttpException(403, "Access denied on updating field 'nid'. The entity ID cannot be changed.");
    if (protectedFields.has(name) && !mayAll) throw new HttpException(403, `Access denied on updating field '${name}'.`);
  }
  if ('title' in fields) {
    const title = titleOf(fields);
    if (title === undefined) throw invalid('title: This value should not be null.');
    node.title = title;
  }
  if ('body' in fields) Object.assign(node, { body: undefined }, bodyOf(fields));
  changeOwner(node, ownerOf(fields));
  node.published = flagOf(fields, 'status') ?? node.published;
  setFlags(node, fields);
  if (JSON.stringify(node) !== before) touchNode(node, site);
  return jsonReply(200, nodeFields(node, account, site));
}

/** A body is read although nothing is done with it. */
function removeNode({ params, request, site }: RouteContext): Reply {
  if (/^application\/(x-)?json\b/.test(request.contentType ?? '')) decodeFields(request.bodyText, site);
  deleteNode(params['node'] as Node, site);
  return { status: 204, headers: [], body: '' };
}

const protectedFields = new Set(['uid', 'created', 'promote', 'sticky', 'revision_uid', 'nid', 'uuid', 'vid']);

type Fields = Readonly<Record<string, unknown>>;

const knownFields = new Set(
  'nid uuid vid langcode type revision_timestamp revision_uid revision_log status uid title created changed promote sticky default_langcode revision_translation_affected path body comment field_image field_tags'.split(
    ' ',
  ),
);

/** An object whose members are fields of a node of a known type; core fails on anything else. */
function decodeFields(text: string, site: Site): Fields | undefined {
  const decoded = decodeRestBody(text);
  if (decoded === undefined) return undefined;
  if (typeof decoded !== 'object' || decoded === null) throw new UnexpectedError('not an entity');
  const fields = decoded as Fields;
  const bundle = bundleOf(fields);
  if (bundle === undefined) throw new HttpException(422, 'Could not determine entity type bundle: "type" field is missing.');
  if (!site.nodeTypes.has(bundle)) throw new HttpException(422, `"${bundle}" is not a valid bundle type for denormalization.`);
  for (const [name, value] of Object.entries(fields)) {
    if (!knownFields.has(name)) throw new UnexpectedError('unknown field');
    if (name !== 'type' && typeof value !== 'object' && value !== '')
      throw new HttpException(422, `Field values for "${name}" must use an array structure`);
  }
  return fields;
}

/** The name of a type, or a list whose first item has it. */
function bundleOf(fields: Fields): string | undefined {
  const type = fields['type'];
  if (typeof type === 'string') return type;
  const item: unknown = Array.isArray(type) ? type[0] : undefined;
  const id = typeof item === 'object' && item !== null ? (item as Fields)['target_id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function titleOf(fields: Fields): string | undefined {
  const given = fields['title'];
  const title = firstItem(given, 'value');
  if (title === undefined || title === null || title === '') return undefined;
  if (Array.isArray(given) && given.length > 1) throw invalid('title: Title: this field cannot hold more than 1 values.');
  if (String(title).length > 255) throw invalid('title.0.value: Title: may not be longer than 255 characters.');
  return String(title);
}

function bodyOf(fields: Fields): { body: string; bodyFormat: string | null } | undefined {
  const body = firstItem(fields['body'], 'value');
  const format = firstItem(fields['body'], 'format');
  return typeof body === 'string' ? { body, bodyFormat: typeof format === 'string' && format !== body ? format : null } : undefined;
}

function ownerOf(fields: Fields): number | undefined {
  const id = firstItem(fields['uid'], 'target_id');
  return typeof id === 'number' ? id : undefined;
}

function flagOf(fields: Fields, name: string): boolean | undefined {
  const flag = firstItem(fields[name], 'value');
  return flag === undefined ? undefined : Boolean(flag);
}

function setFlags(node: Node, fields: Fields): void {
  node.promoted = flagOf(fields, 'promote') ?? node.promoted ?? node.type === 'article';
  node.sticky = flagOf(fields, 'sticky') ?? node.sticky ?? false;
}

/** `[{ "value": … }]` or `{ "value": … }`. */
function firstItem(field: unknown, property: string): unknown {
  const item: unknown = Array.isArray(field) ? field[0] : field;
  return typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[property] : item;
}

function invalid(violation: string): HttpException {
  return new HttpException(422, `Unprocessable Entity: validation failed.\n${violation}\n`);
}

/** Fields in the order of the entity. `isNew`: comment statistics are filled in after the answer was made. */
export function nodeFields(node: Node, account: Account, site: Site, isNew = false): Record<string, unknown> {
  const isArticle = node.type === 'article';
  return {
    nid: value(node.id),
    uuid: value(node.uuid),
    vid: value(node.revisionId),
    langcode: value('en'),
    type: [{ target_id: node.type, target_type: 'node_type', target_uuid: site.nodeTypes.get(node.type) ?? null }],
    revision_timestamp: time(node.revisionCreated),
    revision_uid: userReference(node.revisionOwner, site),
    ...(seesRevisionLog(account, site) && { revision_log: [] }),
    status: value(node.published),
    uid: userReference(node.owner, site),
    title: value(node.title),
    created: time(node.created),
    changed: time(node.changed),
    promote: value(node.promoted ?? isArticle),
    sticky: value(node.sticky ?? false),
    default_langcode: value(true),
    revision_translation_affected: value(true),
    path: [{ alias: null, pid: null, langcode: 'en' }],
    body: node.body === undefined ? [] : [bodyField(node)],
    ...(isArticle && {
      ...(may(account, 'access comments') && { comment: [commentField(node, isNew)] }),
      field_image: [],
      field_tags: [],
    }),
  };
}

/** Core 9 shows the log to everybody; later it is for those who may see revisions. */
export function seesRevisionLog(account: Account, site: Site): boolean {
  return coreEdition(site.drupal.major).showsRevisionLog || may(account, 'view all revisions') || may(account, 'administer nodes');
}

export function bodyField({ body = '', bodyFormat = 'plain_text' }: Node): object {
  return { value: body, format: bodyFormat, processed: processedBody(body), summary: null };
}

export function commentField(node: Node, isNew: boolean): object {
  return {
    status: 2,
    cid: 0,
    last_comment_timestamp: isNew ? 0 : node.created,
    last_comment_name: null,
    last_comment_uid: isNew ? 0 : (node.firstOwner ?? node.owner),
    comment_count: 0,
  };
}

function userReference(id: number, site: Site): [object] {
  return [{ target_id: id, target_type: 'user', target_uuid: site.users.get(id)?.uuid ?? null, url: `${site.drupal.basePath}/user/${id}` }];
}

function value(content: unknown): [{ value: unknown }] {
  return [{ value: content }];
}

function nodeLinks({ id }: Node, url: (path: string) => string): HeaderLine[] {
  const relation = 'https://drupal.org/link-relations';
  const links: readonly (readonly [path: string, rel: string])[] = [
    [`/node/${id}`, 'canonical'],
    [`/node/${id}/delete`, `${relation}/delete-form`],
    [`/admin/content/node/delete?node=${id}`, `${relation}/delete-multiple-form`],
    [`/node/${id}/edit`, 'edit-form'],
    [`/node/${id}/revisions`, 'version-history'],
    [`/node/${id}`, `${relation}/revision`],
    [`/node?node=${id}`, `${relation}/create`],
  ];
  return links.map(([path, rel]): HeaderLine => ['Link', `<${url(path)}>; rel="${rel}"`]);
}

function nodePage(context: RouteContext): Reply {
  const { id, title, body = '' } = context.params['node'] as Node;
  return htmlPage(context, title, `<article><div>${escapeHtml(body)}</div></article>`, {
    headers: entityPageLinks(context, `/node/${id}`),
  });
}
