import { casesOf } from '../engine/case.ts';
import { keyOfAnyUserCases, rootKeyRequest } from './keys-common.ts';

export default casesOf('keys.deleteKey', [
  {
    name: 'a key that a backend manages is deleted',
    given: 'managedKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId })),
    response: { status: 200 },
    stateless: true,
  },
  ...keyOfAnyUserCases((keyId) => ({ keyId })),
]);
