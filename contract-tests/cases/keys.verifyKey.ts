import { type CaseRequest, casesOf, type Facts } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';
import { noApi } from './keys-common.ts';

const asked = ({ rootKey, apiKey }: Facts, over: object = {}): CaseRequest => ({
  authorization: `Bearer ${rootKey}`,
  body: { key: apiKey, ...over },
});
const refused = (code: string) => ({ status: 200, data: { valid: false, code } });

export default casesOf('keys.verifyKey', [
  {
    name: 'an active key is valid, and the response contains its settings',
    given: 'key',
    request: (facts) => asked(facts),
    answer: {
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
    request: (facts) => asked(facts, { apiId: facts.apiId }),
    answer: { status: 200, data: { valid: true } },
    stateless: true,
  },
  {
    name: 'a key of another API is not found',
    given: 'key',
    request: (facts) => asked(facts, { apiId: noApi }),
    answer: refused('NOT_FOUND'),
    stateless: true,
  },
  {
    name: 'a malformed key is not found',
    given: 'portal',
    request: (facts) => asked(facts, { key: 'Bearer  not a key {}\n' }),
    answer: refused('NOT_FOUND'),
    stateless: true,
  },
  {
    name: 'a disabled key is reported as DISABLED',
    given: 'disabledKey',
    request: (facts) => asked(facts),
    answer: refused('DISABLED'),
    stateless: true,
  },
  {
    name: 'a key rerolled without an overlap is expired',
    given: 'rerolledKey',
    request: (facts) => asked(facts),
    answer: refused('EXPIRED'),
    stateless: true,
  },
  {
    name: 'a key over its limit is rate limited',
    given: 'exhaustedKey',
    request: (facts) => asked(facts),
    answer: { status: 200, data: { valid: false, code: 'RATE_LIMITED', ratelimit: { limit: 1, remaining: 0 } } },
    stateless: true,
  },
  {
    name: 'a key of another workspace is not found',
    given: 'foreignWorkspaceKey',
    request: (facts) => asked(facts),
    answer: refused('NOT_FOUND'),
    stateless: true,
  },
  ...rootKeyCases(() => ({ key: 'no_such_key' })),
]);
