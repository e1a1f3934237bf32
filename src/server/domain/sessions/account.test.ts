import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import type { AuditEntry } from '../../../../generated/client/types.gen.ts';
import type { Store } from '../../store/index.ts';
import { endOtherSessions, listUserAuditEntries, listUserSessions } from './account.ts';
import type { AuthenticatedSession } from './sessions.ts';

const grant = { externalId: 'ann', permissions: ['portal.*.read_account'], preview: false, createdAt: 5 };
const session = {
  ref: { workspaceId: 'ws_1' },
  handle: 'sess_1',
  portalId: 'portal_1',
  portal: { portalId: 'portal_1', apiIds: ['api_1', 'api_2'] },
  grant,
} as unknown as AuthenticatedSession;
const stranger = {
  ...session,
  grant: { ...grant, permissions: ['api.*.read_key'] },
} as unknown as AuthenticatedSession;
const actor = { type: 'user', id: 'sess_1' };

/** Sessions of the user: two of another portal, and the calling one. The names of some say that they end by themselves meanwhile. */
const found = (handles: string[]) =>
  handles.map((handle) => ({
    handle,
    portalId: handle.startsWith('other') ? 'portal_2' : 'portal_1',
    state: 'active',
    expiresAt: 9,
    epoch: 1,
    grant: { ...grant, ...(handle === 'sess_2' && { actor: { type: 'root_key' } }) },
  }));

/** The sessions in pages of two. It writes down which are ended, and whether it was asked to confirm. */
function storeOf(handles: string[]) {
  const calls: unknown[] = [];
  const read = new Set<string>();
  const store = {
    sessions: {
      list: async (workspaceId: string, owner: object, { limit, after = '0', ...rest }: Record<string, unknown>) => {
        const isOfAnn = isDeepStrictEqual([workspaceId, owner, rest], ['ws_1', { externalId: 'ann' }, {}]);
        const [start, end] = [Number(after), Number(after) + Math.min(Number(limit), 2)];
        if (!isOfAnn || read.has(String(after)) || !(end > start))
          throw new Error('nobody gets to the end of these pages');
        read.add(String(after));
        return { items: found(handles).slice(start, end), ...(end < handles.length && { next: String(end) }) };
      },
      end: async (_: string, one: { handle: string }, { entry }: { entry: object }) => {
        calls.push([one.handle, entry]);
        return !one.handle.includes('gone');
      },
    },
    confirm: async () => void calls.push('confirmed'),
  };
  return { calls, store: store as unknown as Store };
}

const ended = (handle: string) => [
  handle,
  { action: 'session.end', ip: '192.0.2.1', resource: { type: 'session', id: handle } },
];

test('an account lists the sessions of its user in its portal, and says which is the calling one', async () => {
  const { store } = storeOf(['sess_1', 'sess_2']);
  const { sessions, pagination } = await listUserSessions(store, session, { limit: 50 });
  const shown = { state: 'active', permissions: grant.permissions, preview: false, createdAt: 5, expiresAt: 9 };
  expect(sessions).toStrictEqual([
    { ...shown, handle: 'sess_1', current: true },
    { ...shown, handle: 'sess_2', current: false, actor: { type: 'root_key' } },
  ]);
  expect(pagination).toEqual({ hasMore: false });
  const other = await listUserSessions(storeOf(['other_1', 'sess_3', 'sess_4']).store, session, { limit: 50 });
  expect([other.sessions.map(({ handle }) => handle), other.pagination.hasMore]).toEqual([['sess_3'], true]);
});

test.each([
  [
    'of all pages, except the calling one',
    ['sess_1', 'sess_2', 'other_1', 'sess_3', 'sess_4'],
    false,
    ['sess_2', 'sess_3', 'sess_4'],
    3,
  ],
  ['and the calling one as the last', ['sess_1', 'sess_2', 'sess_3'], true, ['sess_2', 'sess_3', 'sess_1'], 3],
  [
    'that have not ended meanwhile',
    ['gone_1', 'sess_2', 'gone_2', 'sess_3'],
    false,
    ['gone_1', 'sess_2', 'gone_2', 'sess_3'],
    2,
  ],
])('an account ends the other sessions of its user in its portal: %s', async (_, handles, all, names, many) => {
  const { calls, store } = storeOf(handles);
  expect(await endOtherSessions(store, session, { all }, { ip: '192.0.2.1' })).toBe(many);
  expect(calls).toEqual(names.map(ended));
});

test.each([
  ['there is no other', ['sess_1', 'other_1'], {}, ['confirmed'], 0],
  ['the others have ended', ['sess_1', 'gone_1'], { all: false }, [ended('gone_1'), 'confirmed'], 0],
  ['it ends itself alone', ['sess_1'], { all: true }, ['confirmed', ended('sess_1')], 1],
])(
  'an account that ends no other session confirms what was ended before, if %s',
  async (_, handles, query, done, many) => {
    const { calls, store } = storeOf(handles);
    expect(await endOtherSessions(store, session, query, { ip: '192.0.2.1' })).toBe(many);
    expect(calls).toEqual(done);
  },
);

test('an account counts its own session only if it has ended', async () => {
  const { store } = storeOf([]);
  const gone = { ...session, handle: 'gone_1' } as AuthenticatedSession;
  expect(await endOtherSessions(store, gone, { all: true }, {})).toBe(0);
});

const entry = {
  auditId: '7-0',
  time: 7,
  action: 'key.update',
  ip: '192.0.2.1',
  userAgent: 'agent',
  requestId: 'req_1',
  resource: { type: 'key', id: 'key_1' },
};
const ofUser = { ...entry, actor: { ...actor, externalId: 'ann', portalId: 'portal_1' } };
const ofCompany = { ...entry, actor: { type: 'root_key', id: 'rkid_1' }, subject: { externalId: 'ann' } };

/** What the account shows of these entries, of which the store has those of the user and the period. */
async function shownOf(...entries: object[]) {
  const wanted = [{ workspaceId: 'ws_1', externalId: 'ann' }, { startTime: 1, endTime: 9 }, { limit: 50 }];
  const listOf = async (owner: object, isOwn: (one: AuditEntry) => boolean, period: object, page: object) => ({
    items: isDeepStrictEqual([owner, period, page], wanted) ? (entries as AuditEntry[]).filter(isOwn) : [],
  });
  const query = { limit: 50, startTime: 1, endTime: 9 };
  return (await listUserAuditEntries({ audit: { listOf } } as unknown as Store, session, query)).entries;
}

test.each<[string, object, boolean]>([
  ['of the user', ofUser, true],
  ['of another user', { ...ofUser, actor: { ...ofUser.actor, externalId: 'bob' } }, false],
  ['of the user in another portal', { ...ofUser, actor: { ...ofUser.actor, portalId: 'portal_2' } }, false],
  ['of the company about the user', ofCompany, true],
  ['of the company about nobody', { ...entry, actor: ofCompany.actor }, false],
  ['of the company about another user', { ...ofCompany, subject: { externalId: 'bob' } }, false],
  ['about the user in the portal', { ...ofCompany, subject: { externalId: 'ann', portalId: 'portal_1' } }, true],
  ['about the user in another portal', { ...ofCompany, subject: { externalId: 'ann', portalId: 'portal_2' } }, false],
  ['about an API of the portal', { ...ofCompany, subject: { externalId: 'ann', apiId: 'api_2' } }, true],
  [
    'about an API that the portal does not have',
    { ...ofCompany, subject: { externalId: 'ann', apiId: 'api_3' } },
    false,
  ],
])('an account shows an entry %s: %#', async (_, one, isShown) => {
  expect(await shownOf(one)).toHaveLength(isShown ? 1 : 0);
});

const own = { auditId: '7-0', time: 7, action: 'key.update', resource: entry.resource };
const meta = { plan: 'gold' };

test.each<[string, object, object]>([
  [
    'the user, with their address',
    ofUser,
    { ...own, actor: { type: 'user', handle: 'sess_1' }, ip: '192.0.2.1', userAgent: 'agent' },
  ],
  [
    'the user, of whom nothing more is known',
    { ...ofUser, ip: undefined, userAgent: undefined, actor: { ...ofUser.actor, id: undefined } },
    { ...own, actor: { type: 'user' } },
  ],
  [
    'the user without an address',
    { ...ofUser, ip: undefined },
    { ...own, actor: { type: 'user', handle: 'sess_1' }, userAgent: 'agent' },
  ],
  [
    'the user without a browser',
    { ...ofUser, userAgent: undefined },
    { ...own, actor: { type: 'user', handle: 'sess_1' }, ip: '192.0.2.1' },
  ],
  ['the company, without its credential and its address', ofCompany, { ...own, actor: { type: 'root_key' } }],
  [
    'a person of the company',
    { ...ofCompany, actor: { ...ofCompany.actor, person: 'Cleo' } },
    { ...own, actor: { type: 'root_key', person: 'Cleo' } },
  ],
  [
    'what a change of a key was, with its meta',
    { ...ofCompany, before: { name: 'A', meta }, after: { name: 'B' } },
    { ...own, actor: { type: 'root_key' }, before: { name: 'A', meta }, after: { name: 'B' } },
  ],
  [
    'what a change of the user was, without the meta, which is of the company',
    { ...ofCompany, action: 'identity.update', before: { name: 'A' }, after: { name: 'B', meta } },
    { ...own, action: 'identity.update', actor: { type: 'root_key' }, before: { name: 'A' }, after: { name: 'B' } },
  ],
])('an account shows in an entry %s', async (_, one, shown) => {
  expect(await shownOf(one)).toStrictEqual([shown]);
});

test('an account is refused to a session that does not show it', async () => {
  const { calls, store } = storeOf(['sess_1', 'sess_2']);
  const refused = {
    code: 'unkey/authorization/insufficient_permissions',
    message: expect.stringContaining('portal.*.read_account'),
  };
  await expect(listUserSessions(store, stranger, {})).rejects.toMatchObject(refused);
  await expect(endOtherSessions(store, stranger, { all: true }, {})).rejects.toMatchObject(refused);
  await expect(listUserAuditEntries(store, stranger, {})).rejects.toMatchObject(refused);
  expect(calls).toEqual([]);
});
