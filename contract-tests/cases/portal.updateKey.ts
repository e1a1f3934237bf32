import { casesOf } from '../engine/case.ts';
import { fullWorkspaceCase, nameCases, typedName } from './common.ts';
import { invalid, managedKeyCase, ownKeyCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.updateKey', [
  {
    name: 'sent fields change, and the rest stays unchanged',
    given: 'usedKey',
    request: sessionRequest(({ keyId }) => ({ keyId, name: 'Renamed' })),
    response: { status: 200, data: { name: 'Renamed', enabled: true, meta: { team: 'billing' } } },
    stateless: true,
  },
  {
    name: 'scopes and ranges of addresses change, each range in its usual spelling',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({
      ...{ keyId, scopes: ['invoices:write'], ipRanges: ['192.0.2.7', '2001:DB8:0::/48', '192.0.2.7/32'] },
    })),
    response: {
      status: 200,
      data: { scopes: ['invoices:write'], ipRanges: ['192.0.2.7/32', '2001:db8::/48'] },
    },
  },
  {
    name: 'a range that is none is refused and named in the error',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, ipRanges: ['192.0.2.0/24', '192.0.2.7/24'] })),
    response: invalid('body.ipRanges[1]'),
  },
  {
    name: 'a scope that the policy does not offer is refused and named in the error',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, scopes: ['invoices:read', 'admin'] })),
    response: invalid('body.scopes[1]'),
  },
  {
    name: 'null clears a field',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({
      ...{ keyId, name: null, expires: null, meta: null, ratelimit: null, scopes: null, ipRanges: null },
    })),
    response: { status: 200, data: { enabled: true } },
    stateless: true,
  },
  ...nameCases('key', (name) => sessionRequest(({ keyId }) => ({ keyId, name })), 255),
  {
    name: 'a number in meta that a double would change is refused and its place is named in the error',
    given: 'key',
    request: ({ token, keyId }) => ({
      authorization: `Bearer ${token}`,
      rawBody: `{"keyId":"${keyId}","meta":{"account":12345678901234567890,"e":[1e400],"price":10.00}}`,
    }),
    response: invalid('body.meta.account', 'body.meta.e[0]'),
    notOnMock: 'Prism does not check this, and a forced example would prove nothing',
  },
  {
    name: 'a name is stored in Unicode form C, without white space at its ends',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, name: typedName.sent })),
    response: { status: 200, data: { name: typedName.stored } },
  },
  {
    name: 'an expiry in the past is refused and named in the error',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, expires: 1_000_000_000_000 })),
    response: invalid('body.expires'),
  },
  {
    name: 'meta over 4 kB is refused and named in the error',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, meta: { text: 'ü'.repeat(2048) } })),
    response: invalid('body.meta'),
  },
  {
    name: 'a rerolled key cannot change',
    given: 'rerolledKey',
    request: sessionRequest(({ keyId }) => ({ keyId, expires: null })),
    response: { status: 409, error: 'unkey/data/key_retired' },
  },
  {
    name: 'an expired key cannot become active above the limit per user and API',
    given: 'keyAtLimit',
    request: sessionRequest(({ keyId }) => ({ keyId, expires: null })),
    response: { status: 409, error: 'unkey/data/key_limit_exceeded' },
  },
  {
    name: 'an expired key can change in other ways at the limit per user and API',
    given: 'keyAtLimit',
    request: sessionRequest(({ keyId }) => ({ keyId, name: 'Expired' })),
    response: { status: 200, data: { name: 'Expired' } },
  },
  fullWorkspaceCase(sessionRequest(({ keyId }) => ({ keyId, name: 'A longer name than before' }))),
  managedKeyCase((keyId) => ({ keyId, enabled: false })),
  ...ownKeyCases((keyId) => ({ keyId, enabled: false })),
]);
