import { expect, test } from '@jest/globals';
import { type ApiKeyRecord, recordOf, textOf } from './api-key-record.ts';

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
  byteLength: 24,
};
const { name: _, expires: __, lastUsedAt: ___, meta: ____, ratelimit: _____, ...rest } = full;
const bare: ApiKeyRecord = { ...rest, enabled: false, rerolled: false };

test('a record has the format that the scripts read', () => {
  const user = Buffer.from(full.externalId).toString('base64url');
  const json = '{"start":"acme_1234","name":"A\\nB","createdAt":11,"meta":{"a":[1]},"byteLength":24}';
  expect(textOf(full)).toBe(`12 1 1 13 15 16 key_1 api_1 ${user}\n${json}`);
  expect(textOf(bare)).toBe(`12 0 0 0 0 0 key_1 api_1 ${user}\n{"start":"acme_1234","createdAt":11,"byteLength":24}`);
});

test('a value becomes the record that it was, without fields that it did not have', () => {
  expect(recordOf(`0000000000014 ${textOf(full)}`)).toStrictEqual(full);
  expect(recordOf(`0000000000000 ${textOf(bare)}`)).toStrictEqual(bare);
  expect(
    recordOf(`0000000000000 ${textOf({ ...bare, ratelimit: { limit: 1, duration: 2 }, expires: 1 })}`),
  ).toStrictEqual({ ...bare, ratelimit: { limit: 1, duration: 2 }, expires: 1 });
});
