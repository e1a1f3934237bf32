import { casesOf } from '../engine/case.ts';
import { bySession, invalid, ownKeyCases } from './keys-common.ts';

export default casesOf('portal.updateKey', [
  {
    name: 'sent fields change, and the rest stays unchanged',
    given: 'usedKey',
    request: bySession(({ keyId }) => ({ keyId, name: 'Renamed' })),
    answer: { status: 200, data: { name: 'Renamed', enabled: true, meta: { team: 'billing' } } },
    stateless: true,
  },
  {
    name: 'null clears a field',
    given: 'key',
    request: bySession(({ keyId }) => ({ keyId, name: null, expires: null, meta: null, ratelimit: null })),
    answer: { status: 200, data: { enabled: true } },
    stateless: true,
  },
  {
    name: 'an expiry in the past is refused and named in the error',
    given: 'key',
    request: bySession(({ keyId }) => ({ keyId, expires: 1_000_000_000_000 })),
    answer: invalid('body.expires'),
  },
  {
    name: 'meta over 4 kB is refused and named in the error',
    given: 'key',
    request: bySession(({ keyId }) => ({ keyId, meta: { text: 'ü'.repeat(2048) } })),
    answer: invalid('body.meta'),
  },
  {
    name: 'a rerolled key cannot change',
    given: 'rerolledKey',
    request: bySession(({ keyId }) => ({ keyId, expires: null })),
    answer: { status: 409, error: 'unkey/data/key_retired' },
  },
  ...ownKeyCases((keyId) => ({ keyId, enabled: false })),
]);
