import { casesOf } from '../engine/case.ts';
import { optionalBodyCallerCases, sessionRequest } from './keys-common.ts';
import { fullPolicy } from './policy-common.ts';

const everything = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];

export default casesOf('portal.listApis', [
  {
    name: 'a user gets the APIs of the portal with the allowed actions',
    given: 'keyUser',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: [{ name: 'Keys', prefix: 'a_b', actions: everything, scopes: [{}, {}] }] },
    stateless: true,
  },
  {
    name: 'an API has the policy that bounds the keys of the user',
    given: 'governedKeyUser',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: [{ policy: fullPolicy }] },
  },
  {
    name: 'a missing body equals an empty object',
    given: 'keyUser',
    request: ({ token }) => ({ authorization: `Bearer ${token}` }),
    response: { status: 200, data: [{ name: 'Keys' }] },
    stateless: true,
  },
  {
    name: 'a cookie gets the same response',
    given: 'keyUser',
    request: ({ token }) => ({ cookie: token }),
    response: { status: 200, data: [{ name: 'Keys' }] },
    stateless: true,
  },
  {
    name: 'a user without key permissions gets no APIs',
    given: 'keyWithoutPermissions',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: [] },
    stateless: true,
  },
  ...optionalBodyCallerCases({}),
]);
