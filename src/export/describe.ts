/**
 * An expectation in a few words, for comments and descriptions.
 *
 * @module
 */
import { show } from '../judge/match.ts';
import type { CatalogueCheck, Expectation } from '../model/catalogue.ts';

export function describeCheck({ alternatives }: CatalogueCheck): string {
  return alternatives.map(({ expectation }) => describe(expectation)).join(', or ');
}

function describe(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'status':
      return `status ${[expectation.status].flat().join(' or ')}`;
    case 'header':
      return Object.entries(expectation.header)
        .map(([name, value]) => (value === null ? `no header ${name}` : `header ${name} ${show(value)}`))
        .join(', ');
    case 'body':
      return `body satisfies the schema ${expectation.schema}`;
    case 'json':
      return `body matches ${show(expectation.json)}`;
    case 'text':
      return `body ${show(expectation.text)}`;
    case 'absent':
      return `no ${expectation.absent.join(', ')} in the body`;
    case 'same':
      return `${expectation.at.join(', ')} as in ${expectation.as}`;
    case 'differs':
      return `${expectation.at.join(', ')} other than in ${expectation.as}`;
    case 'jwt':
      return `a JWT at ${expectation.at}`;
    case 'within':
      return `${expectation.at} between ${expectation.min ?? '-∞'} and ${expectation.max ?? '∞'}`;
  }
}
