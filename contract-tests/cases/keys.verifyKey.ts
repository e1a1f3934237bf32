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
        ratelimit: { limit: 100, duration: 60_000, remaining: 99 },
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
    name: 'a key of another workspace is not found',
    given: 'foreignWorkspaceKey',
    request: (fixture) => validRequest(fixture),
    response: refused('NOT_FOUND'),
    stateless: true,
  },
  ...rootKeyCases(() => ({ key: 'no_such_key' })),
]);
