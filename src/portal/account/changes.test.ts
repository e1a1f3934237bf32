import { expect, test } from '@jest/globals';
import type { UserAuditEntry } from '../../../generated/client/types.gen.ts';
import { changesOf, messageOf, subjectOf } from './changes.ts';

const entry: UserAuditEntry = {
  auditId: '1-0',
  time: 1,
  action: 'key.update',
  actor: { type: 'user' },
  resource: { type: 'key', id: 'key_1' },
};

test('a change has the fields that differ, also inside of others', () => {
  const before = {
    name: 'Old',
    enabled: true,
    updatedAt: 1,
    version: 1,
    ratelimit: { limit: 5, duration: 60_000 },
    meta: { team: 'a', place: 'b' },
    scopes: ['a'],
  };
  const after = {
    name: 'New',
    enabled: true,
    updatedAt: 2,
    version: 2,
    ratelimit: { limit: 6, duration: 60_000 },
    meta: { team: 'c', place: 'b' },
    scopes: ['a', 'b'],
  };
  expect(changesOf({ before, after })).toEqual([
    { field: 'name', before: 'Old', after: 'New' },
    { field: 'ratelimit', before: { limit: 5, duration: 60_000 }, after: { limit: 6, duration: 60_000 } },
    { field: 'meta.team', before: 'a', after: 'c' },
    { field: 'scopes', before: ['a'], after: ['a', 'b'] },
  ]);
});

test('a field that is new or gone has one value', () => {
  expect(changesOf({ before: { expires: 1 }, after: { ratelimit: { limit: 1 } } })).toEqual([
    { field: 'expires', before: 1, after: undefined },
    { field: 'ratelimit', before: undefined, after: { limit: 1 } },
  ]);
});

test('what is created or deleted is no change', () => {
  expect(changesOf({ after: { name: 'New' } })).toEqual([]);
  expect(changesOf({ before: { name: 'Old' } })).toEqual([]);
});

test.each<[string, Partial<UserAuditEntry>]>([
  ['New', { before: { name: 'Old' }, after: { name: 'New' } }],
  ['Old', { before: { name: 'Old' } }],
  ['pay_1r8D', { after: { start: 'pay_1r8D' } }],
  ['key_1', { after: { name: 5 } }],
  ['key_1', {}],
])('an entry is about %s', (subject, states) => {
  expect(subjectOf({ ...entry, ...states })).toBe(subject);
});

test('a session has no name that a person knows', () => {
  expect(subjectOf({ ...entry, resource: { type: 'session', id: 'sess_1' }, after: { name: 'A' } })).toBeUndefined();
});

test('an action has a message', () => {
  expect(messageOf('key.create')).toBe('key_create');
});
