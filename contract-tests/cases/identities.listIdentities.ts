import { casesOf, type Fixture } from '../engine/case.ts';
import { optionalBodyCase, pageCases, rootKeyCases } from './common.ts';
import { fullPolicy } from './policy-common.ts';

const validRequest = (body: (fixture: Fixture) => object) => (fixture: Fixture) => ({
  authorization: `Bearer ${fixture.rootKey}`,
  body: body(fixture),
});

export default casesOf('identities.listIdentities', [
  {
    name: 'users are found by name',
    given: 'identity',
    request: validRequest(() => ({ search: 'ACME' })),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a user who is found has every setting',
    given: 'identity',
    request: validRequest(({ externalId }) => ({ search: externalId })),
    response: { status: 200, data: [{ name: 'Acme Ltd', meta: { plan: 'pro' }, policy: fullPolicy }] },
    notOnMock: 'Prism returns the example',
  },
  {
    name: 'a search without matches returns an empty page',
    given: 'portal',
    request: validRequest(() => ({ search: 'nobody is called like this' })),
    response: { status: 200, data: [] },
    notOnMock: 'Prism returns the example',
  },
  {
    name: 'a cursor of another search is refused',
    given: 'manyIdentities',
    request: validRequest(({ cursor }) => ({ cursor, search: 'acme' })),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.cursor'] },
  },
  ...pageCases('manyIdentities'),
  ...rootKeyCases(() => ({}), optionalBodyCase),
]);
