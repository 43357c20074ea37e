/**
 * An expectation in a few words, for people who have not seen the answer yet.
 *
 * @module
 */
import { show } from './match.ts';
import type { CatalogueCheck, Expectation } from '../model/catalogue.ts';

export function describeCheck({ alternatives }: CatalogueCheck): string {
  return alternatives.map(({ expectation }) => describeExpectation(expectation)).join(', or ');
}

export function describeExpectation(expectation: Expectation): string {
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
    case 'jwt': {
      const members = { ...expectation.header, ...expectation.claims };
      return `a JWT at ${expectation.at}${Object.keys(members).length === 0 ? '' : ` with ${show(members)}`}`;
    }
    case 'within':
      return `${expectation.at} between ${expectation.min ?? '-∞'} and ${expectation.max ?? '∞'}`;
  }
}
