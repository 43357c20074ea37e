/**
 * Content: who may see and change a node, and what happens when one is saved.
 *
 * @module
 */
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
}

export function createNode(draft: NodeDraft, author: User | undefined, site: Site): Node {
  const now = Math.floor(site.clock.now() / 1000);
  const owner = author?.id ?? 0;
  const node: Node = {
    id: ++site.lastIds.node,
    uuid: draft.uuid ?? site.random.uuid(),
    type: draft.type,
    title: draft.title,
    owner,
    published: draft.published ?? true,
    created: now,
    changed: now,
    revisionUuid: site.random.uuid(),
    revisionId: ++site.lastIds.revision,
    revisionOwner: owner,
    revisionCreated: now,
    body: draft.body,
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

/** Types that may be created, as the standard profile has them. */
export function nodeTypes(site: Site): string[] {
  return [...site.nodeTypes.keys()];
}

/** Markup of a plain text body. */
export function processedBody(body: string): string {
  return `<p>${body.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)}</p>\n`;
}
