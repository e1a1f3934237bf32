import { casesOf } from '../engine/case.ts';
import { bySession, invalid, keyCallerCases, noApi } from './keys-common.ts';

export default casesOf('portal.listKeys', [
  {
    name: 'a user gets their keys without the secrets',
    given: 'usedKey',
    request: bySession(() => ({})),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'keys can be filtered by API, state and name',
    given: 'key',
    request: bySession(({ apiId }) => ({ apiId, enabled: true, search: 'prod', limit: 5 })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a cursor returns the next page',
    given: 'manyKeys',
    request: bySession(({ cursor }) => ({ limit: 1, cursor })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'a page has the requested length and a cursor for the next page',
    given: 'manyKeys',
    request: bySession(() => ({ limit: 1 })),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'an invalid cursor is refused',
    given: 'manyKeys',
    request: bySession(() => ({ cursor: 'Z2FyYmFnZQ.0123456789abcdef' })),
    answer: invalid('body.cursor'),
  },
  {
    name: 'a cursor of another filter is refused',
    given: 'manyKeys',
    request: bySession(({ cursor }) => ({ cursor, enabled: true })),
    answer: invalid('body.cursor'),
  },
  {
    name: 'an API that the portal does not have is not found',
    given: 'keyUser',
    request: bySession(() => ({ apiId: noApi })),
    answer: { status: 404, error: 'unkey/data/api_not_found' },
  },
  {
    name: 'a session without the permission on any API is refused',
    given: 'keyOfPowerless',
    request: bySession(() => ({})),
    answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  {
    name: 'a session without the permission on the API is refused',
    given: 'keyOfPowerless',
    request: bySession(({ apiId }) => ({ apiId })),
    answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  ...keyCallerCases({}),
]);
