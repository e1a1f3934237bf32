import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { fullWorkspaceCase, idempotencyCases, nameCases, rootKeyCases, typedName } from './common.ts';
import { policyCases } from './policy-common.ts';
import { scopeSourceCases } from './scope-common.ts';

const validRequest =
  (over: Record<string, unknown> = {}) =>
  ({ rootKey }: Fixture): CaseRequest => ({ authorization: `Bearer ${rootKey}`, body: { name: 'Payments', ...over } });

export default casesOf('apis.createApi', [
  {
    name: 'only a name is required',
    given: 'portal',
    request: validRequest(),
    response: { status: 200, data: { name: 'Payments' } },
    stateless: true,
  },
  {
    name: 'an API can set a prefix for its keys',
    given: 'portal',
    request: validRequest({ prefix: 'pay_live' }),
    response: { status: 200, data: { prefix: 'pay_live' } },
    stateless: true,
  },
  ...['', 'pay_', '_pay', 'pay live', 'x'.repeat(17)].map((prefix) => ({
    name: `the prefix "${prefix}" is refused`,
    given: 'portal' as const,
    request: validRequest({ prefix }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.prefix'] },
    stateless: true as const,
  })),
  {
    name: 'a name of 129 characters is refused',
    given: 'portal',
    request: validRequest({ name: 'x'.repeat(129) }),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.name'] },
    stateless: true,
  },
  {
    name: 'a name is stored in Unicode form C, without white space at its ends',
    given: 'portal',
    request: validRequest({ name: typedName.sent }),
    response: { status: 200, data: { name: typedName.stored } },
  },
  ...nameCases('portal', (name) => validRequest({ name }), 128),
  ...policyCases('portal', (policy) => validRequest({ policy })),
  ...scopeSourceCases((scopeSource) => validRequest({ scopeSource })),
  fullWorkspaceCase(validRequest()),
  ...idempotencyCases((fixture) => validRequest({ prefix: 'another' })(fixture).body),
  ...rootKeyCases((fixture) => validRequest()(fixture).body),
]);
