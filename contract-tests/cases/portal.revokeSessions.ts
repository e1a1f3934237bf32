import { casesOf, type Facts } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const asked = (body: (facts: Facts) => object) => (facts: Facts) => ({
  authorization: `Bearer ${facts.rootKey}`,
  body: body(facts),
});

export default casesOf('portal.revokeSessions', [
  {
    name: 'all sessions of a user are ended',
    given: 'sessionsOfUser',
    request: asked(({ externalId }) => ({ externalId })),
    answer: { status: 200, data: { revoked: 2 } },
    stateless: true,
  },
  {
    name: 'the sessions of a user in a portal are ended',
    given: 'sessionsOfUser',
    request: asked(({ externalId, slug }) => ({ externalId, slug: slug || 'my-portal' })),
    answer: { status: 200, data: { revoked: 2 } },
    stateless: true,
  },
  {
    name: 'one session is ended by its handle',
    given: 'sessionsOfUser',
    request: asked(({ handle }) => ({ handle })),
    answer: { status: 200, data: { revoked: 1 } },
    stateless: true,
  },
  ...[
    ['an unknown handle', { handle: 'sess_neverWas0000000000' }],
    ['an unknown user', { externalId: 'nobody' }],
    ['an unknown portal', { slug: 'no-such-portal' }],
  ].map(([what, body]) => ({
    name: `${what} revokes nothing and returns no error`,
    given: 'portal' as const,
    request: asked(() => body as object),
    answer: { status: 200, data: { revoked: 0 } },
    stateless: true as const,
  })),
  {
    name: 'a request without a user, a portal or a handle is refused',
    given: 'portal',
    request: asked(() => ({})),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body'] },
  },
  ...rootKeyCases(() => ({ externalId: 'user_123' })),
]);
