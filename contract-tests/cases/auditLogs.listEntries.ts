import { casesOf, type Fixture } from '../engine/case.ts';
import { optionalBodyCase, pageCases, rootKeyCases } from './common.ts';

const validRequest = (body: (fixture: Fixture) => object) => (fixture: Fixture) => ({
  authorization: `Bearer ${fixture.rootKey}`,
  body: body(fixture),
});

export default casesOf('auditLogs.listEntries', [
  {
    name: 'entries are found by resource id',
    given: 'api',
    request: validRequest(({ apiId }) => ({ resourceId: apiId, action: 'api.create' })),
    response: { status: 200, data: [{ action: 'api.create', actor: { type: 'root_key' } }] },
    stateless: true,
  },
  {
    name: 'entries are found by externalId and name the user',
    given: 'auditedChanges',
    request: validRequest(() => ({ action: 'session.exchange', externalId: 'user_123', limit: 1 })),
    response: { status: 200, data: [{ action: 'session.exchange', actor: { externalId: 'user_123' } }] },
    stateless: true,
  },
  {
    name: 'an update shows the values before and after',
    given: 'auditedChanges',
    request: validRequest(() => ({ action: 'portal.update', limit: 1 })),
    response: { status: 200, data: [{ action: 'portal.update' }] },
    stateless: true,
  },
  {
    name: 'a filter without matches returns an empty page',
    given: 'api',
    request: validRequest(() => ({ actorId: 'rkid_neverWas', startTime: 1, endTime: 2, externalId: 'nobody' })),
    response: { status: 200, data: [] },
    stateless: true,
  },
  {
    name: 'an unknown action is refused',
    given: 'portal',
    request: validRequest(() => ({ action: 'api.destroy' })),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.action'] },
    stateless: true,
  },
  ...pageCases('auditedChanges'),
  ...rootKeyCases(() => ({}), optionalBodyCase),
]);
