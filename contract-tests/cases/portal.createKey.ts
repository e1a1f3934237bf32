import { casesOf } from '../engine/case.ts';
import { fullWorkspaceCase, nameCases, nested, sessionIdempotencyCases } from './common.ts';
import { invalid, keyCallerCases, sessionRequest, unknownApiId } from './keys-common.ts';

export default casesOf('portal.createKey', [
  {
    name: 'only apiId is required',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({ apiId })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a key can have every optional field',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({
      apiId,
      name: 'N'.repeat(255),
      enabled: false,
      expires: 4_102_444_800_000,
      meta: { text: 'x'.repeat(4085) },
      ratelimit: { limit: 1, duration: 1000 },
      byteLength: 64,
    })),
    response: { status: 200 },
    stateless: true,
  },
  ...nameCases('keyUser', (name) => sessionRequest(({ apiId }) => ({ apiId, name })), 255),
  {
    name: 'a number in meta that a double would change is refused and its place is named in the error',
    given: 'keyUser',
    request: ({ token, apiId }) => ({
      authorization: `Bearer ${token}`,
      rawBody: `{"apiId":"${apiId}","meta":{"account":12345678901234567890,"e":[1e400],"price":10.00}}`,
    }),
    response: invalid('body.meta.account', 'body.meta.e[0]'),
    notOnMock: 'Prism does not check this, and a forced example would prove nothing',
  },
  {
    name: 'an expiry in the past is refused and named in the error',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({ apiId, expires: 1_000_000_000_000 })),
    response: invalid('body.expires'),
  },
  {
    name: 'meta over 4 kB is refused and named in the error',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({ apiId, meta: { text: 'x'.repeat(4086) } })),
    response: invalid('body.meta'),
  },
  {
    name: 'meta can fill the levels of a body',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({ apiId, meta: nested(31).body })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'meta with more levels is refused and the place is named in the error',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({ apiId, meta: nested(32).body })),
    response: invalid(`body.meta${'.a'.repeat(31)}`),
    notOnMock: 'Prism does not check this, and a forced example would prove nothing',
  },
  {
    name: 'a text of more than 4,096 characters in meta is refused and the place is named in the error',
    given: 'keyUser',
    request: sessionRequest(({ apiId }) => ({ apiId, meta: { text: 'x'.repeat(4097) } })),
    response: invalid('body.meta.text'),
    notOnMock: 'Prism does not check this, and a forced example would prove nothing',
  },
  {
    name: 'an API that the portal does not have is not found',
    given: 'keyUser',
    request: sessionRequest(() => ({ apiId: unknownApiId })),
    response: { status: 404, error: 'unkey/data/api_not_found' },
  },
  {
    name: 'a session without the permission is refused',
    given: 'keyWithoutPermissions',
    request: sessionRequest(({ apiId }) => ({ apiId })),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  {
    name: 'a key over the limit per user and API is refused',
    given: 'keyAtLimit',
    request: sessionRequest(({ apiId }) => ({ apiId })),
    response: { status: 409, error: 'unkey/data/key_limit_exceeded' },
  },
  ...(
    [
      ['a rate limit over', { ratelimit: { limit: 101, duration: 60_000 } }, 'ratelimit'],
      ['a faster rate limit than', { ratelimit: { limit: 100, duration: 59_999 } }, 'ratelimit'],
      ['an expiry after the longest life of', { expires: 4_070_908_800_000 }, 'expires'],
      ['a scope outside', { scopes: ['invoices:read', 'admin'] }, 'scopes[1]'],
      ['a range outside', { ipRanges: ['192.0.2.0/25', '198.51.100.0/24'] }, 'ipRanges[1]'],
    ] as const
  ).map(([what, settings, location]) => ({
    name: `${what} the policy is refused and named in the error`,
    given: 'governedKeyUser' as const,
    request: sessionRequest(({ apiId }) => ({ apiId, ...settings })),
    response: invalid(`body.${location}`),
  })),
  {
    name: 'settings at the bounds of the policy are accepted',
    given: 'governedKeyUser',
    request: sessionRequest(({ apiId }) => ({
      ...{ apiId, ratelimit: { limit: 100, duration: 60_000 }, scopes: ['invoices:read', 'Rechnungen lesen'] },
      ipRanges: ['192.0.2.0/24', '2001:db8:1::/48'],
    })),
    response: { status: 200 },
  },
  fullWorkspaceCase(sessionRequest(({ apiId }) => ({ apiId }))),
  ...sessionIdempotencyCases(({ apiId }) => ({ apiId, name: 'Second' })),
  ...keyCallerCases({ apiId: unknownApiId }),
]);
