import { casesOf, type Facts } from '../engine/case.ts';
import { pageCases, rootKeyCases } from './common.ts';

const asked = (body: (facts: Facts) => object) => (facts: Facts) => ({
  authorization: `Bearer ${facts.rootKey}`,
  body: body(facts),
});

export default casesOf('auditLogs.listEntries', [
  {
    name: 'entries are found by resource id',
    given: 'api',
    request: asked(({ apiId }) => ({ resourceId: apiId, action: 'api.create' })),
    answer: { status: 200, data: [{ action: 'api.create', actor: { type: 'root_key' } }] },
    stateless: true,
  },
  {
    name: 'entries are found by externalId and name the user',
    given: 'auditedChanges',
    request: asked(() => ({ action: 'session.exchange', externalId: 'user_123', limit: 1 })),
    answer: { status: 200, data: [{ action: 'session.exchange', actor: { externalId: 'user_123' } }] },
    stateless: true,
  },
  {
    name: 'an update shows the values before and after',
    given: 'auditedChanges',
    request: asked(() => ({ action: 'portal.update', limit: 1 })),
    answer: { status: 200, data: [{ action: 'portal.update' }] },
    stateless: true,
  },
  {
    name: 'a filter without matches returns an empty page',
    given: 'api',
    request: asked(() => ({ actorId: 'rkid_neverWas', startTime: 1, endTime: 2, externalId: 'nobody' })),
    answer: { status: 200, data: [] },
    stateless: true,
  },
  {
    name: 'an unknown action is refused',
    given: 'portal',
    request: asked(() => ({ action: 'api.destroy' })),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.action'] },
    stateless: true,
  },
  ...pageCases('auditedChanges'),
  ...rootKeyCases(() => ({})),
]);
