import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { fullWorkspaceCase, nameCases, rootKeyCases, typedName } from './common.ts';
import { unknownApiId } from './keys-common.ts';
import { fullPolicy, policyCases } from './policy-common.ts';

/** An update of the state's API. */
const validRequest =
  (changes: Record<string, unknown> = {}) =>
  ({ rootKey, apiId }: Fixture): CaseRequest => ({
    authorization: `Bearer ${rootKey}`,
    body: { apiId: apiId || unknownApiId, ...changes },
  });

export default casesOf('apis.updateApi', [
  {
    name: 'a name changes, and the rest stays unchanged',
    given: 'api',
    request: validRequest({ name: 'Invoices' }),
    response: { status: 200, data: { name: 'Invoices', prefix: 'acme' } },
    stateless: true,
  },
  {
    name: 'null clears the policy',
    given: 'governedApi',
    request: validRequest({ policy: null }),
    response: { status: 200, data: { name: 'Payments' } },
    stateless: true,
  },
  {
    name: 'a policy stays when only the name changes',
    given: 'governedApi',
    request: validRequest({ name: 'Invoices' }),
    response: { status: 200, data: { name: 'Invoices', policy: fullPolicy } },
  },
  {
    name: 'a name is stored in Unicode form C, without white space at its ends',
    given: 'api',
    request: validRequest({ name: typedName.sent }),
    response: { status: 200, data: { name: typedName.stored } },
  },
  ...nameCases('api', (name) => validRequest({ name }), 128),
  ...policyCases('api', (policy) => validRequest({ policy })),
  {
    name: 'the prefix cannot change',
    given: 'api',
    request: validRequest({ prefix: 'other' }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.prefix'] },
    stateless: true,
  },
  {
    name: 'an unknown API is not found',
    given: 'portal',
    request: validRequest({ name: 'Invoices' }),
    response: { status: 404, error: 'unkey/data/api_not_found' },
  },
  fullWorkspaceCase(validRequest({ name: 'A longer name than before' })),
  ...rootKeyCases(() => ({ apiId: unknownApiId })),
]);
