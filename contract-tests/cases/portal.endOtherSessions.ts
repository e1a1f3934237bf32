import { casesOf } from '../engine/case.ts';
import { optionalBodyCase } from './common.ts';
import { optionalBodyCallerCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.endOtherSessions', [
  {
    name: 'the other sessions of the user are ended',
    given: 'accountOfUser',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: {} },
    stateless: true,
  },
  {
    name: 'with all, the cookie is cleared',
    given: 'accountOfUser',
    request: sessionRequest(() => ({ all: true })),
    response: { status: 200, headers: { 'set-cookie': /portal_session=;/ } },
    stateless: true,
  },
  {
    name: 'a session without the permission is refused',
    given: 'browserSession',
    request: sessionRequest(() => ({})),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  optionalBodyCase(
    'accountOfUser',
    sessionRequest(() => undefined),
  ),
  ...optionalBodyCallerCases({}),
]);
