import { type CaseRequest, casesOf, type Facts } from '../engine/case.ts';
import { idempotencyCases, rootKeyCases } from './common.ts';

const asked =
  (over: Record<string, unknown> = {}) =>
  ({ rootKey }: Facts): CaseRequest => ({ authorization: `Bearer ${rootKey}`, body: { name: 'Payments', ...over } });

export default casesOf('apis.createApi', [
  {
    name: 'only a name is required',
    given: 'portal',
    request: asked(),
    answer: { status: 200, data: { name: 'Payments' } },
    stateless: true,
  },
  {
    name: 'an API can set a prefix for its keys',
    given: 'portal',
    request: asked({ prefix: 'pay_live' }),
    answer: { status: 200, data: { prefix: 'pay_live' } },
    stateless: true,
  },
  ...['', 'pay_', '_pay', 'pay live', 'x'.repeat(17)].map((prefix) => ({
    name: `the prefix "${prefix}" is refused`,
    given: 'portal' as const,
    request: asked({ prefix }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.prefix'] },
    stateless: true as const,
  })),
  {
    name: 'a name of 129 characters is refused',
    given: 'portal',
    request: asked({ name: 'x'.repeat(129) }),
    answer: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.name'] },
    stateless: true,
  },
  ...idempotencyCases((facts) => asked({ prefix: 'another' })(facts).body),
  ...rootKeyCases((facts) => asked()(facts).body),
]);
