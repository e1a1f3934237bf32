import { casesOf } from '../engine/case.ts';
import { fullWorkspaceCase, idempotencyCases } from './common.ts';
import { keyOfAnyUserCases, rootKeyRequest, unknownKeyId } from './keys-common.ts';

export default casesOf('keys.rerollKey', [
  {
    name: 'a key is replaced, with an overlap',
    given: 'managedKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId, expiration: 3_600_000 })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a replaced key cannot be replaced again',
    given: 'rerolledKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId, expiration: 0 })),
    response: { status: 409, error: 'unkey/data/key_retired' },
  },
  fullWorkspaceCase(rootKeyRequest(({ keyId }) => ({ keyId, expiration: 0 }))),
  ...idempotencyCases(({ keyId = unknownKeyId }) => ({ keyId, expiration: 1 }), 'key'),
  ...keyOfAnyUserCases((keyId) => ({ keyId, expiration: 0 })),
]);
