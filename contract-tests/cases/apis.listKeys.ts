import { casesOf } from '../engine/case.ts';
import { pageCases, rootKeyCases } from './common.ts';
import { invalid, otherApiCase, rootKeyRequest, unknownApiId } from './keys-common.ts';

export default casesOf('apis.listKeys', [
  {
    name: 'the keys of an API are listed with their users and without the secrets',
    given: 'usedKey',
    request: rootKeyRequest(({ apiId }) => ({ apiId })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'keys can be filtered by user, name and state',
    given: 'managedKey',
    request: rootKeyRequest(({ apiId, externalId }) => ({ apiId, externalId, search: 'prod', state: 'enabled' })),
    response: { status: 200, data: [{ name: 'Production' }] },
    stateless: true,
  },
  {
    name: 'a filter that no key matches returns an empty page',
    given: 'key',
    request: rootKeyRequest(({ apiId, externalId }) => ({ apiId, externalId, state: 'expired' })),
    response: { status: 200, data: [] },
    notOnMock: 'Prism returns the example, which has a key',
  },
  {
    name: 'an unknown state is refused and named in the error',
    given: 'api',
    request: rootKeyRequest(({ apiId }) => ({ apiId, state: 'gone' })),
    response: invalid('body.state'),
    stateless: true,
  },
  {
    name: 'a cursor of another filter is refused',
    given: 'manyKeysOfApi',
    request: rootKeyRequest(({ apiId, cursor }) => ({ apiId, cursor, state: 'enabled' })),
    response: invalid('body.cursor'),
  },
  {
    name: 'an unknown API is not found',
    given: 'portal',
    request: rootKeyRequest(() => ({ apiId: unknownApiId })),
    response: { status: 404, error: 'unkey/data/api_not_found' },
  },
  otherApiCase(({ apiId }) => ({ apiId })),
  ...pageCases('manyKeysOfApi', ({ apiId }) => ({ apiId })),
  ...rootKeyCases(() => ({ apiId: unknownApiId })),
]);
