import { casesOf } from '../engine/case.ts';
import { bySession, ownKeyCases } from './keys-common.ts';

export default casesOf('portal.rerollKey', [
  {
    name: 'a key is replaced, with an overlap',
    given: 'key',
    request: bySession(({ keyId }) => ({ keyId, expiration: 3_600_000 })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a key is replaced at once',
    given: 'key',
    request: bySession(({ keyId }) => ({ keyId, expiration: 0 })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a replaced key cannot be replaced again',
    given: 'rerolledKey',
    request: bySession(({ keyId }) => ({ keyId, expiration: 0 })),
    answer: { status: 409, error: 'unkey/data/key_retired' },
  },
  {
    name: 'overlaps do not exceed the key limit',
    given: 'keyAtLimit',
    request: bySession(({ keyId }) => ({ keyId, expiration: 3_600_000 })),
    answer: { status: 409, error: 'unkey/data/key_limit_exceeded' },
  },
  ...ownKeyCases((keyId) => ({ keyId, expiration: 0 })),
]);
