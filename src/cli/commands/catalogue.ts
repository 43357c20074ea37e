/**
 * Loading and selecting cases, as every command does it.
 *
 * @module
 */
import type { Catalogue, CatalogueCase } from '../../model/catalogue.ts';
import { loadShipped, loadWithUser } from '../../spec/catalogue.ts';
import { selectCases } from '../../spec/select.ts';

/** The shipped catalogue, with the user's own specs beside it; of the shipped cases only those of `profiles`, when given. */
export function loadCatalogue(specs: readonly string[], profiles?: readonly string[]): Promise<Catalogue> {
  return specs.length === 0 ? loadShipped(profiles) : loadWithUser(specs, profiles);
}

/** Cases that the selectors name; all without selectors. */
export async function select(catalogue: Catalogue, selectors: readonly string[]): Promise<readonly CatalogueCase[]> {
  return selectors.length === 0 ? catalogue.cases : (await selectCases(catalogue, selectors)).map(({ case: one }) => one);
}
