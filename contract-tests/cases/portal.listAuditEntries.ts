import { casesOf } from '../engine/case.ts';
import { optionalBodyCase } from './common.ts';
import { invalid, optionalBodyCallerCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.listAuditEntries', [
  {
    name: 'the newest entry is the exchange of the session',
    given: 'auditedAccount',
    request: sessionRequest(() => ({ limit: 1 })),
    response: { status: 200, data: [{ action: 'session.exchange', actor: { type: 'user' } }] },
    stateless: true,
  },
  {
    name: 'a cursor of another filter is refused',
    given: 'auditedAccount',
    request: sessionRequest(({ cursor }) => ({ cursor, startTime: 1 })),
    response: invalid('body.cursor'),
  },
  {
    name: 'a page has the requested length and a cursor for the next page',
    given: 'auditedAccount',
    request: sessionRequest(() => ({ limit: 1 })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cursor returns the next page',
    given: 'auditedAccount',
    request: sessionRequest(({ cursor }) => ({ limit: 1, cursor })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an invalid cursor is refused',
    given: 'auditedAccount',
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
    'auditedAccount',
    sessionRequest(() => undefined),
  ),
  ...optionalBodyCallerCases({}),
]);
