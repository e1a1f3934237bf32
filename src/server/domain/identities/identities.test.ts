import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Identity, StoredIdentity } from '../../store/identities.ts';
import type { Store } from '../../store/index.ts';
import type { Manager } from '../../store/proof.ts';
import { getIdentity, type IdentityChanges, listIdentities, updateIdentity } from './identities.ts';

const now = 1_800_000_000_000;
beforeEach(() => {
  jest.useFakeTimers({ now });
});
afterEach(() => {
  jest.useRealTimers();
});

const actor = { type: 'cli' } as const;
const by = { proof: { actor } as Manager, requestId: 'req_1' };
const owner = { workspaceId: 'ws_1', externalId: 'ann' };
const plain: Identity = { identityId: 'identity_1', externalId: 'ann', createdAt: 1, updatedAt: 2 };
const full: Identity = {
  ...{ ...plain, name: 'Ann', meta: { plan: 'pro' } },
  policy: { maxLifetime: 1000, perUser: { quota: { limit: 5, period: 'day', timeZone: 'UTC' } } },
};

/** A store with one identity, as it is at each attempt. It writes down what it is given, and is `stale` until the last attempt. */
function storeOf(...attempts: (Identity | undefined)[]) {
  const writes: unknown[] = [];
  let read = 0;
  const store = {
    identities: {
      find: async (of: object): Promise<StoredIdentity | undefined> => {
        read += 1;
        if (!isDeepStrictEqual(of, owner) || read > 30) throw new Error('this is never read');
        const identity = attempts[Math.min(read, attempts.length) - 1];
        return identity && { identity, text: `text ${read}` };
      },
      write: async (
        workspaceId: string,
        before: StoredIdentity | undefined,
        after: Identity,
        { entry }: { entry: object },
      ) => {
        writes.push({ workspaceId, text: before?.text, after, entry });
        return read < attempts.length ? 'stale' : 'ok';
      },
    },
  };
  return { store: store as unknown as Store, writes, attempts: () => read };
}
const update = (store: Store, changes: Parameters<typeof updateIdentity>[3]) =>
  updateIdentity(store, 'ws_1', 'ann', changes, by);

describe('an identity', () => {
  test('is found, or is an error', async () => {
    expect(await getIdentity(storeOf(full).store, 'ws_1', 'ann')).toBe(full);
    const code = 'unkey/data/identity_not_found';
    await expect(getIdentity(storeOf(undefined).store, 'ws_1', 'ann')).rejects.toMatchObject({ code });
  });

  test('is created by its first change, with an entry in the audit log that names the user as its subject', async () => {
    const { store, writes } = storeOf(undefined);
    const created = await update(store, { name: ' Ann ' });
    const { identityId } = created;
    const shown = { identityId, name: 'Ann', createdAt: now, updatedAt: now };
    expect(created).toStrictEqual({ externalId: 'ann', ...shown });
    expect(identityId).toMatch(/^identity_\w{20}$/);
    const resource = { type: 'identity', id: identityId };
    const entry = { action: 'identity.create', actor, requestId: 'req_1', resource, subject: { externalId: 'ann' } };
    expect(writes).toStrictEqual([
      { workspaceId: 'ws_1', text: undefined, after: created, entry: { ...entry, after: shown } },
    ]);
  });

  const { name: _, ...unnamed } = full;
  const { meta: __, ...withoutMeta } = full;
  const { policy: ___, ...withoutPolicy } = full;
  test.each<[IdentityChanges, Identity, Identity, object, object]>([
    [{ name: 'Bea' }, full, { ...full, name: 'Bea' }, { name: 'Ann' }, { name: 'Bea' }],
    [{ name: null }, full, unnamed, { name: 'Ann' }, {}],
    [{ meta: { a: 1 } }, full, { ...full, meta: { a: 1 } }, { meta: full.meta }, { meta: { a: 1 } }],
    [{ meta: null }, full, withoutMeta, { meta: full.meta }, {}],
    [{ policy: null }, full, withoutPolicy, { policy: full.policy }, {}],
    [{ policy: {} }, full, withoutPolicy, { policy: full.policy }, {}],
    [
      { policy: { perUser: { quota: { limit: 5, period: 'day' } }, maxLifetime: 1 } },
      full,
      { ...full, policy: { ...full.policy, maxLifetime: 1 } },
      { policy: full.policy },
      { policy: { ...full.policy, maxLifetime: 1 } },
    ],
    [{ name: 'Ann' }, plain, { ...plain, name: 'Ann' }, {}, { name: 'Ann' }],
  ])('is changed by %j: from %j', async (changes, before, after, shownBefore, shownAfter) => {
    const { store, writes } = storeOf(before);
    const written = { ...after, updatedAt: now };
    expect(await update(store, changes)).toStrictEqual(written);
    expect(writes).toStrictEqual([
      {
        ...{ workspaceId: 'ws_1', text: 'text 1', after: written },
        entry: {
          ...{ action: 'identity.update', actor, requestId: 'req_1', resource: { type: 'identity', id: 'identity_1' } },
          ...{ subject: { externalId: 'ann' }, before: { ...shownBefore, updatedAt: 2 } },
          after: { ...shownAfter, updatedAt: now },
        },
      },
    ]);
  });

  test.each<[IdentityChanges, Identity]>([
    [{}, full],
    [{ name: 'Ann', meta: { plan: 'pro' } }, full],
    [{ name: null, meta: null, policy: {} }, plain],
  ])('is not written for a change that changes nothing: %j', async (changes, identity) => {
    const { store, writes } = storeOf(identity);
    expect(await update(store, changes)).toStrictEqual(identity);
    expect(writes).toEqual([]);
  });

  test('is changed as it is when others have changed it meanwhile', async () => {
    const [first, second] = [
      { ...plain, name: 'Ann' },
      { ...plain, name: 'Bea' },
    ];
    const { store, writes } = storeOf(first, second);
    const { name } = await update(store, (before) => ({ name: `${before?.name}!` }));
    expect([name, writes.length]).toEqual(['Bea!', 2]);
    const created = await update(storeOf(undefined).store, (before) => ({ name: `${before}` }));
    expect(created.name).toBe('undefined');
  });

  test.each([
    [20, 'stored'],
    [21, 'an error'],
  ])('that changes until attempt %d of a change is %s', async (attempts, outcome) => {
    const { store, attempts: counted } = storeOf(...Array.from({ length: attempts }, () => plain));
    const result = update(store, { name: 'Bea' }).then(
      () => 'stored',
      ({ message }) => (message.includes('kept changing') ? 'an error' : message),
    );
    expect([await result, counted()]).toEqual([outcome, 20]);
  });

  const meta = (bytes: number) => ({ a: `é${'x'.repeat(bytes - 10)}` });
  test('can have data of 4096 bytes as JSON', async () => {
    const { store, writes } = storeOf(plain);
    await update(store, { meta: meta(4096) });
    expect(writes).toHaveLength(1);
  });

  test.each<[string, IdentityChanges, string]>([
    ['more data', { meta: meta(4097) }, 'body.meta'],
    ['an invisible name', { name: '\u200b' }, 'body.name'],
    [
      'a time zone that does not exist',
      { policy: { perUser: { quota: { limit: 1, period: 'day', timeZone: 'x' } } } },
      'body.policy.perUser.quota.timeZone',
    ],
  ])('cannot have %s, also where its change depends on it', async (_name, changes, location) => {
    const refused = { failures: [expect.objectContaining({ location })] };
    const fixed = storeOf(full);
    await expect(update(fixed.store, changes)).rejects.toMatchObject(refused);
    const made = storeOf(full);
    await expect(update(made.store, () => changes)).rejects.toMatchObject(refused);
    expect([fixed.attempts(), fixed.writes, made.writes]).toEqual([0, [], []]);
  });

  test('has an identifier that is clear', async () => {
    const refused = { failures: [expect.objectContaining({ location: 'body.externalId' })] };
    await expect(updateIdentity(storeOf(full).store, 'ws_1', 'a\ufffd', {}, by)).rejects.toMatchObject(refused);
  });
});

test.each([
  [undefined, ['ann', 'bob', 'eve']],
  ['', ['ann', 'bob', 'eve']],
  ['AN', ['ann', 'eve']],
  ['bo', ['bob']],
  ['émilie', ['eve']],
  ['nobody', []],
])('a search for identities with %j finds %j by identifier and name', async (search, expected) => {
  const users = ['ann', 'bob', 'eve'].map((externalId) => ({ ...plain, externalId }));
  const all = users.map((user) => (user.externalId === 'eve' ? { ...user, name: 'Emilie Anders' } : user));
  const list = async (workspaceId: string, fits: (identity: Identity) => boolean, page: object) => ({
    items: all.filter(fits),
    asked: { workspaceId, ...page },
  });
  const store = { identities: { list } } as unknown as Store;
  const found = await listIdentities(store, 'ws_1', search, { limit: 3, after: 'a' });
  expect(found).toEqual({
    items: expected.map((externalId) => expect.objectContaining({ externalId })),
    asked: { workspaceId: 'ws_1', limit: 3, after: 'a' },
  });
});
