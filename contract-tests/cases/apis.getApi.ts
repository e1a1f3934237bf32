import { casesOf, type Facts } from '../engine/case.ts';
import { rootKeyCases } from './common.ts';

const unknown = 'api_neverWas000000000000';
const asked =
  (apiId: string) =>
  ({ rootKey }: Facts) => ({ authorization: `Bearer ${rootKey}`, body: { apiId } });

export default casesOf('apis.getApi', [
  {
    name: 'an API is found by its id',
    given: 'api',
    request: (facts) => asked(String(facts.apiId))(facts),
    answer: { status: 200 },
    stateless: true,
  },
  {
    name: 'an API that is not there is not found',
    given: 'portal',
    request: asked(unknown),
    answer: { status: 404, error: 'unkey/data/api_not_found' },
  },
  {
    name: 'what has not the form of an id is refused',
    given: 'portal',
    request: asked('payments'),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.apiId'] },
    stateless: true,
  },
  ...rootKeyCases(() => ({ apiId: unknown })),
]);
