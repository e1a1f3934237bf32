import { expect, test } from '@jest/globals';
import type { AuditEntry } from '../../../../generated/client/types.gen.ts';
import { isOfSession, replaysOf } from './replay.ts';

/** An entry about a key; its time is also the first part of its id. */
const entryOf = (time: number, action: string, more: Partial<AuditEntry> = {}): AuditEntry =>
  ({
    auditId: `${time}-0`,
    time,
    action,
    actor: { type: 'root_key', id: 'rkid_1' },
    resource: { type: 'key', id: 'key_1' },
    ...more,
  }) as AuditEntry;
const blank = { type: 'key', id: 'key_1', isDeleted: false, changes: {}, unknown: new Set() };
const portal = { type: 'portal', id: 'portal_1' };

test.each<[string, AuditEntry[], object]>([
  ['a creation', [entryOf(5, 'key.create', { after: { name: 'A' } })], { createdAt: 5, changes: { name: 'A' } }],
  ['an import', [entryOf(5, 'key.import', { after: { name: 'A' } })], { createdAt: 5, changes: { name: 'A' } }],
  ['an update', [entryOf(5, 'key.update', { after: { name: 'A' } })], { changes: { name: 'A' } }],
  ['a deletion', [entryOf(5, 'key.delete', { before: { name: 'A' } })], { isDeleted: true }],
  ['a revocation', [entryOf(5, 'key.revoke', { before: { name: 'A' } })], { isDeleted: true }],
  ['an action that nobody knows', [entryOf(5, 'key.polish', { after: { name: 'A' } })], {}],
  [
    'a field that was cleared',
    [entryOf(5, 'key.update', { before: { name: 'A', meta: 1 }, after: { meta: 2 } })],
    { changes: { name: null, meta: 2 } },
  ],
  [
    'what a change writes by itself',
    [
      entryOf(5, 'key.update', {
        after: { updatedAt: 5, version: 2, createdAt: 1, lastUsedAt: 4, start: 'a', name: 'A' },
      }),
    ],
    { changes: { name: 'A' } },
  ],
  ['a user', [entryOf(5, 'key.update', { subject: { externalId: 'ann' } })], { externalId: 'ann' }],
  [
    'a user whom a later entry does not name',
    [entryOf(5, 'key.update', { subject: { externalId: 'ann' } }), entryOf(6, 'key.delete')],
    { externalId: 'ann', isDeleted: true },
  ],
  [
    'a value that is too long',
    [
      entryOf(5, 'key.update', { after: { scopes: ['a'] } }),
      entryOf(6, 'key.update', { after: { scopes: '(5120 bytes)' } }),
    ],
    { unknown: new Set(['scopes']) },
  ],
  [
    'a value that was too long before',
    [
      entryOf(5, 'key.update', { after: { scopes: '(5120 bytes)' } }),
      entryOf(6, 'key.update', { after: { scopes: ['a'] } }),
    ],
    { changes: { scopes: ['a'] } },
  ],
  ...['was (1 bytes)', '(1 bytes) or so', '(1 bytes', ['(1 bytes)']].map((name): [string, AuditEntry[], object] => [
    `the value ${JSON.stringify(name)}, which is none that was too long`,
    [entryOf(5, 'key.update', { after: { name } })],
    { changes: { name } },
  ]),
])('the replay of %s', (_, entries, replay) => {
  expect(replaysOf(entries, 0)).toStrictEqual([{ ...blank, ...replay }]);
});

test.each<[string, unknown, unknown, unknown]>([
  [
    'of branding, the parts that were cleared',
    { primaryColor: '#000', logoUrl: 'l', font: 'f' },
    { primaryColor: '#fff', font: 'f' },
    { primaryColor: '#fff', logoUrl: null, font: 'f' },
  ],
  ['branding that there was not before', undefined, { primaryColor: '#fff' }, { primaryColor: '#fff' }],
  ['branding that was null before', null, { primaryColor: '#fff' }, { primaryColor: '#fff' }],
  ['branding that was too long before', '(5120 bytes)', { primaryColor: '#fff' }, { primaryColor: '#fff' }],
  ['branding that was cleared', { primaryColor: '#fff' }, null, null],
  ['any other object, as a whole', { a: 1, b: 2 }, { a: 3 }, { a: 3 }],
  ['any other value', { primaryColor: '#fff' }, 'text', 'text'],
])('the replay of a change has %s', (_, before, after, replayed) => {
  const [replay] = replaysOf(
    [
      entryOf(5, 'portal.update', {
        resource: portal,
        before: { x: before },
        after: { x: after },
      } as Partial<AuditEntry>),
    ],
    0,
  );
  expect(replay?.changes).toStrictEqual({ x: replayed });
});

test.each<[string, AuditEntry[], number]>([
  ['at once', [entryOf(100, 'key.reroll')], 100],
  ['after the overlap', [entryOf(100, 'key.reroll', { after: { expiration: 30 } })], 130],
  [
    'when it would have ended',
    [entryOf(100, 'key.reroll', { before: { expires: 120 }, after: { expiration: 30 } })],
    120,
  ],
  [
    'after the overlap, before it would',
    [entryOf(100, 'key.reroll', { before: { expires: 140 }, after: { expiration: 30 } })],
    130,
  ],
  [
    'at the first end of two',
    [
      entryOf(100, 'key.reroll', { after: { expiration: 30 } }),
      entryOf(110, 'key.reroll', { after: { expiration: 30 } }),
    ],
    130,
  ],
])('a key that is rerolled ends %s', (_, entries, endsAt) => {
  expect(replaysOf(entries, 0)).toStrictEqual([{ ...blank, endsAt }]);
});

test('the replay of a reroll has the successor, which nothing else creates, and goes on with its changes', () => {
  const reroll = entryOf(100, 'key.reroll', { after: { successor: 'key_2', expiration: 0 } });
  const update = entryOf(110, 'key.update', { resource: { type: 'key', id: 'key_2' }, after: { name: 'B' } });
  expect(replaysOf([update, reroll], 0)).toStrictEqual([
    { ...blank, endsAt: 100 },
    { ...blank, id: 'key_2', createdAt: 100, changes: { name: 'B' } },
  ]);
});

test('a replay takes entries in the order of their ids, however often and in which order they come', () => {
  const first = entryOf(10, 'key.update', { auditId: '9-9', after: { name: 'first' } });
  const second = entryOf(10, 'key.update', { auditId: '10-2', after: { name: 'second' } });
  const third = entryOf(10, 'key.update', { auditId: '10-10', after: { name: 'third' } });
  for (const entries of [
    [third, second, first],
    [first, second, third, first, second],
    [second, third, first],
    [third, first, second],
  ])
    expect(replaysOf(entries, 0)).toStrictEqual([{ ...blank, changes: { name: 'third' } }]);
});

test('a replay has each resource, without the entries of sessions and those up to the given time', () => {
  const ofPortal = entryOf(11, 'portal.delete', { resource: portal });
  const ofSession = entryOf(12, 'session.revoke', { resource: { type: 'session', id: 's' } });
  const entries = [entryOf(9, 'key.create'), entryOf(10, 'key.update', { after: { name: 'A' } }), ofPortal, ofSession];
  expect([ofSession, ofPortal].map(isOfSession)).toEqual([true, false]);
  expect(replaysOf(entries, 10)).toStrictEqual([{ ...blank, ...portal, isDeleted: true }]);
  expect(replaysOf(entries, 9)).toStrictEqual([
    { ...blank, changes: { name: 'A' } },
    { ...blank, ...portal, isDeleted: true },
  ]);
});
