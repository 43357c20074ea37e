/**
 * The two schemas: the example schema of the module's 4.x line, and what graphql_core of 3.x makes of nodes and users.
 *
 * @module
 */
import type { GraphQLSchema } from 'graphql';
import type { Node, Site, User } from '../../site.ts';
import { may, type Account } from '../drupal/account.ts';
import { createAccess, createNode, nodeAccess } from '../drupal/nodes.ts';
import { userVisibility } from '../drupal/rest-user.ts';
import { graphqlLibrary } from './engine.ts';

/** Whose request it is. */
export interface Viewer {
  readonly account: Account;
  readonly site: Site;
}

const exampleSdl = `
type Query {
  article(id: Int!): Article
  articles(offset: Int = 0, limit: Int = 10): ArticleConnection!
}
type Mutation { createArticle(data: ArticleInput): Article }
type Article { id: Int!, title: String!, author: String }
type ArticleConnection { total: Int!, items: [Article!] }
input ArticleInput { title: String!, description: String }
`;

export function exampleSchema(): GraphQLSchema {
  const schema = graphqlLibrary().buildSchema(exampleSdl);
  resolve(schema, 'Query', {
    article: (_, { id }, viewer) => articleSeenBy(viewer, viewer.site.nodes.get(Number(id))),
    articles: (_, { offset, limit }, viewer) => {
      const published = [...viewer.site.nodes.values()].filter((node) => node.type === 'article' && node.published);
      const items = published.slice(Number(offset), Number(offset) + Number(limit));
      return { total: published.length, items };
    },
  });
  resolve(schema, 'Mutation', {
    createArticle: (_, { data }, { account, site }) => {
      if (createAccess(['article'], account) !== true) return null;
      const { title, description } = data as { title: string; description?: string };
      return createNode({ type: 'article', title, body: description }, account.user, site);
    },
  });
  resolve(schema, 'Article', {
    title: (node) => (node as Node).title.toUpperCase(),
    author: (node, _, { site }) => site.users.get((node as Node).owner)?.name ?? '',
  });
  return schema;
}

function articleSeenBy({ account }: Viewer, node: Node | undefined): Node | null {
  return node?.type === 'article' && nodeAccess(node, 'view', account) === true ? node : null;
}

const coreSdl = `
interface Entity { entityId: String, entityUuid: String, entityLabel: String, entityType: String, entityBundle: String }
type NodeArticle implements Entity { entityId: String, entityUuid: String, entityLabel: String, entityType: String, entityBundle: String, nid: Int, title: String, status: Boolean }
type NodePage implements Entity { entityId: String, entityUuid: String, entityLabel: String, entityType: String, entityBundle: String, nid: Int, title: String, status: Boolean }
type User implements Entity { entityId: String, entityUuid: String, entityLabel: String, entityType: String, entityBundle: String, uid: Int, name: String }
type EntityQueryResult { count: Int, entities: [Entity] }
type Query {
  nodeQuery(offset: Int = 0, limit: Int = 10): EntityQueryResult
  userQuery(offset: Int = 0, limit: Int = 10): EntityQueryResult
  nodeById(id: String!, language: String): Entity
  userById(id: String!, language: String): Entity
}
`;

interface CoreEntity {
  readonly __typename: string;
  readonly entityId: string;
  readonly entityUuid: string;
  readonly entityLabel: string;
  readonly entityType: string;
  readonly entityBundle: string;
}

export function coreSchema(): GraphQLSchema {
  const schema = graphqlLibrary().buildSchema(coreSdl);
  resolve(schema, 'Query', {
    nodeQuery: (_, page, viewer) => {
      requireBypass(viewer);
      return entityQuery(
        [...viewer.site.nodes.values()].map((node) => nodeEntity(node, viewer)),
        page,
      );
    },
    userQuery: (_, page, viewer) => {
      requireBypass(viewer);
      return entityQuery([null, ...[...viewer.site.users.values()].map((user) => userEntity(user, viewer))], page);
    },
    nodeById: (_, { id }, viewer) => nodeEntity(viewer.site.nodes.get(Number(id)), viewer),
    userById: (_, { id }, viewer) => userEntity(viewer.site.users.get(Number(id)), viewer),
  });
  return schema;
}

/** Fields that are not marked secure are for those who may bypass that check; everybody else sees an internal error. */
function requireBypass({ account }: Viewer): void {
  if (!may(account, 'bypass graphql field security')) throw new Error('unresolvable: field security');
}

function entityQuery(entities: readonly (CoreEntity | null)[], { offset, limit }: Readonly<Record<string, unknown>>): object {
  return { count: entities.length, entities: entities.slice(Number(offset), Number(offset) + Number(limit)) };
}

/** What may not be viewed is null. */
function nodeEntity(node: Node | undefined, { account }: Viewer): (CoreEntity & object) | null {
  if (node === undefined || nodeAccess(node, 'view', account) !== true) return null;
  const own = { nid: node.id, title: node.title, status: node.published };
  return {
    __typename: node.type === 'page' ? 'NodePage' : 'NodeArticle',
    ...own,
    ...entityFields('node', node.type, node.id, node.uuid, node.title),
  };
}

function userEntity(user: User | undefined, { account }: Viewer): (CoreEntity & object) | null {
  if (user === undefined || !userVisibility(user, account).isVisible) return null;
  const own = { uid: user.id, name: user.name };
  return { __typename: 'User', ...own, ...entityFields('user', 'user', user.id, user.uuid, user.name) };
}

function entityFields(
  entityType: string,
  entityBundle: string,
  id: number,
  entityUuid: string,
  entityLabel: string,
): Omit<CoreEntity, '__typename'> {
  return { entityId: String(id), entityUuid, entityLabel, entityType, entityBundle };
}

type Resolver = (source: unknown, args: Readonly<Record<string, unknown>>, viewer: Viewer) => unknown;

function resolve(schema: GraphQLSchema, typeName: string, resolvers: Readonly<Record<string, Resolver>>): void {
  const type = schema.getType(typeName);
  if (type === undefined || !('getFields' in type)) return;
  const fields = type.getFields();
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    if (field !== undefined) Object.assign(field, { resolve: resolver });
  }
}
