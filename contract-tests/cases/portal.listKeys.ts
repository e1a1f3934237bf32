import { casesOf } from '../engine/case.ts';
import { cursorCases, optionalBodyCase } from './common.ts';
import { invalid, optionalBodyCallerCases, sessionRequest, unknownApiId } from './keys-common.ts';

export default casesOf('portal.listKeys', [
  {
    name: 'a user gets their keys without the secrets',
    given: 'usedKey',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: [{ usage: { total: 1 } }] },
    stateless: true,
  },
  {
    name: 'keys can be filtered by API, state and name, and sorted',
    given: 'key',
    request: sessionRequest(({ apiId }) => ({
      ...{ apiId, enabled: true, state: 'active', sort: 'name', search: 'prod', limit: 5 },
    })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a key and the one that has replaced it name each other',
    given: 'rerolledKey',
    request: sessionRequest(() => ({})),
    response: { status: 200 },
    stateless: true,
  },
  ...cursorCases('manyKeys', sessionRequest),
  {
    name: 'a cursor of another filter is refused',
    given: 'manyKeys',
    request: sessionRequest(({ cursor }) => ({ cursor, enabled: true })),
    response: invalid('body.cursor'),
  },
  {
    name: 'a cursor of another order is refused',
    given: 'manyKeys',
    request: sessionRequest(({ cursor }) => ({ cursor, sort: 'name' })),
    response: invalid('body.cursor'),
  },
  {
    name: 'an API that the portal does not have is not found',
    given: 'keyUser',
    request: sessionRequest(() => ({ apiId: unknownApiId })),
    response: { status: 404, error: 'unkey/data/api_not_found' },
  },
  {
    name: 'a session without the permission on any API is refused',
    given: 'keyWithoutPermissions',
    request: sessionRequest(() => ({})),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  {
    name: 'a session without the permission on the API is refused',
    given: 'keyWithoutPermissions',
    request: sessionRequest(({ apiId }) => ({ apiId })),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  optionalBodyCase(
    'usedKey',
    sessionRequest(() => undefined),
  ),
  ...optionalBodyCallerCases({}),
]);
