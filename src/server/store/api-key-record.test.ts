import { expect, test } from '@jest/globals';
import { type ApiKeyRecord, recordOf, textOf, wholeValueOf } from './api-key-record.ts';

const full: ApiKeyRecord = {
  keyId: 'key_1',
  apiId: 'api_1',
  externalId: 'user \n 😀',
  start: 'acme_1234',
  name: 'A\nB',
  enabled: true,
  rerolled: true,
  createdAt: 11,
  updatedAt: 12,
  expires: 13,
  lastUsedAt: 14,
  meta: { a: [1] },
  ratelimit: { limit: 15, duration: 16 },
  scopes: ['a:b', 'ü, %2C\u2028'],
  ipRanges: ['192.0.2.0/25', '2001:db8::/33', '0.0.0.0/0'],
  managed: true,
  byteLength: 24,
};
const { name: _, expires: __, lastUsedAt: ___, meta: ____, ratelimit: _____, ...others } = full;
const { scopes: ______, ipRanges: _______, managed: ________, ...rest } = others;
const bare: ApiKeyRecord = { ...rest, enabled: false, rerolled: false };

test('a record has the format that the scripts read', () => {
  const user = Buffer.from(full.externalId).toString('base64url');
  const json = '{"start":"acme_1234","name":"A\\nB","meta":{"a":[1]},"byteLength":24}';
  const lists = '=a%3Ab,%C3%BC%2C%20%252C%E2%80%A8 =4c000020/25,620010db80/33,4/0';
  expect(textOf(full)).toBe(`12 1 1 1 11 13 15 16 key_1 api_1 ${user} ${lists}\n${json}`);
  expect(textOf(bare)).toBe(`12 0 0 0 11 0 0 0 key_1 api_1 ${user} - -\n{"start":"acme_1234","byteLength":24}`);
});

test('a value becomes the record that it was, without fields that it did not have', () => {
  expect(recordOf(`0000000000014 ${textOf(full)}`)).toStrictEqual(full);
  expect(recordOf(`0000000000000 ${textOf(bare)}`)).toStrictEqual(bare);
  expect(
    recordOf(`0000000000000 ${textOf({ ...bare, ratelimit: { limit: 1, duration: 2 }, expires: 1 })}`),
  ).toStrictEqual({ ...bare, ratelimit: { limit: 1, duration: 2 }, expires: 1 });
});

test('an empty list is not the same as none', () => {
  const empty = { ...bare, scopes: [], ipRanges: [] };
  expect(recordOf(wholeValueOf(empty))).toStrictEqual(empty);
});

test('the value of a key has its last use', () => {
  expect(wholeValueOf(full)).toBe(`0000000000014 ${textOf(full)}`);
  expect(wholeValueOf(bare)).toBe(`0000000000000 ${textOf(bare)}`);
});
