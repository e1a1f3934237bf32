import { expect, test } from '@jest/globals';
import { oldRecordOf } from './old-keys.ts';

const json = { start: 'acme_ab', name: 'My key\nof two lines', byteLength: 16, createdAt: 1000 };
/** The record of an old key with these numbers; its user is `user 1`. */
const recordOf = (head: string) => oldRecordOf(`${head} key_1 api_1 dXNlciAx\n${JSON.stringify(json)}`);
const always = { ...json, keyId: 'key_1', apiId: 'api_1', externalId: 'user 1' };

test('an old key that has never been used, does not end and has no limit has none of these fields', () => {
  expect(recordOf('0000000000000 2000 0 0 0 0 0')).toEqual({
    ...always,
    ...{ enabled: false, rerolled: false, updatedAt: 2000 },
  });
});

test('an old key with everything keeps all of it', () => {
  expect(recordOf('0000000003000 2000 1 1 9000 1 60000')).toEqual({
    ...always,
    ...{ enabled: true, rerolled: true, updatedAt: 2000 },
    ...{ lastUsedAt: 3000, expires: 9000, ratelimit: { limit: 1, duration: 60_000 } },
  });
});

test('the user of an old key can have any name, and its JSON can have spaces', () => {
  const user = 'ü {1}: 2';
  const stored = `0 2000 1 0 0 0 0 key_1 api_1 ${Buffer.from(user).toString('base64url')}\n{"meta": {"a b": "c d"}}`;
  expect(oldRecordOf(stored)).toMatchObject({ externalId: user, meta: { 'a b': 'c d' } });
});
