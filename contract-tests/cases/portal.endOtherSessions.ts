import { casesOf } from '../engine/case.ts';
import { accountCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.endOtherSessions', [
  {
    name: 'the other sessions of the user are ended',
    given: 'accountOfUser',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: {} },
    stateless: true,
  },
  {
    name: 'with all, all sessions of the user are ended',
    given: 'accountOfUser',
    request: sessionRequest(() => ({ all: true })),
    response: { status: 200, headers: { 'Set-Cookie': /portal_session=;/ } },
    stateless: true,
  },
  ...accountCases('accountOfUser'),
]);
