import { casesOf } from '../engine/case.ts';
import { keyOfAnyUserCases, rootKeyRequest } from './keys-common.ts';

export default casesOf('keys.getKey', [
  {
    name: 'a key is returned with its user and without the secret',
    given: 'usedKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId })),
    response: { status: 200, data: { name: 'Production', enabled: true, meta: { team: 'billing' } } },
    stateless: true,
  },
  {
    name: 'a managed key is returned with all its settings',
    given: 'managedKey',
    request: rootKeyRequest(({ keyId }) => ({ keyId })),
    response: { status: 200, data: { managed: true, ipRanges: ['192.0.2.0/24'] } },
  },
  ...keyOfAnyUserCases((keyId) => ({ keyId })),
]);
