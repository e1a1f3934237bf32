import { casesOf } from '../engine/case.ts';
import { newId } from '../engine/ids.ts';
import { fullWorkspaceCase, idempotencyCases, nameCases, rootKeyCases } from './common.ts';
import { invalid, otherApiCase, rootKeyRequest, unknownApiId } from './keys-common.ts';

// Keys that a run creates belong to users of its own: a user may have only so many, and a target can be tested many times.
export default casesOf('keys.createKey', [
  {
    name: 'only apiId and externalId are required',
    given: 'api',
    request: rootKeyRequest(({ apiId }) => ({ apiId, externalId: newId() })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a key can have every optional field',
    given: 'api',
    request: rootKeyRequest(({ apiId }) => ({
      apiId,
      externalId: newId().padEnd(256, 'e'),
      name: 'N'.repeat(255),
      enabled: false,
      managed: true,
      expires: 4_102_444_800_000,
      meta: { text: 'x'.repeat(4085) },
      ratelimit: { limit: 1, duration: 1000 },
      byteLength: 64,
      prefix: 'sk_live',
    })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a user who is being deleted is refused',
    given: 'identityBeingDeleted',
    request: rootKeyRequest(({ apiId, externalId }) => ({ apiId, externalId })),
    response: { status: 409, error: 'unkey/data/identity_deletion_in_progress' },
  },
  ...nameCases('api', (name) => rootKeyRequest(({ apiId }) => ({ apiId, externalId: newId(), name })), 255),
  {
    name: 'an identifier that was changed on its way is refused and named in the error',
    given: 'api',
    request: rootKeyRequest(({ apiId }) => ({ apiId, externalId: 'a\ufffd' })),
    response: invalid('body.externalId'),
  },
  {
    name: 'an expiry in the past and meta over 4 kB are refused and named in the error',
    given: 'api',
    request: rootKeyRequest(({ apiId }) => ({
      apiId,
      externalId: 'user_123',
      expires: 1_000_000_000_000,
      meta: { text: 'x'.repeat(4086) },
    })),
    response: invalid('body.expires', 'body.meta'),
  },
  {
    name: 'an unknown API is not found',
    given: 'portal',
    request: rootKeyRequest(() => ({ apiId: unknownApiId, externalId: 'user_123' })),
    response: { status: 404, error: 'unkey/data/api_not_found' },
  },
  {
    name: 'a key over the limit per user and API is refused',
    given: 'keyAtLimit',
    request: rootKeyRequest(({ apiId, externalId }) => ({ apiId, externalId })),
    response: { status: 409, error: 'unkey/data/key_limit_exceeded' },
  },
  otherApiCase(({ apiId }) => ({ apiId, externalId: 'user_123' })),
  fullWorkspaceCase(rootKeyRequest(({ apiId }) => ({ apiId, externalId: 'user_123' }))),
  // A user of the API: with the same user in each run, a target would reach the limits of this user.
  ...idempotencyCases(({ apiId = unknownApiId }) => ({ apiId, externalId: `user_of_${apiId}` }), 'api'),
  ...rootKeyCases(() => ({ apiId: unknownApiId, externalId: 'user_123' })),
]);
