import { expect } from 'expect';
import { casesOf } from '../engine/case.ts';
import { cursorCases } from './common.ts';
import { accountCases, invalid, sessionRequest } from './keys-common.ts';

export default casesOf('portal.listAuditEntries', [
  {
    name: 'the newest entry is the exchange of the session',
    given: 'auditedAccount',
    request: sessionRequest(() => ({ limit: 1 })),
    response: { status: 200, data: [{ action: 'session.exchange', actor: { type: 'user' } }] },
    stateless: true,
  },
  {
    name: 'an entry says from where the user has called, and with which program',
    given: 'auditedAccount',
    request: sessionRequest(() => ({ limit: 1 })),
    response: { status: 200, data: [{ ip: expect.any(String), userAgent: expect.any(String) }] },
    notOnMock: 'Prism returns the example',
  },
  {
    name: 'a cursor of another filter is refused',
    given: 'auditedAccount',
    request: sessionRequest(({ cursor }) => ({ cursor, startTime: 1 })),
    response: invalid('body.cursor'),
  },
  ...cursorCases('auditedAccount', sessionRequest),
  ...accountCases('auditedAccount'),
]);
