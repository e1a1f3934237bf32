import { casesOf, type Facts } from '../engine/case.ts';
import { pageCases, rootKeyCases } from './common.ts';

const asked = (body: (facts: Facts) => object) => (facts: Facts) => ({
  authorization: `Bearer ${facts.rootKey}`,
  body: body(facts),
});

export default casesOf('auditLogs.listEntries', [
  {
    name: 'what was done to one thing is found by its id',
    given: 'api',
    request: asked(({ apiId }) => ({ resourceId: apiId, action: 'api.create' })),
    answer: { status: 200, data: [{ action: 'api.create', actor: { type: 'root_key' } }] },
    stateless: true,
  },
  {
    name: 'what a user did is found by their externalId, and says who they are',
    given: 'auditedChanges',
    request: asked(() => ({ action: 'session.exchange', externalId: 'user_123', limit: 1 })),
    answer: { status: 200, data: [{ action: 'session.exchange', actor: { externalId: 'user_123' } }] },
    stateless: true,
  },
  {
    name: 'a change says what was before it and what after',
    given: 'auditedChanges',
    request: asked(() => ({ action: 'portal.update', limit: 1 })),
    answer: { status: 200, data: [{ action: 'portal.update' }] },
    stateless: true,
  },
  {
    name: 'what no entry fits is an empty page',
    given: 'api',
    request: asked(() => ({ actorId: 'rkid_neverWas', startTime: 1, endTime: 2, externalId: 'nobody' })),
    answer: { status: 200, data: [] },
    stateless: true,
  },
  {
    name: 'an action that there is not is refused',
    given: 'portal',
    request: asked(() => ({ action: 'api.destroy' })),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.action'] },
    stateless: true,
  },
  ...pageCases('auditedChanges'),
  ...rootKeyCases(() => ({})),
]);
