import { expect, test } from '@jest/globals';
import calculateSlot from 'cluster-key-slot';
import { keys } from './keys.ts';
import {
  digitsOf,
  partitionOf,
  partitionOfHash,
  partitionOfName,
  partitionsOf,
  partitionsOfKeyId,
  tagOf,
} from './partitions.ts';

const workspaceId = 'ws_acme';
const all = Array.from({ length: 64 }, (_, partition) => ({ workspaceId, partition }));
const of = (...partitions: number[]) => partitions.map((partition) => ({ workspaceId, partition }));

test('the partitions of a workspace are spread evenly over the slots, each with the smallest number as its tag', () => {
  expect(partitionsOf(workspaceId)).toEqual(all);
  const tags = all.map(tagOf);
  const partOf = (tag: string | number) => Math.floor(calculateSlot(String(tag)) / 256);
  expect(tags.map(partOf)).toEqual(all.map(({ partition }) => partition));
  const numbers = Array.from({ length: Math.max(...tags.map(Number)) + 1 }, (_, number) => number);
  expect(tags).toEqual(all.map(({ partition }) => String(numbers.find((number) => partOf(number) === partition))));
});

test('the name of a record says its partition, and one of a record at home says none', () => {
  const none = { workspaceId: '', partition: 0 };
  expect(all.map((place) => partitionOfName(keys.session(place, 'sess_00a')))).toEqual(all);
  expect(partitionOfName(keys.workspace(workspaceId))).toEqual(none);
  expect(partitionOfName(`other ${keys.session({ workspaceId, partition: 3 }, 'sess_00a')}`)).toEqual(none);
});

test('a partition of a SHA-256 is that of its first byte, and never changes for a user', () => {
  expect(['00', '3f', '40', '41', 'ff'].map((byte) => partitionOfHash(`${byte}9`))).toEqual([0, 63, 0, 1, 63]);
  expect(partitionOf({ workspaceId, externalId: 'ada' })).toEqual({ workspaceId, partition: 2 });
});

test('a handle or an id has the number of its partition in two digits', () => {
  expect([0, 7, 42, 63].map((partition) => digitsOf({ partition }))).toEqual(['00', '07', '42', '63']);
});

const letters = 'abcdefghij0123456789';
test.each([
  [`key_00${letters}`, of(0)],
  [`key_63${letters}`, of(63)],
  [`key_64${letters}`, []],
  [`key_ab${letters}`, []],
  [`key_${letters}`, all],
  [`key_63${letters}0`, all],
])('the key %s can be only in the partitions that it names', (keyId, places) => {
  expect(partitionsOfKeyId(workspaceId, keyId)).toEqual(places);
});
