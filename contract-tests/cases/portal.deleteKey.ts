import { casesOf } from '../engine/case.ts';
import { managedKeyCase, ownKeyCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.deleteKey', [
  {
    name: 'a key is deleted',
    given: 'key',
    request: sessionRequest(({ keyId }) => ({ keyId })),
    response: { status: 200 },
    stateless: true,
  },
  managedKeyCase((keyId) => ({ keyId })),
  ...ownKeyCases((keyId) => ({ keyId })),
]);
