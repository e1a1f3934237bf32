import { hash as sha } from 'node:crypto';
import { expect } from 'expect';
import { casesOf, type Fixture } from '../engine/case.ts';
import { newId } from '../engine/ids.ts';
import { requiredBodyCase, rootKeyCases } from './common.ts';
import { invalid, otherApiCase, rootKeyRequest, unknownApiId } from './keys-common.ts';

const sha256 = (text: string) => sha('sha256', text, 'base64');
const hash = '00'.repeat(32);
const one = { hash, start: 'sk_live_', externalId: 'user_123' };
/** A valid key to import, with other fields. `imports` adds its user. */
const key = (over: object = {}) => ({ hash, start: one.start, ...over });
/** Imports keys of one new user, unless they name another: a user may have only so many, and a target can be tested many times. */
const imports = (keys: (fixture: Fixture) => object[]) =>
  rootKeyRequest((fixture) => {
    const externalId = newId();
    return { apiId: fixture.apiId, keys: keys(fixture).map((each) => ({ externalId, ...each })) };
  });
const results = (...keys: object[]) => ({ status: 200, data: { keys } });
const failed = (location: string) => ({ status: 'failed', error: { location, fix: expect.any(String) } });

export default casesOf('keys.importKeys', [
  {
    name: 'a key is imported with only its hash, its start and its user',
    given: 'keyToImport',
    request: imports((fixture) => [key({ hash: fixture.hash })]),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a key can have every optional field',
    given: 'keyToImport',
    request: imports((fixture) => [
      key({
        hash: fixture.hash,
        name: 'Production',
        enabled: false,
        managed: true,
        expires: 4_102_444_800_000,
        meta: { team: 'billing' },
        ratelimit: { limit: 1, duration: 1000 },
      }),
    ]),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'each key has its own result in its place',
    given: 'keyToImport',
    request: imports((fixture) => [
      key({ hash: fixture.hash, expires: 1 }),
      key({ hash: fixture.hash, start: fixture.apiKey?.slice(0, 8) }),
      key({ hash: Buffer.from(String(fixture.hash), 'base64').toString('hex') }),
      key({ hash: fixture.hash, name: ' ' }),
      key({ hash: fixture.hash, externalId: 'a\ufffd' }),
      key({ hash: fixture.hash, meta: { text: 'x'.repeat(4096) } }),
    ]),
    response: results(
      failed('body.keys[0].expires'),
      { status: 'created' },
      { status: 'exists' },
      failed('body.keys[3].name'),
      failed('body.keys[4].externalId'),
      failed('body.keys[5].meta'),
    ),
    notOnMock: 'Prism returns the example',
  },
  {
    name: 'a key of another user is not imported',
    given: 'keyToImport',
    request: imports((fixture) => [key({ hash: fixture.hash }), key({ hash: fixture.hash, externalId: 'user_456' })]),
    response: results({ status: 'created' }, failed('body.keys[1].hash')),
    notOnMock: 'Prism returns the example',
  },
  {
    name: 'a start that is the whole key is not imported',
    given: 'api',
    request: imports(() => [key({ hash: sha256('the_whole_key'), start: 'the_whole_key' })]),
    response: results(failed('body.keys[0].start')),
    notOnMock: 'Prism returns the example',
  },
  ...['', 'zz'.repeat(32), '00'.repeat(31), 'A'.repeat(42)].map((bad) => ({
    name: `the hash "${bad.slice(0, 8)}" of ${bad.length} characters is refused and its place is named in the error`,
    given: 'portal' as const,
    request: rootKeyRequest(() => ({ apiId: unknownApiId, keys: [one, { ...one, hash: bad }] })),
    response: invalid('body.keys[1].hash'),
    stateless: true as const,
  })),
  {
    name: 'no keys are refused',
    given: 'portal',
    request: rootKeyRequest(() => ({ apiId: unknownApiId, keys: [] })),
    response: invalid('body.keys'),
    stateless: true,
  },
  {
    name: '501 keys are refused',
    given: 'portal',
    request: rootKeyRequest(() => ({ apiId: unknownApiId, keys: Array(501).fill(one) })),
    response: invalid('body.keys'),
    notOnMock: 'the body is larger than Prism reads',
  },
  {
    name: 'an unknown API is not found',
    given: 'portal',
    request: rootKeyRequest(() => ({ apiId: unknownApiId, keys: [one] })),
    response: { status: 404, error: 'unkey/data/api_not_found' },
  },
  otherApiCase(({ apiId }) => ({ apiId, keys: [one] })),
  ...rootKeyCases(() => ({ apiId: unknownApiId, keys: [one] }), requiredBodyCase, {
    size: '1 MB',
    bytes: 2 ** 20,
    values: 150_000,
  }),
]);
