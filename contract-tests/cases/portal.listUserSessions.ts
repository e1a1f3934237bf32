import { casesOf } from '../engine/case.ts';
import { cursorCases } from './common.ts';
import { accountCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.listUserSessions', [
  {
    name: 'the newest session is listed with its person',
    given: 'accountOfUser',
    request: sessionRequest(() => ({ limit: 1 })),
    response: {
      status: 200,
      data: [{ state: 'active', current: true, actor: { id: 'person_7', name: 'Ada Lovelace' } }],
    },
    stateless: true,
  },
  ...cursorCases('accountOfUser', sessionRequest),
  ...accountCases('accountOfUser'),
]);
