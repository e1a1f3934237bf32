import { casesOf } from '../engine/case.ts';
import { optionalBodyCase } from './common.ts';
import { invalid, optionalBodyCallerCases, sessionRequest } from './keys-common.ts';

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
  {
    name: 'a page has the requested length and a cursor for the next page',
    given: 'accountOfUser',
    request: sessionRequest(() => ({ limit: 1 })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cursor returns the next page',
    given: 'accountOfUser',
    request: sessionRequest(({ cursor }) => ({ limit: 1, cursor })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an invalid cursor is refused',
    given: 'accountOfUser',
    request: sessionRequest(() => ({ cursor: 'Z2FyYmFnZQ.0123456789abcdef' })),
    response: invalid('body.cursor'),
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
