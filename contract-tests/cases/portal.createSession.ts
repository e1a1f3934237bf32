import { type CaseRequest, casesOf, type Facts } from '../engine/case.ts';
import { bodyCases, idempotencyCases, limitCase, requiredBodyCase, storeCases } from './common.ts';

const permissions = ['api.*.read_key', 'api.*.read_analytics'];

/** A request that is in order, with whatever is laid over its body. */
const asked =
  (over: Record<string, unknown> = {}) =>
  ({ rootKey, slug }: Facts): CaseRequest => ({
    authorization: `Bearer ${rootKey}`,
    body: { slug: slug || 'my-portal', externalId: 'user_123', permissions, ...over },
  });

const invalid = (...locations: string[]) => ({ status: 400, error: 'unkey/application/invalid_input', locations });

export default casesOf('portal.createSession', [
  { name: 'a session is created', given: 'portal', request: asked(), answer: { status: 200 }, stateless: true },
  {
    name: 'a preview session is created',
    given: 'portal',
    request: asked({ preview: true }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'the Authorization scheme is case-insensitive',
    given: 'portal',
    request: (facts) => ({ ...asked()(facts), authorization: `bearer ${facts.rootKey}` }),
    answer: { status: 200 },
    notOnMock: 'Prism treats the scheme as case-sensitive',
  },
  {
    name: 'one permission on one resource is enough',
    given: 'portal',
    request: asked({ permissions: ['api.api_123.create_key'] }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'an externalId of 256 non-ASCII characters is accepted',
    given: 'portal',
    request: asked({ externalId: 'ü'.repeat(256) }),
    answer: { status: 200 },
    stateless: true,
  },

  {
    name: 'a request without a root key is refused',
    given: 'nothing',
    request: (facts) => ({ body: asked()(facts).body }),
    answer: { status: 401, error: 'unkey/authentication/missing' },
    stateless: true,
  },
  {
    name: 'an unauthenticated caller gets no validation errors',
    given: 'nothing',
    request: () => ({ body: { slug: 5 } }),
    answer: { status: 401, error: 'unkey/authentication/missing' },
    stateless: true,
  },
  {
    name: 'a cookie is not a root key',
    given: 'browserSession',
    request: (facts) => ({ body: asked()(facts).body, cookie: facts.token }),
    answer: { status: 401, error: 'unkey/authentication/missing' },
    stateless: true,
  },
  {
    name: 'an Authorization scheme other than Bearer is malformed',
    given: 'nothing',
    request: (facts) => ({ ...asked()(facts), authorization: 'Basic dXNlcjpwYXNz' }),
    answer: { status: 401, error: 'unkey/authentication/malformed' },
  },
  {
    name: 'Bearer without a key is malformed',
    given: 'nothing',
    request: (facts) => ({ ...asked()(facts), authorization: 'Bearer' }),
    answer: { status: 401, error: 'unkey/authentication/malformed' },
  },
  {
    name: 'a key without Bearer is malformed',
    given: 'portal',
    request: (facts) => ({ ...asked()(facts), authorization: facts.rootKey || 'rk_x' }),
    answer: { status: 401, error: 'unkey/authentication/malformed' },
  },
  {
    name: 'an unknown root key is not found',
    given: 'nothing',
    request: (facts) => ({ ...asked()(facts), authorization: 'Bearer rk_unknownUnknownUnknownUnknownUnknown' }),
    answer: { status: 401, error: 'unkey/authentication/key_not_found' },
  },
  {
    name: 'a root key with a different last character is not found',
    given: 'portal',
    request: (facts) => ({ ...asked()(facts), authorization: `Bearer ${facts.rootKey.slice(0, -1)}_` }),
    answer: { status: 401, error: 'unkey/authentication/key_not_found' },
  },
  {
    name: 'a browser session token is not a root key',
    given: 'browserSession',
    request: (facts) => ({ ...asked()(facts), authorization: `Bearer ${facts.token}` }),
    answer: { status: 401, error: 'unkey/authentication/key_not_found' },
  },
  {
    name: 'a revoked root key is not found',
    given: 'revokedRootKey',
    request: asked(),
    answer: { status: 401, error: 'unkey/authentication/key_not_found' },
  },

  {
    name: 'a permission that the root key lacks is refused',
    given: 'narrowRootKey',
    request: asked({ permissions: ['api.*.read_key', 'api.*.delete_key'] }),
    answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  {
    name: 'permissions that the root key has are granted, and so are narrower ones',
    given: 'narrowRootKey',
    request: asked({ permissions: ['api.*.read_key', 'api.api_123.read_key'] }),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a disabled portal is refused',
    given: 'disabledPortal',
    request: asked(),
    answer: { status: 403, error: 'unkey/authorization/forbidden' },
  },
  {
    name: 'a disabled workspace is refused',
    given: 'disabledWorkspace',
    request: asked(),
    answer: { status: 403, error: 'unkey/authorization/workspace_disabled' },
  },
  {
    name: 'an unknown slug is not found',
    given: 'portal',
    request: asked({ slug: 'no-such-portal' }),
    answer: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  {
    name: 'a portal of another workspace is not found',
    given: 'foreignRootKey',
    request: asked(),
    answer: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  {
    name: 'a root key of a missing workspace is refused',
    given: 'missingWorkspace',
    request: asked(),
    answer: { status: 404, error: 'unkey/data/workspace_not_found' },
  },

  {
    name: 'an empty body is refused',
    given: 'portal',
    request: ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` }),
    answer: invalid('body'),
    stateless: true,
  },
  {
    name: 'all validation errors are listed in one response',
    given: 'portal',
    request: ({ rootKey }) => ({
      authorization: `Bearer ${rootKey}`,
      body: { slug: 'My_Portal', permissions: ['api.*.read_key', 'nonsense'], preview: 'yes', surprise: 1 },
    }),
    answer: invalid('body.slug', 'body.externalId', 'body.permissions[1]', 'body.preview', 'body.surprise'),
    stateless: true,
  },
  {
    name: 'an empty list of permissions is refused',
    given: 'portal',
    request: asked({ permissions: [] }),
    answer: invalid('body.permissions'),
    stateless: true,
  },
  ...['ab', 'a'.repeat(65), 'My-Portal', '-portal', 'portal-', 'my--portal', 'my_portal', 'my portal', 'pörtal'].map(
    (slug) => ({
      name: `the slug "${slug.slice(0, 20)}" is refused`,
      given: 'portal' as const,
      request: asked({ slug }),
      answer: invalid('body.slug'),
      stateless: true as const,
    }),
  ),
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
    request: asked({ permissions: [permission] }),
    answer: invalid('body.permissions[0]'),
    stateless: true as const,
  })),
  {
    name: 'an empty externalId is refused',
    given: 'portal',
    request: asked({ externalId: '' }),
    answer: invalid('body.externalId'),
    stateless: true,
  },
  {
    name: 'an externalId of 257 characters is refused',
    given: 'portal',
    request: asked({ externalId: 'x'.repeat(257) }),
    answer: invalid('body.externalId'),
    stateless: true,
  },
  {
    name: 'a return URL for the session is accepted if the portal allows its origin',
    given: 'portal',
    request: asked({ returnUrl: 'https://app.acme.example/teams/7?from=portal' }),
    answer: { status: 200 },
    stateless: true,
  },
  ...['https://evil.example', 'https://app.acme.example.evil.example', 'https://app.acme.example:8443/x'].map(
    (returnUrl) => ({
      name: `the return URL ${returnUrl} is refused: the portal does not allow its origin`,
      given: 'portal' as const,
      request: asked({ returnUrl }),
      answer: invalid('body.returnUrl'),
    }),
  ),
  {
    name: 'a return URL over http is refused',
    given: 'portal',
    request: asked({ returnUrl: 'http://app.acme.example' }),
    answer: invalid('body.returnUrl'),
    stateless: true,
  },
  ...idempotencyCases((facts) => asked({ externalId: 'someone_else' })(facts).body),
  ...bodyCases('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
  requiredBodyCase('portal', ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` })),
  limitCase(asked()),
  ...storeCases(asked()),
]);
