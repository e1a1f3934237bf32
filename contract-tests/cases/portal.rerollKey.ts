import { casesOf } from '../engine/case.ts';
import { fullWorkspaceCase, sessionIdempotencyCases } from './common.ts';
import { managedKeyCase, ownKeyCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.rerollKey', [
  {
    name: 'a key is replaced, with an overlap',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, expiration: 3_600_000 })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a key is replaced at once',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId, expiration: 0 })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a replaced key cannot be replaced again',
    given: 'rerolledKey',
    request: sessionRequest(({ keyId }) => ({ keyId, expiration: 0 })),
    response: { status: 409, error: 'unkey/data/key_retired' },
  },
  {
    name: 'an expired key cannot be replaced',
    given: 'keyAtLimit',
    request: sessionRequest(({ keyId }) => ({ keyId, expiration: 0 })),
    response: { status: 409, error: 'unkey/data/key_retired' },
  },
  fullWorkspaceCase(sessionRequest(({ keyId }) => ({ keyId, expiration: 0 }))),
  ...sessionIdempotencyCases(({ keyId }) => ({ keyId, expiration: 0 })),
  managedKeyCase((keyId) => ({ keyId, expiration: 0 })),
  ...ownKeyCases((keyId) => ({ keyId, expiration: 0 })),
]);
