import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { requiredBodyCase, rootKeyCases } from './common.ts';
import { unknownApiId } from './keys-common.ts';

const validRequest = ({ rootKey }: Fixture, keys: object[]): CaseRequest => ({
  authorization: `Bearer ${rootKey}`,
  body: { keys },
});
const notFound = { valid: false, code: 'NOT_FOUND' };
const results = (...verifications: object[]) => ({ status: 200, data: { verifications } });

export default casesOf('keys.verifyKeys', [
  {
    name: 'each key has its result in its place, with its settings',
    given: 'key',
    request: (fixture) =>
      validRequest(fixture, [
        { key: 'no_such_key' },
        { key: fixture.apiKey },
        { key: fixture.apiKey, apiId: unknownApiId },
        { key: fixture.apiKey, apiId: fixture.apiId },
      ]),
    response: results(
      notFound,
      {
        valid: true,
        code: 'VALID',
        name: 'Production',
        meta: { team: 'billing' },
        expires: 4_070_908_800_000,
        scopes: ['invoices:read'],
        ratelimit: { limit: 100, duration: 60_000, remaining: 99 },
        quota: { limit: 1_000_000, remaining: 999_999 },
      },
      notFound,
      { valid: true, code: 'VALID', ratelimit: { remaining: 98 } },
    ),
  },
  {
    name: 'a single key is enough',
    given: 'portal',
    request: (fixture) => validRequest(fixture, [{ key: 'no_such_key' }]),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a disabled key is reported as DISABLED',
    given: 'disabledKey',
    request: (fixture) => validRequest(fixture, [{ key: fixture.apiKey }]),
    response: results({ valid: false, code: 'DISABLED' }),
  },
  {
    name: 'a key of another workspace is not found',
    given: 'foreignWorkspaceKey',
    request: (fixture) => validRequest(fixture, [{ key: fixture.apiKey }]),
    response: results(notFound),
  },
  {
    name: 'each key has its own cost, scopes and address',
    given: 'keyWithRanges',
    request: (fixture) =>
      validRequest(fixture, [
        { key: fixture.apiKey, ip: '192.0.2.7', cost: 30 },
        { key: fixture.apiKey, ip: '192.0.3.7' },
        { key: fixture.apiKey, ip: '192.0.2.7', scopes: ['invoices:write'] },
        { key: fixture.apiKey, ip: '192.0.2.7', scopes: ['invoices:read'], cost: 0 },
      ]),
    response: results(
      { code: 'VALID', ratelimit: { remaining: 70 } },
      { code: 'FORBIDDEN' },
      { code: 'INSUFFICIENT_PERMISSIONS' },
      { code: 'VALID', ratelimit: { remaining: 70 } },
    ),
  },
  {
    name: 'an address that is none is refused and its place is named in the error',
    given: 'portal',
    request: (fixture) => validRequest(fixture, [{ key: 'a' }, { key: 'b', ip: '192.0.2' }]),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.keys[1].ip'] },
  },
  {
    name: '100 keys are verified',
    given: 'portal',
    request: (fixture) => validRequest(fixture, Array(100).fill({ key: 'no_such_key' })),
    response: results(...Array(100).fill(notFound)),
  },
  {
    name: 'a bad key among good ones is refused and its place is named in the error',
    given: 'portal',
    request: (fixture) =>
      validRequest(
        fixture,
        ['a', 'b', 'c', ''].map((key) => ({ key })),
      ),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: ['body.keys[3].key'] },
    stateless: true,
  },
  ...rootKeyCases(() => ({ keys: [{ key: 'no_such_key' }] }), requiredBodyCase, {
    size: '100 kB',
    bytes: 102_400,
    values: 12_000,
  }),
]);
