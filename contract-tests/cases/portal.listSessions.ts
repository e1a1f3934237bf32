import { casesOf, type Fixture } from '../engine/case.ts';
import { pageCases, rootKeyCases } from './common.ts';

const validRequest = (body: (fixture: Fixture) => object) => (fixture: Fixture) => ({
  authorization: `Bearer ${fixture.rootKey}`,
  body: body(fixture),
});

export default casesOf('portal.listSessions', [
  {
    name: 'sessions are listed by user',
    given: 'sessionsOfUser',
    request: validRequest(({ externalId }) => ({ externalId })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'sessions are listed by user and portal',
    given: 'sessionsOfUser',
    request: validRequest(({ externalId, slug }) => ({ externalId, slug: slug || 'my-portal' })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a session is found by its handle',
    given: 'sessionsOfUser',
    request: validRequest(({ handle }) => ({ handle })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a request without a user, a portal or a handle is refused',
    given: 'portal',
    request: validRequest(() => ({ limit: 1 })),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
  },
  {
    name: 'a malformed handle is refused',
    given: 'portal',
    request: validRequest(() => ({ handle: 'pst_nonsense' })),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.handle'] },
    stateless: true,
  },
  ...pageCases('sessionsOfUser', ({ externalId }) => ({ externalId })),
  ...rootKeyCases(() => ({ externalId: 'user_123' })),
]);
