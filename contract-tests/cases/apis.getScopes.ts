import { casesOf } from '../engine/case.ts';
import { apiCases } from './common.ts';

export default casesOf('apis.getScopes', [
  {
    name: 'nothing is gone as long as no key carries it, and scopes of a list have no operations',
    given: 'api',
    request: ({ rootKey, apiId }) => ({ authorization: `Bearer ${rootKey}`, body: { apiId } }),
    response: { status: 200, data: { gone: [], operations: [] } },
  },
  ...apiCases('the scopes of an API are found by its id'),
]);
