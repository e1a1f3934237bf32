import { beforeEach, expect, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import type { Manager } from '../../store/proof.ts';
import { listSessions, revokeSessions, type SessionFilter } from './session-list.ts';

const actor = { type: 'cli' } as const;
const by = { proof: { actor } as Manager, requestId: 'req_1' };
/** Sessions of two users at two portals. `gone` ends by itself before it is revoked. */
const sessions = [
  ['sess_1', 'ann', 'acme'],
  ['sess_2', 'ann', 'other'],
  ['gone', 'ann', 'acme'],
  ['sess_3', 'bob', 'acme'],
].map(([handle, externalId, slug]) => ({
  ...{ handle, state: 'active', expiresAt: 9, portalId: `portal of ${slug}`, epoch: '1' },
  grant: { externalId, slug, returnUrl: 'https://acme.example', permissions: [], preview: false, createdAt: 5 },
}));
type Found = (typeof sessions)[number];

let calls: unknown[];
beforeEach(() => {
  calls = [];
});
/** The sessions in pages of two at most. */
const store = {
  sessions: {
    findByHandle: async (_: string, handle: string) => sessions.find((session) => session.handle === handle),
    list: async (workspaceId: string, index: Record<string, string>, { limit, ...page }: Record<string, unknown>) => {
      calls.push([workspaceId, index, limit, page]);
      const indexed = sessions.filter(({ grant }) =>
        Object.entries(index).every(([name, value]) => grant[name as 'slug'] === value),
      );
      const start = Number(page['after'] ?? 0);
      const end = start + Math.min(Number(limit), 2);
      if (calls.length > 9) throw new Error('the pages have no end');
      return { items: indexed.slice(start, end), ...(end < indexed.length && { next: String(end) }) };
    },
    end: async (workspaceId: string, session: Found, { entry }: { entry: object }) => {
      calls.push([workspaceId, session.handle, entry]);
      return session.handle !== 'gone';
    },
    endAll: async (workspaceId: string, slug: string, { entry }: { entry: object }) => {
      calls.push([workspaceId, slug, entry]);
      return slug === 'empty' ? 0 : 3;
    },
  },
  confirm: async () => void calls.push('confirmed'),
} as unknown as Store;

const nothing = { failures: [{ location: 'body' }] };

test.each<[SessionFilter, string[], string | undefined, object[]]>([
  [{ externalId: 'ann' }, ['sess_1', 'sess_2'], '2', [{ externalId: 'ann' }]],
  [{ slug: 'acme' }, ['sess_1', 'gone'], '2', [{ slug: 'acme' }]],
  [{ externalId: 'ann', slug: 'acme' }, ['sess_1'], '2', [{ externalId: 'ann' }]],
  [{ handle: 'sess_2' }, ['sess_2'], undefined, []],
  [{ handle: 'sess_2', externalId: 'ann', slug: 'other' }, ['sess_2'], undefined, []],
  [{ handle: 'sess_2', externalId: 'bob' }, [], undefined, []],
  [{ handle: 'sess_2', slug: 'acme' }, [], undefined, []],
  [{ handle: 'sess_4' }, [], undefined, []],
])('the list of sessions has those with %j, and reads one list at most', async (filter, handles, next, indexes) => {
  const { items, ...rest } = await listSessions(store, 'ws_1', filter, { limit: 50 });
  expect(items).toStrictEqual(handles.map((handle) => expect.objectContaining({ handle })));
  expect(rest).toStrictEqual(next === undefined ? {} : { next });
  expect(calls).toEqual(indexes.map((index) => ['ws_1', index, 50, {}]));
});

test('a listed session is shown without the place to which it returns', async () => {
  const { items } = await listSessions(store, 'ws_1', { handle: 'sess_1' }, { limit: 50 });
  const grant = { externalId: 'ann', slug: 'acme', permissions: [], preview: false, createdAt: 5 };
  expect(items).toStrictEqual([{ handle: 'sess_1', state: 'active', ...grant, expiresAt: 9 }]);
});

test('a list of sessions, and their end, need a user, a portal or a handle', async () => {
  await expect(listSessions(store, 'ws_1', {}, { limit: 50 })).rejects.toMatchObject(nothing);
  await expect(revokeSessions(store, 'ws_1', {}, by)).rejects.toMatchObject(nothing);
  expect(calls).toEqual([]);
});

/** The end of a session in the audit log, with the user whom it affects. */
const revoked = (handle: string) => {
  const { grant, portalId } = sessions.find((session) => session.handle === handle) as Found;
  const { externalId, slug } = grant;
  const entry = { action: 'session.revoke', actor, requestId: 'req_1', resource: { type: 'session', id: handle } };
  return ['ws_1', handle, { ...entry, subject: { externalId, portalId }, before: { slug, externalId } }];
};
const pages = [
  ['ws_1', { externalId: 'ann' }, 100, {}],
  ['ws_1', { externalId: 'ann' }, 100, { after: '2' }],
];

test.each<[SessionFilter, number, unknown[]]>([
  [{ externalId: 'ann' }, 2, [pages[0], revoked('sess_1'), revoked('sess_2'), pages[1], revoked('gone')]],
  [{ externalId: 'ann', slug: 'other' }, 1, [pages[0], revoked('sess_2'), pages[1]]],
  [{ externalId: 'ann', slug: 'none' }, 0, [...pages, 'confirmed']],
  [{ externalId: 'bob' }, 1, [['ws_1', { externalId: 'bob' }, 100, {}], revoked('sess_3')]],
  [{ handle: 'sess_1' }, 1, [revoked('sess_1')]],
  [{ handle: 'sess_1', externalId: 'bob' }, 0, ['confirmed']],
  [{ handle: 'gone' }, 0, [revoked('gone'), 'confirmed']],
  [{ handle: 'sess_4' }, 0, ['confirmed']],
])('sessions with %j are ended, and counted if they had not ended before', async (filter, count, expected) => {
  expect(await revokeSessions(store, 'ws_1', filter, by)).toBe(count);
  expect(calls).toStrictEqual(expected);
});

test.each([
  ['acme', 3, []],
  ['empty', 0, ['confirmed']],
])('the sessions of the portal %j end in one step', async (slug, count, after) => {
  const entry = { action: 'session.revoke', actor, requestId: 'req_1', resource: { type: 'portal', id: slug } };
  expect(await revokeSessions(store, 'ws_1', { slug }, by)).toBe(count);
  expect(calls).toStrictEqual([['ws_1', slug, entry], ...after]);
});
