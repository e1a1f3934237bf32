import type { Case, CaseRequest, Fixture } from '../engine/case.ts';

type Row = Omit<Case, 'operation'>;

const location = 'body.scopeSource.portal';
const refused = { status: 400, error: 'unkey/application/invalid_input', locations: [location] };

/**
 * The cases of a request that sets where the scopes of an API come from.
 *
 * @param request a valid request with this source
 */
export const scopeSourceCases = (request: (source: unknown) => (fixture: Fixture) => CaseRequest): Row[] => [
  {
    name: 'the document of a portal is the source of scopes, with its kinds in the order of the enum',
    given: 'portalWithDocument',
    request: (fixture) => request({ portal: fixture.slug, kinds: ['tags', 'oauth'] })(fixture),
    response: { status: 200, data: { scopeSource: { kinds: ['oauth', 'tags'] } } },
    notOnMock: 'a mock returns the example',
  },
  {
    name: 'a portal without a document is refused as the source of scopes',
    given: 'portalWithoutDocument',
    request: (fixture) => request({ portal: fixture.slug, kinds: ['tags'] })(fixture),
    response: refused,
  },
  {
    name: 'a portal that does not exist is refused as the source of scopes',
    given: 'portal',
    request: request({ portal: 'portal_neverWas0000000000', kinds: ['tags'] }),
    response: refused,
  },
  {
    name: 'a portal of another workspace is refused as the source of scopes',
    given: 'foreignRootKey',
    request: (fixture) => request({ portal: fixture.slug, kinds: ['tags'] })(fixture),
    response: refused,
  },
];
