import { casesOf, type Fixture } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const validRequest = (body: (fixture: Fixture) => object) => (fixture: Fixture) => ({
  authorization: `Bearer ${fixture.rootKey}`,
  body: body(fixture),
});

export default casesOf('identities.deleteIdentity', [
  {
    name: 'a user is deleted, and the id stays',
    given: 'identity',
    request: validRequest(({ externalId }) => ({ externalId })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'an unknown user is not found',
    given: 'portal',
    request: validRequest(() => ({ externalId: 'never-was' })),
    response: { status: 404, error: 'unkey/data/identity_not_found' },
  },
  ...rootKeyCases(() => ({ externalId: 'never-was' })),
]);
