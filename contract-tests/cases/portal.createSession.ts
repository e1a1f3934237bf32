import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import {
  badUrls,
  bodyCases,
  fullWorkspaceCase,
  idempotencyCases,
  limitCase,
  requiredBodyCase,
  storeCases,
} from './common.ts';

const permissions = ['api.*.read_key', 'api.*.read_analytics'];

/** A valid request, with overrides of its body. */
const validRequest =
  (over: Record<string, unknown> = {}) =>
  ({ rootKey, slug }: Fixture): CaseRequest => ({
    authorization: `Bearer ${rootKey}`,
    body: { slug: slug || 'my-portal', externalId: 'user_123', permissions, ...over },
  });

const invalid = (...locations: string[]) => ({ status: 400, error: 'unkey/application/invalid_input', locations });

export default casesOf('portal.createSession', [
  {
    name: 'a session is created',
    given: 'portal',
    request: validRequest(),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a preview session is created',
    given: 'portal',
    request: validRequest({ preview: true }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'the Authorization scheme is case-insensitive',
    given: 'portal',
    request: (fixture) => ({ ...validRequest()(fixture), authorization: `bearer ${fixture.rootKey}` }),
    response: { status: 200 },
    notOnMock: 'Prism treats the scheme as case-sensitive',
  },
  {
    name: 'one permission on one resource is enough',
    given: 'portal',
    request: validRequest({ permissions: ['api.api_123.create_key'] }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an externalId of 256 non-ASCII characters is accepted',
    given: 'portal',
    request: validRequest({ externalId: 'ü'.repeat(256) }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an externalId of 256 emoji is accepted',
    given: 'portal',
    request: validRequest({ externalId: '😀'.repeat(256) }),
    response: { status: 200 },
    stateless: true,
  },
  ...['jos\ufffd', 'user\u0000', 'user\u0085'].map((externalId) => ({
    name: `the externalId ${JSON.stringify(externalId)} is refused and named in the error`,
    given: 'portal' as const,
    request: validRequest({ externalId }),
    response: invalid('body.externalId'),
  })),
  ...badUrls.map((returnUrl) => ({
    name: `the return URL ${JSON.stringify(returnUrl)} is refused and named in the error`,
    given: 'portal' as const,
    request: validRequest({ returnUrl }),
    response: invalid('body.returnUrl'),
  })),
  {
    name: 'an Idempotency-Key outside of ASCII is refused and named in the error',
    given: 'portal',
    request: (fixture) => ({ ...validRequest()(fixture), headers: { 'Idempotency-Key': 'caf\u00e9' } }),
    response: invalid('headers.idempotency-key'),
    notOnMock: 'Prism does not name the header in the error',
  },

  {
    name: 'a request without a root key is refused',
    given: 'nothing',
    request: (fixture) => ({ body: validRequest()(fixture).body }),
    response: { status: 401, error: 'unkey/authentication/missing' },
    stateless: true,
  },
  {
    name: 'an unauthenticated caller gets no validation errors',
    given: 'nothing',
    request: () => ({ body: { slug: 5 } }),
    response: { status: 401, error: 'unkey/authentication/missing' },
    stateless: true,
  },
  {
    name: 'a cookie is not a root key',
    given: 'browserSession',
    request: (fixture) => ({ body: validRequest()(fixture).body, cookie: fixture.token }),
    response: { status: 401, error: 'unkey/authentication/missing' },
    stateless: true,
  },
  {
    name: 'an Authorization scheme other than Bearer is malformed',
    given: 'nothing',
    request: (fixture) => ({ ...validRequest()(fixture), authorization: 'Basic dXNlcjpwYXNz' }),
    response: { status: 401, error: 'unkey/authentication/malformed' },
  },
  {
    name: 'Bearer without a key is malformed',
    given: 'nothing',
    request: (fixture) => ({ ...validRequest()(fixture), authorization: 'Bearer' }),
    response: { status: 401, error: 'unkey/authentication/malformed' },
  },
  {
    name: 'a key without Bearer is malformed',
    given: 'portal',
    request: (fixture) => ({ ...validRequest()(fixture), authorization: fixture.rootKey || 'rk_x' }),
    response: { status: 401, error: 'unkey/authentication/malformed' },
  },
  {
    name: 'an unknown root key is not found',
    given: 'nothing',
    request: (fixture) => ({
      ...validRequest()(fixture),
      authorization: 'Bearer rk_unknownUnknownUnknownUnknownUnknown',
    }),
    response: { status: 401, error: 'unkey/authentication/key_not_found' },
  },
  {
    name: 'a root key with a different last character is not found',
    given: 'portal',
    request: (fixture) => ({ ...validRequest()(fixture), authorization: `Bearer ${fixture.rootKey.slice(0, -1)}_` }),
    response: { status: 401, error: 'unkey/authentication/key_not_found' },
  },
  {
    name: 'a browser session token is not a root key',
    given: 'browserSession',
    request: (fixture) => ({ ...validRequest()(fixture), authorization: `Bearer ${fixture.token}` }),
    response: { status: 401, error: 'unkey/authentication/key_not_found' },
  },
  {
    name: 'a revoked root key is not found',
    given: 'revokedRootKey',
    request: validRequest(),
    response: { status: 401, error: 'unkey/authentication/key_not_found' },
  },

  {
    name: 'a permission that the root key lacks is refused',
    given: 'limitedRootKey',
    request: validRequest({ permissions: ['api.*.read_analytics', 'api.*.delete_key'] }),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  {
    name: 'permissions that the root key has are granted, and so are narrower ones',
    given: 'limitedRootKey',
    request: validRequest({ permissions: ['api.*.read_analytics', 'api.api_123.read_analytics'] }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a disabled portal is refused',
    given: 'disabledPortal',
    request: validRequest(),
    response: { status: 403, error: 'unkey/authorization/forbidden' },
  },
  {
    name: 'a disabled workspace is refused',
    given: 'disabledWorkspace',
    request: validRequest(),
    response: { status: 403, error: 'unkey/authorization/workspace_disabled' },
  },
  {
    name: 'an unknown slug is not found',
    given: 'portal',
    request: validRequest({ slug: 'no-such-portal' }),
    response: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  {
    name: 'a portal of another workspace is not found',
    given: 'foreignRootKey',
    request: validRequest(),
    response: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  {
    name: 'a root key of a missing workspace is refused',
    given: 'missingWorkspace',
    request: validRequest(),
    response: { status: 404, error: 'unkey/data/workspace_not_found' },
  },

  {
    name: 'an empty body is refused',
    given: 'portal',
    request: ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` }),
    response: invalid('body'),
    stateless: true,
  },
  {
    name: 'all validation errors are listed in one response',
    given: 'portal',
    request: ({ rootKey }) => ({
      authorization: `Bearer ${rootKey}`,
      body: { slug: 'My_Portal', permissions: ['api.*.read_key', 'nonsense'], preview: 'yes', surprise: 1 },
    }),
    response: invalid('body.slug', 'body.externalId', 'body.permissions[1]', 'body.preview', 'body.surprise'),
    stateless: true,
  },
  {
    name: 'an empty list of permissions is refused',
    given: 'portal',
    request: validRequest({ permissions: [] }),
    response: invalid('body.permissions'),
    stateless: true,
  },
  ...['ab', 'a'.repeat(65), 'My-Portal', '-portal', 'portal-', 'my_portal', 'my portal', 'pörtal'].map((slug) => ({
    name: `the slug "${slug.slice(0, 20)}" is refused`,
    given: 'portal' as const,
    request: validRequest({ slug }),
    response: invalid('body.slug'),
    stateless: true as const,
  })),
  ...[
    'api.*',
    'api.*.read_key.more',
    'api..read_key',
    '.*.read_key',
    'api.*.',
    '*.*.read_key',
    'api.*.*',
    'a b.*.c',
  ].map((permission) => ({
    name: `the permission "${permission}" is refused`,
    given: 'portal' as const,
    request: validRequest({ permissions: [permission] }),
    response: invalid('body.permissions[0]'),
    stateless: true as const,
  })),
  {
    name: 'an empty externalId is refused',
    given: 'portal',
    request: validRequest({ externalId: '' }),
    response: invalid('body.externalId'),
    stateless: true,
  },
  {
    name: 'an externalId of 257 characters is refused',
    given: 'portal',
    request: validRequest({ externalId: 'x'.repeat(257) }),
    response: invalid('body.externalId'),
    stateless: true,
  },
  {
    name: 'a return URL for the session is accepted if the portal allows its origin',
    given: 'portal',
    request: validRequest({ returnUrl: 'https://app.acme.example/teams/7?from=portal' }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a user who is being deleted is refused',
    given: 'identityBeingDeleted',
    request: (fixture) => validRequest({ externalId: fixture.externalId })(fixture),
    response: { status: 409, error: 'unkey/data/identity_deletion_in_progress' },
  },
  {
    name: 'a session can have the person who uses it',
    given: 'portal',
    request: validRequest({ actor: { id: 'person_7', name: 'Ada Lovelace' } }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a person without an id is refused',
    given: 'portal',
    request: validRequest({ actor: { name: 'Ada Lovelace' } }),
    response: invalid('body.actor.id'),
    stateless: true,
  },
  ...['\u202egnitset', ' \u3000', 'a\u2028b'].map((name) => ({
    name: `the name ${JSON.stringify(name)} of a person is refused and named in the error`,
    given: 'portal' as const,
    request: validRequest({ actor: { id: 'person_7', name } }),
    response: invalid('body.actor.name'),
  })),
  {
    name: 'the id of a person with a replacement character is refused and named in the error',
    given: 'portal',
    request: validRequest({ actor: { id: 'jos\ufffd' } }),
    response: invalid('body.actor.id'),
  },
  ...['https://evil.example', 'https://app.acme.example.evil.example', 'https://app.acme.example:8443/x'].map(
    (returnUrl) => ({
      name: `the return URL ${returnUrl} is refused: the portal does not allow its origin`,
      given: 'portal' as const,
      request: validRequest({ returnUrl }),
      response: invalid('body.returnUrl'),
    }),
  ),
  {
    name: 'a return URL over http is refused',
    given: 'portal',
    request: validRequest({ returnUrl: 'http://app.acme.example' }),
    response: invalid('body.returnUrl'),
    stateless: true,
  },
  fullWorkspaceCase(validRequest()),
  ...idempotencyCases((fixture) => validRequest({ externalId: 'someone_else' })(fixture).body),
  ...bodyCases('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
  requiredBodyCase('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
  limitCase(validRequest()),
  ...storeCases(validRequest()),
]);
