import { casesOf } from '../engine/case.ts';
import { fullWorkspaceCase, nameCases } from './common.ts';
import { invalid, keyOfAnyUserCases, rootKeyRequest } from './keys-common.ts';

export default casesOf('keys.updateKey', [
  {
    name: 'sent fields change, and the rest stays unchanged',
    given: 'usedKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId, name: 'Renamed', managed: true })),
    response: { status: 200, data: { name: 'Renamed', managed: true, enabled: true, meta: { team: 'billing' } } },
  },
  {
    name: 'null clears a field',
    given: 'key',
    request: rootKeyRequest(({ keyId }) => ({ keyId, name: null, expires: null, meta: null, ratelimit: null })),
    response: { status: 200, data: { enabled: true } },
    stateless: true,
  },
  {
    name: 'a key that a backend manages changes',
    given: 'managedKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId, managed: false })),
    response: { status: 200, data: { managed: false } },
  },
  ...nameCases('key', (name) => rootKeyRequest(({ keyId }) => ({ keyId, name })), 255),
  {
    name: 'an expiry in the past is refused and named in the error',
    given: 'key',
    request: rootKeyRequest(({ keyId }) => ({ keyId, expires: 1_000_000_000_000 })),
    response: invalid('body.expires'),
  },
  {
    name: 'meta over 4 kB is refused and named in the error',
    given: 'key',
    request: rootKeyRequest(({ keyId }) => ({ keyId, meta: { text: 'ü'.repeat(2048) } })),
    response: invalid('body.meta'),
  },
  {
    name: 'a rerolled key cannot change',
    given: 'rerolledKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId, expires: null })),
    response: { status: 409, error: 'unkey/data/key_retired' },
  },
  {
    name: 'an expired key cannot become active above the limit per user and API',
    given: 'keyAtLimit',
    request: rootKeyRequest(({ keyId }) => ({ keyId, expires: null })),
    response: { status: 409, error: 'unkey/data/key_limit_exceeded' },
  },
  fullWorkspaceCase(rootKeyRequest(({ keyId }) => ({ keyId, name: 'A longer name than before' }))),
  ...keyOfAnyUserCases((keyId) => ({ keyId, enabled: false })),
]);
