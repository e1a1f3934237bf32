import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { bodyCases, portalSessionCases, storeCases } from './common.ts';

const validRequest = ({ token }: Fixture): CaseRequest => ({ authorization: `Bearer ${token}` });
const cleared = /^(__Host-)?portal_session=;.*(Expires=Thu, 01 Jan 1970 00:00:00 GMT|Max-Age=0)/i;

export default casesOf('portal.endSession', [
  {
    name: 'a bearer token logs out',
    given: 'browserSession',
    request: validRequest,
    response: { status: 200, data: {}, headers: { 'Set-Cookie': cleared } },
    stateless: true,
  },
  {
    name: 'a cookie logs out',
    given: 'browserSession',
    request: ({ token }) => ({ cookie: token }),
    response: { status: 200, headers: { 'Set-Cookie': cleared } },
    stateless: true,
  },
  ...portalSessionCases(),
  ...bodyCases('browserSession', validRequest),
  ...storeCases(validRequest),
]);
