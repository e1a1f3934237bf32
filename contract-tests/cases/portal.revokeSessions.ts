import { casesOf, type Fixture } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const validRequest = (body: (fixture: Fixture) => object) => (fixture: Fixture) => ({
  authorization: `Bearer ${fixture.rootKey}`,
  body: body(fixture),
});

export default casesOf('portal.revokeSessions', [
  {
    name: 'all sessions of a user are ended',
    given: 'sessionsOfUser',
    request: validRequest(({ externalId }) => ({ externalId })),
    response: { status: 200, data: { revoked: 2 } },
    stateless: true,
  },
  {
    name: 'the sessions of a user in a portal are ended',
    given: 'sessionsOfUser',
    request: validRequest(({ externalId, slug }) => ({ externalId, slug: slug || 'my-portal' })),
    response: { status: 200, data: { revoked: 2 } },
    stateless: true,
  },
  {
    name: 'one session is ended by its handle',
    given: 'sessionsOfUser',
    request: validRequest(({ handle }) => ({ handle })),
    response: { status: 200, data: { revoked: 1 } },
    stateless: true,
  },
  ...[
    ['an unknown handle', { handle: 'sess_neverWas0000000000' }],
    ['an unknown user', { externalId: 'nobody' }],
    ['an unknown portal', { slug: 'no-such-portal' }],
  ].map(([what, body]) => ({
    name: `${what} revokes nothing and returns no error`,
    given: 'portal' as const,
    request: validRequest(() => body as object),
    response: { status: 200, data: { revoked: 0 } },
    stateless: true as const,
  })),
  {
    name: 'a request without a user, a portal or a handle is refused',
    given: 'portal',
    request: validRequest(() => ({})),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
  },
  ...rootKeyCases(() => ({ externalId: 'user_123' })),
]);
