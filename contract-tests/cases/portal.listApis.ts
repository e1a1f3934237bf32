import { casesOf } from '../engine/case.ts';
import { bySession, optionalBodyCallerCases } from './keys-common.ts';

const everything = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];

export default casesOf('portal.listApis', [
  {
    name: 'a user sees the APIs of the portal, with what they may do in each',
    given: 'keyUser',
    request: bySession(() => ({})),
    answer: { status: 200, data: [{ name: 'Keys', prefix: 'a_b', actions: everything }] },
    stateless: true,
  },
  {
    name: 'no body is as good as an empty object',
    given: 'keyUser',
    request: ({ token }) => ({ authorization: `Bearer ${token}` }),
    answer: { status: 200, data: [{ name: 'Keys' }] },
    stateless: true,
  },
  {
    name: 'a cookie sees the same',
    given: 'keyUser',
    request: ({ token }) => ({ cookie: token }),
    answer: { status: 200, data: [{ name: 'Keys' }] },
    stateless: true,
  },
  {
    name: 'a user who may do nothing with keys sees no API',
    given: 'keyOfPowerless',
    request: bySession(() => ({})),
    answer: { status: 200, data: [] },
    stateless: true,
  },
  ...optionalBodyCallerCases({}),
]);
