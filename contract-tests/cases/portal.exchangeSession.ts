import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { bodyCases, limitCase, requiredBodyCase, storeCases } from './common.ts';

const exchange = ({ sessionId }: Fixture): CaseRequest => ({ body: { sessionId: sessionId || 'pst_any' } });
const notFound = { status: 401, error: 'unkey/authentication/portal_session_not_found' };

export default casesOf('portal.exchangeSession', [
  {
    name: 'a session is exchanged',
    given: 'session',
    request: exchange,
    response: {
      status: 200,
      headers: {
        'Set-Cookie': /^(?=.*; HttpOnly(;|$))(?=.*; SameSite=Lax(;|$))(?=.*; Path=\/(;|$))(?=.*; Max-Age=86400(;|$))/i,
      },
    },
    stateless: true,
  },
  {
    name: 'a link signs in the user it was created for, even if another user is signed in',
    given: 'session',
    request: (fixture) => ({ ...exchange(fixture), cookie: 'ps_someoneElseSomeoneElseSomeoneElse' }),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a link for another user asks before it replaces the active session of a browser',
    given: 'sessionOfAnotherUser',
    request: (fixture) => ({
      ...exchange(fixture),
      cookie: fixture.token || 'ps_any',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
    }),
    response: { status: 409, error: 'unkey/authentication/other_user_signed_in' },
  },
  {
    name: 'a used session id is refused',
    given: 'usedSession',
    request: exchange,
    response: notFound,
  },
  { name: 'an expired session id is refused', given: 'expiredSession', request: exchange, response: notFound },
  {
    name: 'an unknown session id is refused',
    given: 'nothing',
    request: () => ({ body: { sessionId: 'pst_unknownUnknownUnknownUnknownUnknown' } }),
    response: notFound,
  },
  {
    name: 'a malformed session id is refused like an unknown one',
    given: 'nothing',
    request: () => ({ body: { sessionId: '{ws_x}:*\r\nFLUSHALL' } }),
    response: notFound,
  },
  {
    name: 'a browser session token is not a session id',
    given: 'browserSession',
    request: ({ token }) => ({ body: { sessionId: token || 'ps_any' } }),
    response: notFound,
  },
  {
    name: 'a session of a disabled portal is refused',
    given: 'sessionOfDisabledPortal',
    request: exchange,
    response: { status: 403, error: 'unkey/authorization/forbidden' },
  },
  {
    name: 'a session of a disabled workspace is refused',
    given: 'sessionOfDisabledWorkspace',
    request: exchange,
    response: { status: 403, error: 'unkey/authorization/workspace_disabled' },
  },
  {
    name: 'a session of a portal with another host is refused',
    given: 'sessionOfOtherHost',
    request: exchange,
    response: { status: 403, error: 'unkey/authorization/wrong_host' },
  },
  {
    name: 'a page of an origin that no portal allows is refused',
    given: 'session',
    request: (fixture) => ({
      ...exchange(fixture),
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    }),
    response: { status: 403, error: 'unkey/authorization/foreign_origin' },
  },
  {
    name: 'a missing session id is named in the error',
    given: 'nothing',
    request: () => ({ body: {} }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.sessionId'] },
    stateless: true,
  },
  {
    name: 'an empty session id is refused',
    given: 'nothing',
    request: () => ({ body: { sessionId: '' } }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.sessionId'] },
    stateless: true,
  },
  {
    name: 'an empty body is refused',
    given: 'nothing',
    request: () => ({}),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
    stateless: true,
  },
  {
    name: 'an Idempotency-Key that can be guessed is refused',
    given: 'session',
    request: (fixture) => ({ ...exchange(fixture), headers: { 'Idempotency-Key': 'once-more' } }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['headers.idempotency-key'] },
    notOnMock: 'Prism does not check this header, and a forced example would prove nothing',
  },
  {
    name: 'an Idempotency-Key that is too long is refused',
    given: 'session',
    request: (fixture) => ({ ...exchange(fixture), headers: { 'Idempotency-Key': 'x'.repeat(256) } }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['headers.idempotency-key'] },
    notOnMock: 'Prism does not check this header, and a forced example would prove nothing',
  },
  limitCase(() => ({ body: { sessionId: 'pst_unknownUnknownUnknownUnknownUnknown' } })),
  ...bodyCases('nothing', () => ({})),
  requiredBodyCase('nothing', () => ({})),
  ...storeCases(exchange),
]);
