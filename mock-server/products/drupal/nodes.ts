/**
 * Content: who may see and change a node, and what happens when one is saved.
 *
 * @module
 */
import { escapeHtml } from '../../php/text.ts';
import type { Node, Site, User } from '../../site.ts';
import type { Access } from '../product.ts';
import { may, type Account } from './account.ts';
import { invalidate } from './page-cache.ts';

export type NodeOperation = 'view' | 'update' | 'delete';

/** NodeAccessControlHandler, with the reasons it gives. */
export function nodeAccess(node: Node, operation: NodeOperation, account: Account): Access {
  if (may(account, 'bypass node access')) return true;
  if (!may(account, 'access content')) return { reason: "The 'access content' permission is required." };
  if (operation === 'view') return node.published || ownsUnpublished(node, account) ? true : { reason: '' };
  const verb = operation === 'update' ? 'edit' : 'delete';
  if (may(account, `${verb} any ${node.type} content`)) return true;
  if (account.user?.id === node.owner && may(account, `${verb} own ${node.type} content`)) return true;
  return { reason: `The '${verb} any ${node.type} content' permission is required.` };
}

export function createAccess(types: readonly string[], account: Account): Access {
  if (may(account, 'bypass node access')) return true;
  if (!may(account, 'access content')) return { reason: "The 'access content' permission is required." };
  return types.some((type) => may(account, `create ${type} content`)) ? true : { reason: '' };
}

function ownsUnpublished(node: Node, account: Account): boolean {
  return account.user?.id === node.owner && may(account, 'view own unpublished content');
}

/** A node by its id as it stands in a path; a leading zero does not matter. */
export function findNode(site: Site, id: string): Node | undefined {
  return /^\d{1,15}$/.test(id) ? site.nodes.get(Number(id)) : undefined;
}

export interface NodeDraft {
  readonly type: string;
  readonly title: string;
  readonly body?: string | undefined;
  readonly published?: boolean;
  readonly uuid?: string;
  /** Id of another user than the one who creates it. */
  readonly owner?: number | undefined;
  readonly created?: number | undefined;
  readonly bodyFormat?: string | null;
}

export function createNode(draft: NodeDraft, author: User | undefined, site: Site): Node {
  const now = Math.floor(site.clock.now() / 1000);
  const owner = draft.owner ?? author?.id ?? 0;
  const node: Node = {
    id: ++site.lastIds.node,
    uuid: draft.uuid ?? site.random.uuid(),
    type: draft.type,
    title: draft.title,
    owner,
    published: draft.published ?? true,
    created: draft.created ?? now,
    changed: now,
    revisionUuid: site.random.uuid(),
    revisionId: ++site.lastIds.revision,
    revisionOwner: owner,
    revisionCreated: now,
    body: draft.body,
    ...(draft.bodyFormat !== undefined && { bodyFormat: draft.bodyFormat }),
  };
  site.nodes.set(node.id, node);
  invalidate(site, ['node_list']);
  return node;
}

export function deleteNode(node: Node, site: Site): void {
  site.nodes.delete(node.id);
  invalidate(site, [`node:${node.id}`, 'node_list']);
}

export function touchNode(node: Node, site: Site): void {
  node.changed = Math.floor(site.clock.now() / 1000);
  invalidate(site, [`node:${node.id}`, 'node_list']);
}

export function changeOwner(node: Node, owner: number | undefined): void {
  if (owner === undefined || owner === node.owner) return;
  node.firstOwner ??= node.owner;
  node.owner = owner;
}

/** Types that may be created, as the standard profile has them. */
export function nodeTypes(site: Site): string[] {
  return [...site.nodeTypes.keys()];
}

/** Markup of a plain text body: escaped, addresses made links, paragraphs and line breaks set. */
export function processedBody(body: string): string {
  const linked = escapeHtml(body.trim()).replace(/\bhttps?:\/\/[^\s<>]*[^\s<>.,;:!?]/g, (address) => `<a href="${address}">${address}</a>`);
  return linked
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br />\n')}</p>\n`)
    .join('');
}
