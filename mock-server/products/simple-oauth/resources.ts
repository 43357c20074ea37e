/**
 * Consumers and tokens as JSON:API resources: administrators see consumers, everybody else learns only that they exist.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import { may } from '../drupal/account.ts';
import { emptyType, type ResourceItem, type ResourceType } from '../drupal/jsonapi/resource-type.ts';
import { simpleOauthOf, type Consumer, type Token } from './state.ts';

export function oauthResourceTypes(site: Site): ResourceType[] {
  const { edition } = simpleOauthOf(site);
  return [
    consumerType,
    tokenType,
    ...['oauth2_token--auth_code', 'oauth2_token--refresh_token', 'oauth2_token_type--oauth2_token_type'].map(emptyType),
    ...(edition.hasScopeEntities ? [emptyType('oauth2_scope--oauth2_scope')] : []),
  ];
}

const consumerType: ResourceType = {
  name: 'consumer--consumer',
  relationships: ['owner_id', 'image', 'user_id'],
  attributes: ['drupal_internal__id', 'langcode', 'client_id', 'label', 'description', 'third_party', 'is_default'],
  items: (account, site) => {
    const isHidden = !may(account, 'administer consumer entities');
    const {
      consumers,
      defaultConsumer: { uuid },
    } = simpleOauthOf(site);
    return [defaultConsumer(uuid), ...[...consumers.values()].map(consumerItem)].map((item) =>
      isHidden ? { ...item, hiddenBecause: '' } : item,
    );
  },
};

/** The consumer that the consumers module creates when it is installed. */
function defaultConsumer(uuid: string): ResourceItem {
  const description =
    'This is the default consumer. This was created programmatically when the Consumers module was first installed. Feel free to edit, or delete this.';
  return {
    uuid,
    fields: () => ({
      attributes: {
        ...consumerFields(1, 'default_consumer', 'Default Consumer', description),
        is_default: true,
        default_langcode: true,
        secret: null,
        grant_types: [],
        confidential: null,
        scopes: [],
      },
    }),
  };
}

function consumerItem(consumer: Consumer, index: number): ResourceItem {
  return {
    uuid: consumer.uuid,
    fields: () => ({
      attributes: {
        ...consumerFields(index + 2, consumer.id, consumer.label, null),
        is_default: false,
        default_langcode: true,
        secret: null,
        grant_types: consumer.grants,
        confidential: consumer.confidential,
        scopes: consumer.scopes.map((scope_id) => ({ scope_id })),
      },
    }),
  };
}

function consumerFields(id: number, clientId: string, label: string, description: string | null): object {
  return { drupal_internal__id: id, langcode: 'en', client_id: clientId, label, description, third_party: true };
}

const tokenType: ResourceType = {
  name: 'oauth2_token--access_token',
  relationships: ['bundle', 'auth_user_id', 'client'],
  attributes: ['drupal_internal__id', 'created', 'changed', 'expire', 'status'],
  items: (_account, site) => [...simpleOauthOf(site).tokens.values()].map(tokenItem),
};

/** Hidden from everybody: what an administrator sees of a token was not recorded. */
function tokenItem({ uuid }: Token): ResourceItem {
  return { uuid, hiddenBecause: '', fields: () => ({ attributes: {} }) };
}
