import { casesOf, type Fixture } from '../engine/case.ts';
import { fullWorkspaceCase, nameCases, rootKeyCases } from './common.ts';
import { invalid } from './keys-common.ts';
import { policyCases } from './policy-common.ts';

const validRequest = (body: (fixture: Fixture) => object) => (fixture: Fixture) => ({
  authorization: `Bearer ${fixture.rootKey}`,
  body: body(fixture),
});

const withoutBounds = {
  perKey: { ratelimit: null },
  perUser: { ratelimit: null, quota: null },
  maxLifetime: null,
  scopes: null,
  ipRanges: null,
};

export default casesOf('identities.updateIdentity', [
  {
    name: 'every setting of a user can change',
    given: 'identity',
    request: validRequest(({ externalId }) => ({
      externalId,
      name: 'Acme Ltd',
      meta: { plan: 'pro' },
      policy: { perKey: { ratelimit: { limit: 10, duration: 1000 } }, perUser: { ratelimit: null }, scopes: ['a'] },
    })),
    response: { status: 200, data: { name: 'Acme Ltd', meta: { plan: 'pro' } } },
    stateless: true,
  },
  {
    name: 'every setting of a user can be cleared',
    given: 'identity',
    request: validRequest(({ externalId }) => ({ externalId, name: null, meta: null, policy: null })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'only externalId is required',
    given: 'portal',
    request: validRequest(() => ({ externalId: 'user_123' })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an identifier that was changed on its way is refused and named in the error',
    given: 'portal',
    request: validRequest(() => ({ externalId: 'a\ufffd' })),
    response: invalid('body.externalId'),
  },
  {
    name: 'meta over 4 kB is refused and named in the error',
    given: 'portal',
    request: validRequest(() => ({ externalId: 'user_123', meta: { a: 'x'.repeat(2100), b: 'x'.repeat(2100) } })),
    response: invalid('body.meta'),
  },
  {
    name: 'a policy with an unknown time zone and a broken range is refused, and both are named in the error',
    given: 'portal',
    request: validRequest(() => ({
      externalId: 'user_123',
      policy: {
        perUser: { quota: { limit: 1, period: 'day', timeZone: 'Mars/Olympus' } },
        ipRanges: { mode: 'required', ranges: ['1.2.3.4/40'] },
      },
    })),
    response: invalid('body.policy.perUser.quota.timeZone', 'body.policy.ipRanges.ranges[0]'),
  },
  {
    name: 'a user who is being deleted is refused',
    given: 'identityBeingDeleted',
    request: validRequest(({ externalId }) => ({ externalId, name: 'Late' })),
    response: { status: 409, error: 'unkey/data/identity_deletion_in_progress' },
  },
  {
    name: 'a part that is null is returned: the user has no such bound',
    given: 'identity',
    request: validRequest(({ externalId }) => ({ externalId, policy: withoutBounds })),
    response: { status: 200, data: { policy: withoutBounds } },
  },
  ...policyCases('identity', (policy) => validRequest(({ externalId }) => ({ externalId, policy }))),
  fullWorkspaceCase((fixture) => validRequest(() => ({ externalId: 'user_123', name: 'More' }))(fixture)),
  ...nameCases('portal', (name) => validRequest(() => ({ externalId: 'user_123', name })), 255),
  ...rootKeyCases(() => ({ externalId: 'user_123' })),
]);
