import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';
import { unknownApiId } from './keys-common.ts';

const validRequest = ({ rootKey, apiKey }: Fixture, over: object = {}): CaseRequest => ({
  authorization: `Bearer ${rootKey}`,
  body: { key: apiKey, ...over },
});
const refused = (code: string) => ({ status: 200, data: { valid: false, code } });

export default casesOf('keys.verifyKey', [
  {
    name: 'an active key is valid, and the response contains its settings',
    given: 'key',
    request: (fixture) => validRequest(fixture),
    response: {
      status: 200,
      data: {
        valid: true,
        code: 'VALID',
        name: 'Production',
        meta: { team: 'billing' },
        expires: 4_070_908_800_000,
        scopes: ['invoices:read'],
        ratelimit: { limit: 100, duration: 60_000, remaining: 99 },
        quota: { limit: 1_000_000, remaining: 999_999 },
      },
    },
    stateless: true,
  },
  {
    name: 'a key of the requested API is valid',
    given: 'key',
    request: (fixture) => validRequest(fixture, { apiId: fixture.apiId }),
    response: { status: 200, data: { valid: true } },
    stateless: true,
  },
  {
    name: 'a key of another API is not found',
    given: 'key',
    request: (fixture) => validRequest(fixture, { apiId: unknownApiId }),
    response: refused('NOT_FOUND'),
    stateless: true,
  },
  {
    name: 'a malformed key is not found',
    given: 'portal',
    request: (fixture) => validRequest(fixture, { key: 'Bearer  not a key {}\n' }),
    response: refused('NOT_FOUND'),
    stateless: true,
  },
  {
    name: 'a disabled key is reported as DISABLED',
    given: 'disabledKey',
    request: (fixture) => validRequest(fixture),
    response: refused('DISABLED'),
    stateless: true,
  },
  {
    name: 'a key rerolled without an overlap is expired',
    given: 'rerolledKey',
    request: (fixture) => validRequest(fixture),
    response: refused('EXPIRED'),
    stateless: true,
  },
  {
    name: 'a key over its limit is rate limited',
    given: 'rateLimitedKey',
    request: (fixture) => validRequest(fixture),
    response: { status: 200, data: { valid: false, code: 'RATE_LIMITED', ratelimit: { limit: 1, remaining: 0 } } },
    stateless: true,
  },
  {
    name: 'a verification consumes its cost of the rate limit and of the quota',
    given: 'key',
    request: (fixture) => validRequest(fixture, { cost: 40 }),
    response: {
      status: 200,
      data: { code: 'VALID', ratelimit: { remaining: 60 }, quota: { remaining: 999_960 } },
    },
  },
  {
    name: 'a cost of 0 consumes nothing',
    given: 'key',
    request: (fixture) => validRequest(fixture, { cost: 0 }),
    response: {
      status: 200,
      data: { code: 'VALID', ratelimit: { remaining: 100 }, quota: { remaining: 1_000_000 } },
    },
  },
  {
    name: 'a cost over what is left of the rate limit is rate limited, and consumes nothing',
    given: 'key',
    request: (fixture) => validRequest(fixture, { cost: 101 }),
    response: {
      status: 200,
      data: { valid: false, code: 'RATE_LIMITED', ratelimit: { remaining: 100 }, quota: { remaining: 1_000_000 } },
    },
  },
  {
    name: 'a key whose user has used up the quota returns USAGE_EXCEEDED',
    given: 'keyOverQuota',
    request: (fixture) => validRequest(fixture),
    response: {
      status: 200,
      data: { valid: false, code: 'USAGE_EXCEEDED', quota: { limit: 1_000_000, remaining: 0 } },
    },
    stateless: true,
  },
  {
    name: 'a key with all scopes of the request is valid',
    given: 'key',
    request: (fixture) => validRequest(fixture, { scopes: ['invoices:read'] }),
    response: { status: 200, data: { valid: true } },
    stateless: true,
  },
  {
    name: 'a key without a scope of the request returns INSUFFICIENT_PERMISSIONS',
    given: 'key',
    request: (fixture) => validRequest(fixture, { scopes: ['invoices:read', 'invoices:write'] }),
    response: refused('INSUFFICIENT_PERMISSIONS'),
    stateless: true,
  },
  ...['192.0.2.255', '2001:db8::1', '::ffff:192.0.2.1'].map((ip) => ({
    name: `a key with ranges of addresses is valid from ${ip}`,
    given: 'keyWithRanges' as const,
    request: (fixture: Fixture) => validRequest(fixture, { ip }),
    response: { status: 200, data: { valid: true } },
    stateless: true as const,
  })),
  ...['192.0.3.0', '2001:db9::1'].map((ip) => ({
    name: `a key with ranges of addresses is FORBIDDEN from ${ip}`,
    given: 'keyWithRanges' as const,
    request: (fixture: Fixture) => validRequest(fixture, { ip }),
    response: refused('FORBIDDEN'),
    stateless: true as const,
  })),
  {
    name: 'a key with ranges of addresses is FORBIDDEN without an address',
    given: 'keyWithRanges',
    request: (fixture) => validRequest(fixture),
    response: refused('FORBIDDEN'),
    stateless: true,
  },
  {
    name: 'an address that is none is refused and named in the error',
    given: 'portal',
    request: (fixture) => validRequest(fixture, { key: 'no_such_key', ip: '192.0.2' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.ip'] },
  },
  {
    name: 'scopes and an operation at once are refused',
    given: 'portal',
    request: (fixture) => validRequest(fixture, { key: 'no_such_key', scopes: ['read'], operationId: 'listInvoices' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.operationId'] },
  },
  {
    name: 'an operation is refused if the scopes of the API come from no document',
    given: 'key',
    request: (fixture) => validRequest(fixture, { operationId: 'listInvoices' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.operationId'] },
  },
  {
    name: 'a key of another workspace is not found',
    given: 'foreignWorkspaceKey',
    request: (fixture) => validRequest(fixture),
    response: refused('NOT_FOUND'),
    stateless: true,
  },
  ...rootKeyCases(() => ({ key: 'no_such_key' })),
]);
