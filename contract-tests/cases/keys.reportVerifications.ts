import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { newId } from '../engine/ids.ts';
import { rootKeyCases } from './common.ts';

const report = ({ rootKey }: Fixture, verifications: object[]): CaseRequest => ({
  authorization: `Bearer ${rootKey}`,
  headers: { 'Idempotency-Key': newId() },
  body: { verifications },
});
const unknown = [{ key: 'no_such_key', count: 1 }];
const success = { status: 200, data: {} };
const refused = (...locations: string[]) => ({ status: 400, error: 'unkey/application/invalid_input', locations });

export default casesOf('keys.reportVerifications', [
  {
    name: 'verifications of several keys are counted',
    given: 'key',
    request: (fixture) =>
      report(fixture, [
        { key: fixture.apiKey, count: 1 },
        { key: fixture.apiKey, count: 1_000_000 },
      ]),
    response: success,
    stateless: true,
  },
  {
    name: 'a key that does not exist is ignored',
    given: 'portal',
    request: (fixture) => report(fixture, unknown),
    response: success,
    stateless: true,
  },
  {
    name: 'a key of another workspace is ignored',
    given: 'foreignWorkspaceKey',
    request: (fixture) => report(fixture, [{ key: fixture.apiKey, count: 1 }]),
    response: success,
  },
  {
    name: 'a bad number among good ones is refused and its place is named in the error',
    given: 'portal',
    request: (fixture) =>
      report(
        fixture,
        [1, 2, 0, 3].map((count) => ({ key: 'a', count })),
      ),
    response: refused('body.verifications[2].count'),
    stateless: true,
  },
  {
    name: 'a request without an Idempotency-Key is refused and the header is named in the error',
    given: 'portal',
    request: (fixture) => ({ ...report(fixture, unknown), headers: {} }),
    response: refused('headers.idempotency-key'),
    stateless: true,
  },
  ...[21, 256].map((length) => ({
    name: `an Idempotency-Key of ${length} characters is refused`,
    given: 'portal' as const,
    request: (fixture: Fixture) => ({
      ...report(fixture, unknown),
      headers: { 'Idempotency-Key': 'x'.repeat(length) },
    }),
    response: refused('headers.idempotency-key'),
    notOnMock: 'Prism does not check this, and a forced example would prove nothing',
  })),
  ...rootKeyCases(() => ({ verifications: unknown })).map(({ request, ...row }) => ({
    ...row,
    request: (fixture: Fixture): CaseRequest => {
      const { headers, ...rest } = request(fixture);
      return { ...rest, headers: { 'Idempotency-Key': newId(), ...headers } };
    },
  })),
]);
