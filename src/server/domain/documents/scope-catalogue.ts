import type { DocumentScopeKind } from '../../store/control-data.ts';
import type { Alternatives, Catalogue, CatalogueScope } from '../../store/scopes.ts';
import type { DocumentOperation, DocumentScopes } from './openapi-scopes.ts';

/** The kinds of names in a document that can be scopes. If a name is of several kinds, it counts as the first of them. */
const documentScopeKinds = ['oauth', 'tags', 'operations'] as const satisfies DocumentScopeKind[];

const noScope: Alternatives = [[]];

/** Without those that need more than another one. */
const simplest = (alternatives: Alternatives): Alternatives =>
  alternatives.filter((scopes, i) =>
    alternatives.every((other, j) => {
      const needsMore = other.every((scope) => scopes.includes(scope));
      return i === j || !needsMore || (other.length === scopes.length && i < j);
    }),
  );

/**
 * What a key needs to call an operation. Tags and the operation are alternatives to `security`. An alternative of `security` without
 * scopes says which credential a caller has, not what it may do: it counts only if no tag and no operation say that.
 */
function alternativesOf(
  { operationId, isPublic, security, tags }: DocumentOperation,
  chosen: Set<DocumentScopeKind>,
): Alternatives {
  if (isPublic) return noScope;
  const byName = [...(chosen.has('tags') ? tags : []), ...(chosen.has('operations') ? [operationId] : [])];
  const bySecurity = chosen.has('oauth') ? security.filter((scopes) => byName.length === 0 || scopes.length > 0) : [];
  const all = simplest([...bySecurity, ...byName.map((scope) => [scope])]);
  return all.length === 0 ? noScope : all;
}

/** The catalogue of an API whose scopes are those of a document, of the chosen kinds. */
export function catalogueOf(
  { oauth, tags, operations, omitted }: DocumentScopes,
  chosen: readonly DocumentScopeKind[],
): Catalogue {
  const wanted = new Set(chosen);
  const scopes = new Map<string, CatalogueScope>();
  const names = {
    oauth,
    tags,
    operations: operations.map(({ operationId, description }) => [operationId, description] as const),
  };
  for (const kind of documentScopeKinds.filter((each) => wanted.has(each))) {
    for (const [scope, description] of names[kind])
      if (!scopes.has(scope)) scopes.set(scope, { scope, kind, ...(description !== undefined && { description }) });
  }
  return {
    scopes: [...scopes.values()],
    operations: operations.map((operation) => [operation.operationId, alternativesOf(operation, wanted)]),
    omitted,
  };
}
