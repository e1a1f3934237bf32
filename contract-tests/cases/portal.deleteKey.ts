import { casesOf } from '../engine/case.ts';
import { bySession, ownKeyCases } from './keys-common.ts';

export default casesOf('portal.deleteKey', [
  {
    name: 'a key is deleted',
    given: 'key',
    request: bySession(({ keyId }) => ({ keyId })),
    answer: { status: 200 },
    stateless: true,
  },
  ...ownKeyCases((keyId) => ({ keyId })),
]);
