import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { KeyExpirySchema } from '../../../../generated/client/schemas.gen.ts';
import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Bounds } from '../policies/bounds.ts';
import { applyKeySettings, checkKeySettings, type KeySettings } from './key-settings.ts';

const now = 1_750_000_000_000;
beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** The locations of all failures. */
function locationsOf(settings: KeySettings, bounds: Bounds = {}): string[] {
  try {
    checkKeySettings(settings, { bounds, createdAt: now, kept: ['old'] });
    return [];
  } catch (problem) {
    return (problem as { failures: { location: string }[] }).failures.map(({ location }) => location);
  }
}
/** Metadata of this size as JSON, in bytes. */
const metaOf = (bytes: number, character = 'x') => ({
  a: character.repeat((bytes - '{"a":""}'.length) / Buffer.byteLength(character)),
});

test.each<[string, KeySettings, string[]]>([
  ['nothing', {}, []],
  ['null', { expires: null, meta: null }, []],
  ['an expiry now', { expires: now }, ['body.expires']],
  ['an expiry in a millisecond', { expires: now + 1 }, []],
  ['the latest expiry', { expires: KeyExpirySchema.maximum }, []],
  ['a later one', { expires: KeyExpirySchema.maximum + 1 }, ['body.expires']],
  ['metadata of 4096 bytes', { meta: metaOf(4096) }, []],
  ['metadata of 4097 bytes', { meta: metaOf(4097) }, ['body.meta']],
  ['metadata of 4096 bytes in fewer characters', { meta: metaOf(4096, 'ä') }, []],
  ['metadata of 4098 bytes in fewer characters', { meta: metaOf(4098, 'ä') }, ['body.meta']],
  ['a name of 255 code points', { name: '😀'.repeat(255) }, []],
  ['a longer name', { name: '😀'.repeat(256) }, ['body.name']],
  ['a name that nobody sees', { name: '\u3164' }, ['body.name']],
  ['three faults', { name: '\n', expires: 1, meta: metaOf(5000) }, ['body.name', 'body.expires', 'body.meta']],
])('%s', (_, settings, locations) => {
  expect(locationsOf(settings)).toEqual(locations);
});

describe('a change', () => {
  const record: ApiKeyRecord = {
    keyId: 'key_1',
    apiId: 'api_1',
    externalId: 'user',
    start: 'acme_1234',
    byteLength: 24,
    rerolled: false,
    enabled: true,
    createdAt: 1,
    updatedAt: 2,
    lastUsedAt: 3,
    name: 'Old',
    expires: 4,
    meta: { a: 1 },
    ratelimit: { limit: 5, duration: 6 },
  };
  const { name: _, expires: __, meta: ___, ratelimit: ____, ...bare } = record;
  const changes = { name: 'New', expires: 7, meta: {}, ratelimit: { limit: 8, duration: 9 }, enabled: false };

  test('replaces what it has', () => {
    expect(applyKeySettings(record, changes)).toEqual({ ...record, ...changes });
    expect(applyKeySettings(bare, changes)).toEqual({ ...bare, ...changes });
    expect(applyKeySettings(record, { name: ' Cafe\u0301\u3000' })).toEqual({ ...record, name: 'Caf\u00e9' });
  });

  test('clears what is null', () => {
    expect(applyKeySettings(record, { name: null, expires: null, meta: null, ratelimit: null })).toEqual(bare);
  });

  test('leaves what is absent, also the value false', () => {
    expect(applyKeySettings(record, {})).toEqual(record);
    expect(applyKeySettings({ ...bare, enabled: false }, {})).toEqual({ ...bare, enabled: false });
  });
});
