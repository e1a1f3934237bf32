import type { OfferedScope } from '../../../../generated/client/types.gen.ts';
import type { Api } from '../../store/control-data.ts';
import type { StoredCatalogue } from '../../store/scopes.ts';

/**
 * The scopes that a key of an API can carry: those of a list, or those of a document that the list allows.
 *
 * @param catalogue undefined if the scopes come from no document, or none was read yet
 * @param allowed the `scopes` of the policies; undefined or null without a bound
 */
export function offeredScopes(
  { scopeSource }: Pick<Api, 'scopeSource'>,
  catalogue: Pick<StoredCatalogue, 'scopes'> | undefined,
  allowed: readonly string[] | null | undefined,
): OfferedScope[] {
  if (scopeSource === undefined) return (allowed ?? []).map((scope) => ({ scope, kind: 'list' }));
  const names = allowed && new Set(allowed);
  return (catalogue?.scopes ?? []).filter(({ scope }) => names?.has(scope) ?? true);
}
