import { casesOf, type Facts } from '../engine/case.ts';
import { pageCases, rootKeyCases } from './common.ts';

const asked = (body: (facts: Facts) => object) => (facts: Facts) => ({
  authorization: `Bearer ${facts.rootKey}`,
  body: body(facts),
});

export default casesOf('portal.listSessions', [
  {
    name: 'sessions are listed by user',
    given: 'sessionsOfUser',
    request: asked(({ externalId }) => ({ externalId })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'sessions are listed by user and portal',
    given: 'sessionsOfUser',
    request: asked(({ externalId, slug }) => ({ externalId, slug: slug || 'my-portal' })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a session is found by its handle',
    given: 'sessionsOfUser',
    request: asked(({ handle }) => ({ handle })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a request without a user, a portal or a handle is refused',
    given: 'portal',
    request: asked(() => ({ limit: 1 })),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
  },
  {
    name: 'a malformed handle is refused',
    given: 'portal',
    request: asked(() => ({ handle: 'pst_nonsense' })),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.handle'] },
    stateless: true,
  },
  ...pageCases('sessionsOfUser', ({ externalId }) => ({ externalId })),
  ...rootKeyCases(() => ({ externalId: 'user_123' })),
]);
