/**
 * The resource types of core: nodes and users in full, the rest of the standard profile by name.
 *
 * @module
 */
import type { Node, Site, User } from '../../../site.ts';
import type { Installed } from '../../product.ts';
import { may, type Account } from '../account.ts';
import { coreEdition } from '../core-edition.ts';
import { nodeAccess } from '../nodes.ts';
import { bodyField, commentField, seesRevisionLog } from '../rest-node.ts';
import { rfc3339, userVisibility } from '../rest-user.ts';
import { emptyType, type Related, type ResourceFields, type ResourceItem, type ResourceType } from './resource-type.ts';

const namesOfCore =
  'action--action base_field_override--base_field_override block--block block_content--basic block_content_type--block_content_type comment--comment comment_type--comment_type contact_form--contact_form contact_message--feedback contact_message--personal date_format--date_format editor--editor entity_form_display--entity_form_display entity_form_mode--entity_form_mode entity_view_display--entity_view_display entity_view_mode--entity_view_mode field_config--field_config field_storage_config--field_storage_config file--file filter_format--filter_format image_style--image_style menu--menu menu_link_content--menu_link_content path_alias--path_alias rest_resource_config--rest_resource_config search_page--search_page shortcut--default shortcut_set--shortcut_set taxonomy_term--tags taxonomy_vocabulary--taxonomy_vocabulary user_role--user_role view--view';

/** Every type of a site, by name. */
export function resourceTypes(site: Site, installed: readonly Installed[]): ReadonlyMap<string, ResourceType> {
  const types: ResourceType[] = [
    ...namesOfCore.split(' ').map(emptyType),
    ...[...site.nodeTypes.keys()].map(nodeType),
    contentTypes,
    userType,
    ...installed.flatMap((product) => product.resourceTypes?.(site) ?? []),
  ];
  return new Map(types.sort((a, b) => (a.name < b.name ? -1 : 1)).map((type) => [type.name, type]));
}

const descriptions: Readonly<Record<string, readonly [name: string, description: string]>> = {
  article: ['Article', 'Use <em>articles</em> for time-sensitive content like news, press releases or blog posts.'],
  page: ['Basic page', "Use <em>basic pages</em> for your static content, such as an 'About us' page."],
};

/** The types of content of the standard profile. */
const contentTypes: ResourceType = {
  name: 'node_type--node_type',
  relationships: [],
  attributes: ['langcode', 'status', 'name', 'drupal_internal__type', 'description', 'display_submitted'],
  items: (account, site) =>
    [...site.nodeTypes].map(([id, uuid]): ResourceItem => {
      const [name = id, description = ''] = descriptions[id] ?? [];
      const attributes = {
        langcode: 'en',
        status: true,
        dependencies: [],
        name,
        drupal_internal__type: id,
        description,
        help: null,
        new_revision: true,
        preview_mode: 1,
        display_submitted: id !== 'page',
      };
      const isShown = may(account, 'access content') || may(account, 'administer content types');
      return { uuid, ...(!isShown && { hiddenBecause: "The 'access content' permission is required." }), fields: () => ({ attributes }) };
    }),
};

function nodeType(bundle: string): ResourceType {
  const isArticle = bundle === 'article';
  return {
    name: `node--${bundle}`,
    ...(isArticle && { hasFiles: true }),
    relationships: ['node_type', 'revision_uid', 'uid', ...(isArticle ? ['field_image', 'field_tags'] : [])],
    attributes: [
      'drupal_internal__nid',
      'drupal_internal__vid',
      'langcode',
      'status',
      'title',
      'created',
      'changed',
      'promote',
      'sticky',
      'body',
    ],
    items: (account, site) => [...site.nodes.values()].filter(({ type }) => type === bundle).map((node) => nodeItem(node, account, site)),
    targets: { node_type: 'node_type--node_type', revision_uid: 'user--user', uid: 'user--user' },
    aliases: { nid: 'drupal_internal__nid', vid: 'drupal_internal__vid', type: 'node_type' },
    isFilterable: ({ fields }, account) => may(account, 'bypass node access') || fields().attributes['status'] === true,
  };
}

export function nodeItem(node: Node, account: Account, site: Site, isNew = false): ResourceItem {
  const access = nodeAccess(node, 'view', account);
  return {
    uuid: node.uuid,
    revision: node.revisionId,
    ...(access !== true && { hiddenBecause: access.reason }),
    fields: () => nodeResource(node, account, site, isNew),
  };
}

function nodeResource(node: Node, account: Account, site: Site, isNew: boolean): ResourceFields {
  const isArticle = node.type === 'article';
  const user = (id: number): Related => ({ type: 'user--user', id: site.users.get(id)?.uuid ?? '', target: id });
  return {
    attributes: {
      drupal_internal__nid: node.id,
      drupal_internal__vid: node.revisionId,
      langcode: 'en',
      revision_timestamp: rfc3339(node.revisionCreated),
      ...(seesRevisionLog(account, site) && { revision_log: null }),
      status: node.published,
      title: node.title,
      created: rfc3339(node.created),
      changed: rfc3339(node.changed),
      promote: node.promoted ?? isArticle,
      sticky: node.sticky ?? false,
      default_langcode: true,
      revision_translation_affected: node.isUnaffected === true ? null : true,
      path: { alias: null, pid: null, langcode: 'en' },
      body: node.body === undefined ? null : bodyField(node),
      ...(isArticle && may(account, 'access comments') && { comment: commentField(node, isNew) }),
    },
    relationships: {
      node_type: { type: 'node_type--node_type', id: site.nodeTypes.get(node.type) ?? '', target: node.type },
      revision_uid: user(node.revisionOwner),
      uid: user(node.owner),
      ...(isArticle && { field_image: null, field_tags: [] }),
    },
  };
}

const userType: ResourceType = {
  name: 'user--user',
  hasFiles: true,
  relationships: ['roles', 'user_picture'],
  attributes: [
    'display_name',
    'drupal_internal__uid',
    'langcode',
    'name',
    'mail',
    'timezone',
    'status',
    'created',
    'changed',
    'access',
    'login',
    'init',
    'pass',
    'preferred_langcode',
    'default_langcode',
  ],
  items: (account, site) => {
    const anonymous: ResourceItem = { uuid: anonymousUuid(site), fields: () => ({ attributes: { display_name: 'Anonymous' } }) };
    return [anonymous, ...[...site.users.values()].map((user) => userItem(user, account, site))];
  },
  cacheability: ({ all }, site, shown) => {
    if (all) return 'good';
    const isForOneViewer =
      coreEdition(site.drupal.major).profileVariesByUser || shown.some((item) => item.fields().relationships !== undefined);
    return isForOneViewer ? 'poor' : 'good';
  },
  targets: { roles: 'user_role--user_role' },
  aliases: { uid: 'drupal_internal__uid' },
  filterRefusal: (field, account) => {
    if (field === 'pass') return 'good';
    if (may(account, 'administer users')) return undefined;
    if (ownFields.has(field)) return 'poor';
    return guardedFields.has(field) ? 'good' : undefined;
  },
  isFilterable: (item, account) => {
    const { drupal_internal__uid: id, status } = item.stored?.().attributes ?? {};
    if (id === undefined) return false;
    return may(account, 'administer users') || id === account.user?.id || (status === true && may(account, 'access user profiles'));
  },
  isSelectable: (account) => may(account, 'access user profiles') || may(account, 'administer users'),
  relationshipRefusal: (account) =>
    may(account, 'access user profiles')
      ? { reason: '', cacheability: 'good' }
      : { reason: "The 'access user profiles' permission is required.", cacheability: 'poor' },
};

/** Fields that nobody but an administrator may look for, and those that everybody may see of themselves. */
const guardedFields = new Set(['status', 'access', 'login', 'init', 'roles']);
const ownFields = new Set(['mail', 'timezone', 'preferred_langcode', 'preferred_admin_langcode']);

const everything: Account = { user: undefined, provider: undefined, all: true, permissions: new Set(), cacheContext: '' };

function userItem(user: User, account: Account, site: Site): ResourceItem {
  return {
    uuid: user.uuid,
    fields: () => userResource(user, account, site),
    stored: () => userResource(user, everything, site),
  };
}

/** Whoever may not see a profile still sees its label. */
function userResource(user: User, account: Account, site: Site): ResourceFields {
  const { isVisible, isSelf, administers, seesMail } = userVisibility(user, account);
  if (!isVisible) return { attributes: { display_name: user.name } };
  return {
    attributes: {
      display_name: user.name,
      drupal_internal__uid: user.id,
      langcode: user.langcode,
      ...((isSelf || administers) && { preferred_langcode: user.preferredLangcode, preferred_admin_langcode: null }),
      name: user.name,
      ...(seesMail && { mail: user.mail }),
      ...((isSelf || administers) && { timezone: user.timezone }),
      ...(administers && { status: user.active }),
      created: rfc3339(user.created),
      changed: rfc3339(user.changed),
      ...(administers && { access: rfc3339(user.access), login: rfc3339(user.login), init: user.init === '' ? null : user.init }),
      default_langcode: true,
    },
    relationships: {
      ...(administers && {
        roles: user.roles.map((id) => ({ type: 'user_role--user_role', id: site.roles.get(id)?.uuid ?? '', target: id })),
      }),
      user_picture: null,
    },
  };
}

/** Drupal gives the anonymous account a UUID too; the role's serves. */
function anonymousUuid(site: Site): string {
  return site.roles.get('anonymous')?.uuid ?? '00000000-0000-4000-8000-000000000000';
}
