import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Fixture } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { dataOf } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

interface NewKey {
  keyId: string;
  key: string;
}
interface Key {
  keyId: string;
  externalId: string;
  name?: string;
  start: string;
  enabled: boolean;
}
interface Result {
  status: string;
  keyId?: string;
}
interface Entry {
  action: string;
  actor: { type: string };
  resource: { id: string };
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

const success = { status: 200 };
const managed = { status: 403, error: 'unkey/authorization/key_managed' };

/** Calls an operation with the root key and returns its data. */
async function backend<T>(trial: Trial, { rootKey }: Fixture, operation: string, body: object): Promise<T> {
  return dataOf<T>(await trial.call(operation, { authorization: `Bearer ${rootKey}`, body }, success));
}

/** Creates a key for the user of the state. */
const create = (trial: Trial, fixture: Fixture, over: object = {}) =>
  backend<NewKey>(trial, fixture, 'keys.createKey', {
    apiId: fixture.apiId,
    externalId: fixture.externalId,
    ...over,
  });

async function expectCode(trial: Trial, { rootKey }: Fixture, key: string, code: string): Promise<void> {
  const request = { authorization: `Bearer ${rootKey}`, body: { key } };
  await trial.call('keys.verifyKey', request, { status: 200, data: { code } });
}

/** All items of a list of keys, by its pages. */
async function pages(trial: Trial, { rootKey }: Fixture, body: object): Promise<Key[]> {
  const found: Key[] = [];
  for (let cursor: string | undefined, i = 0; i < 20; i++) {
    const page = { ...body, limit: 2, ...(cursor !== undefined && { cursor }) };
    const response = await trial.call('apis.listKeys', { authorization: `Bearer ${rootKey}`, body: page }, success);
    found.push(...dataOf<Key[]>(response));
    cursor = (response.body as { pagination: { cursor?: string } }).pagination.cursor;
    if (cursor === undefined) return found;
  }
  return found;
}

/** The key as a backend sees it. */
const read = (trial: Trial, fixture: Fixture, keyId: string) =>
  backend<Record<string, unknown>>(trial, fixture, 'keys.getKey', { keyId });

/** Every setting of a key, and another value of each. */
const settings = {
  ...{ name: 'First', enabled: false, managed: true, expires: 4_070_908_800_000, meta: { team: 'billing' } },
  ...{ ratelimit: { limit: 5, duration: 60_000 }, scopes: ['invoices:read'], ipRanges: ['192.0.2.0/24'] },
};
const changes: [field: string, value: unknown][] = [
  ...Object.entries({
    name: 'Second',
    enabled: true,
    managed: false,
    expires: 4_070_908_900_000,
    meta: { team: 'sales' },
  }),
  ...Object.entries({
    ratelimit: { limit: 6, duration: 60_000 },
    scopes: ['invoices:write'],
    ipRanges: ['198.51.100.0/24'],
  }),
];

/** The settings of a key that differ from these, as text. */
const differences = (key: Record<string, unknown>, expected: Record<string, unknown>): string[] =>
  Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(key[field]) !== JSON.stringify(value))
    .map(([field, value]) => `${field} is ${JSON.stringify(key[field])}, not ${JSON.stringify(value)}`);

const imported = async (trial: Trial, fixture: Fixture, keys: object[]) =>
  (await backend<{ keys: Result[] }>(trial, fixture, 'keys.importKeys', { apiId: fixture.apiId, keys })).keys;

/** Sends a request twice with one Idempotency-Key, and expects one key. */
async function createTwice(trial: Trial) {
  const fixture = await trial.arrange('keyUser');
  const body = { apiId: fixture.apiId, externalId: fixture.externalId, name: 'Once' };
  const request = { authorization: `Bearer ${fixture.rootKey}`, body, headers: { 'Idempotency-Key': newId() } };
  const create = async () => dataOf<NewKey>(await trial.call('keys.createKey', request, success));
  const [first, second] = [await create(), await create()];
  trial.assert(first.keyId === second.keyId && first.key === second.key, 'both responses have the same key');
  return { fixture, request, key: first.key };
}

/** Keys of users, managed by a backend. */
export default [
  {
    operation: 'keys.createKey',
    name: 'a repeated request with one Idempotency-Key returns the same key, and a different request is refused',
    async run(trial) {
      const { request } = await createTwice(trial);
      const reused = { status: 422, error: 'user/idempotency/key_reused' };
      await trial.call('keys.createKey', { ...request, body: { ...request.body, externalId: 'another' } }, reused);
    },
  },
  {
    operation: 'keys.createKey',
    name: 'a repeated request with one Idempotency-Key creates one key, which is valid',
    async run(trial) {
      const { fixture, key } = await createTwice(trial);
      const found = await pages(trial, fixture, { apiId: fixture.apiId, externalId: fixture.externalId });
      trial.assert(found.length === 1, `one key was created, not ${found.length}`);
      await expectCode(trial, fixture, key, 'VALID');
    },
  },
  {
    operation: 'keys.createKey',
    name: 'its user sees the key in the portal, and cannot change it if the backend manages it',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { keyId, key } = await create(trial, fixture, { name: 'Plan', managed: true, prefix: 'own' });
      trial.assert(key.startsWith('own_'), 'the key has the prefix of the request');
      const asUser = (body: object) => ({ authorization: `Bearer ${fixture.token}`, body });
      const [listed] = dataOf<(Key & { managed: boolean })[]>(await trial.call('portal.listKeys', asUser({}), success));
      trial.assert(listed?.keyId === keyId && listed.managed, 'the list of the user has the key as a managed one');
      await trial.call('portal.updateKey', asUser({ keyId, enabled: false }), managed);
      await trial.call('portal.rerollKey', asUser({ keyId, expiration: 0 }), managed);
      await trial.call('portal.deleteKey', asUser({ keyId }), managed);
      await expectCode(trial, fixture, key, 'VALID');
      await backend(trial, fixture, 'keys.updateKey', { keyId, managed: false });
      await trial.call('portal.updateKey', asUser({ keyId, enabled: false }), success);
      await expectCode(trial, fixture, key, 'DISABLED');
    },
  },
  {
    operation: 'keys.createKey',
    name: 'the key has every setting of the request',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const usual = await create(trial, fixture);
      const long = await create(trial, fixture, { ...settings, byteLength: 64 });
      trial.assert(long.key.length > usual.key.length + 40, 'the key has the number of random bytes of the request');
      const wrong = differences(await read(trial, fixture, long.keyId), settings);
      trial.assert(wrong.length === 0, wrong.join(', ') || 'the key has its settings');
    },
  },
  {
    operation: 'keys.updateKey',
    name: 'a change of one setting changes it and no other',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { keyId } = await create(trial, fixture, settings);
      for (const [field, value] of changes) {
        const before = await read(trial, fixture, keyId);
        await backend(trial, fixture, 'keys.updateKey', { keyId, [field]: value });
        const { updatedAt: _, ...expected } = { ...before, [field]: value };
        const wrong = differences(await read(trial, fixture, keyId), expected);
        trial.assert(wrong.length === 0, wrong.join(', ') || `only ${field} has changed`);
      }
    },
  },
  {
    operation: 'keys.getKey',
    name: 'a backend reads the key that a user has created, with its user',
    async run(trial) {
      const fixture = await trial.arrange('key');
      const key = await backend<Key>(trial, fixture, 'keys.getKey', { keyId: fixture.keyId });
      trial.assert(key.externalId === fixture.externalId, 'the key has its user');
    },
  },
  {
    operation: 'keys.createKey',
    name: 'every list has each setting of the key, and when it was last used',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { apiId, token } = fixture;
      const settings = {
        ...{ name: 'Whole', meta: { team: 'billing' }, expires: 4_102_444_800_000 },
        ...{ ratelimit: { limit: 9, duration: 60_000 }, ipRanges: ['192.0.2.0/24'] },
      };
      const { keyId, key } = await create(trial, fixture, settings);
      await backend(trial, fixture, 'keys.verifyKey', { key, ip: '192.0.2.1' });
      const asUser = { authorization: `Bearer ${token}`, body: { apiId } };
      const lists = {
        'portal.listKeys': dataOf<Key[]>(await trial.call('portal.listKeys', asUser, success)),
        'apis.listKeys': await backend<Key[]>(trial, fixture, 'apis.listKeys', { apiId }),
        'keys.getKey': [await backend<Key>(trial, fixture, 'keys.getKey', { keyId })],
        'keys.updateKey': [await backend<Key>(trial, fixture, 'keys.updateKey', { keyId, enabled: true })],
        'portal.updateKey': [
          dataOf<Key>(await trial.call('portal.updateKey', { ...asUser, body: { keyId, enabled: true } }, success)),
        ],
      };
      for (const [operation, listed] of Object.entries(lists)) {
        const found = { ...listed.find((each) => each.keyId === keyId) } as Record<string, unknown>;
        const wrong = Object.entries(settings).filter(([name, value]) => !isDeepStrictEqual(found[name], value));
        trial.assert(wrong.length === 0, `${operation} returns as they were sent: ${wrong.map(([name]) => name)}`);
        trial.assert(Number(found['lastUsedAt']) > 0, `${operation} says when the key was last used`);
      }
    },
  },
  {
    operation: 'keys.updateKey',
    name: 'the next verification applies the change, also to the key of a user',
    async run(trial) {
      const fixture = await trial.arrange('key');
      await backend(trial, fixture, 'keys.updateKey', { keyId: fixture.keyId, enabled: false });
      await expectCode(trial, fixture, String(fixture.apiKey), 'DISABLED');
    },
  },
  {
    operation: 'keys.deleteKey',
    name: 'the next verification of a deleted key returns NOT_FOUND, and no list has it',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { keyId, key } = await create(trial, fixture);
      await backend(trial, fixture, 'keys.deleteKey', { keyId });
      await expectCode(trial, fixture, key, 'NOT_FOUND');
      const found = await pages(trial, fixture, { apiId: fixture.apiId, externalId: fixture.externalId });
      trial.assert(found.length === 0, 'the list of the user is empty');
    },
  },
  {
    operation: 'keys.rerollKey',
    name: 'a repeated request with one Idempotency-Key returns the same key',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { keyId } = await create(trial, fixture);
      const headers = { 'Idempotency-Key': newId() };
      const request = { authorization: `Bearer ${fixture.rootKey}`, body: { keyId, expiration: 0 }, headers };
      const reroll = async () => dataOf<NewKey>(await trial.call('keys.rerollKey', request, success));
      const [fresh, again] = [await reroll(), await reroll()];
      trial.assert(fresh.key === again.key, 'a repeated request returns the same key');
    },
  },
  {
    operation: 'keys.rerollKey',
    name: 'without an overlap the old key is EXPIRED, and the new one has its settings',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const old = await create(trial, fixture, { name: 'Rolled' });
      const fresh = await backend<NewKey>(trial, fixture, 'keys.rerollKey', { keyId: old.keyId, expiration: 0 });
      await expectCode(trial, fixture, old.key, 'EXPIRED');
      await expectCode(trial, fixture, fresh.key, 'VALID');
      const { name } = await backend<Key>(trial, fixture, 'keys.getKey', { keyId: fresh.keyId });
      trial.assert(name === 'Rolled', 'the new key has the name of the old one');
    },
  },
  {
    operation: 'apis.listKeys',
    name: 'pages return the keys of all users once, newest first, and filters find them',
    async run(trial) {
      const { rootKey, ...rest } = await trial.arrange('api');
      const fixture = { ...rest, rootKey };
      const { apiId } = fixture;
      const made: NewKey[] = [];
      const userOf = (i: number) => `user_${i}_of_${apiId}`;
      for (const i of [1, 2, 3, 4, 5]) {
        const over = { externalId: userOf(i), name: `Key ${i}`, enabled: i !== 4 };
        made.push(await create(trial, fixture, over));
      }
      const ids = async (filter: object) =>
        (await pages(trial, fixture, { apiId, ...filter })).map(({ keyId }) => keyId);
      const all = made.map(({ keyId }) => keyId).reverse();
      trial.assert((await ids({})).sort().join() === [...all].sort().join(), 'the pages have every key once');
      const { keyId, key } = made[2] as NewKey;
      for (const filter of [{ externalId: userOf(3) }, { search: 'KEY 3' }, { search: key.slice(0, 9) }]) {
        trial.assert((await ids(filter)).includes(keyId), `${JSON.stringify(filter)} finds the third key`);
      }
      trial.assert((await ids({ externalId: userOf(3) })).length === 1, 'the filter of a user finds only their key');
      trial.assert((await ids({ search: 'KEY 3' })).length === 1, 'the search for a name finds only its key');
      trial.assert((await ids({ state: 'disabled' })).join() === made[3]?.keyId, 'only the fourth key is disabled');
      trial.assert((await ids({ state: 'enabled' })).length === 4, 'four keys are enabled');
      await backend(trial, fixture, 'keys.rerollKey', { keyId, expiration: 0 });
      trial.assert((await ids({ state: 'expired' })).join() === keyId, 'the rerolled key has ended');
    },
  },
  {
    operation: 'keys.importKeys',
    name: 'an imported key verifies, a repeated import changes nothing, and a deleted key can be imported again',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const plaintexts = [1, 2, 3].map((i) => `old_${i}_${newId()}`);
      const keys = plaintexts.map((key, i) => ({
        hash: hash('sha256', key, i === 0 ? 'hex' : i === 1 ? 'base64' : 'base64url'),
        start: key.slice(0, 8),
        externalId: i === 0 ? fixture.externalId : `user_${newId()}`,
        name: `Imported ${i}`,
      }));
      const first = await imported(trial, fixture, keys);
      trial.assert(
        first.every(({ status }) => status === 'created'),
        'all keys are created',
      );
      for (const key of plaintexts) await expectCode(trial, fixture, key, 'VALID');
      const second = await imported(trial, fixture, keys);
      trial.assert(
        second.every(({ status, keyId }, i) => status === 'exists' && keyId === first[i]?.keyId),
        'all keys exist with the same ids',
      );
      const { keyId } = first[1] as { keyId: string };
      await backend(trial, fixture, 'keys.deleteKey', { keyId });
      await expectCode(trial, fixture, String(plaintexts[1]), 'NOT_FOUND');
      const third = await imported(trial, fixture, keys);
      trial.assert(third[1]?.status === 'created' && third[1].keyId !== keyId, 'the deleted key is another one');
      await expectCode(trial, fixture, String(plaintexts[1]), 'VALID');
      const found = await pages(trial, fixture, { apiId: fixture.apiId, externalId: fixture.externalId });
      trial.assert(found.length === 1 && found[0]?.name === 'Imported 0', 'the list of the user has their key');
    },
  },
  {
    operation: 'auditLogs.listEntries',
    name: 'what users and backends do with a key has entries, with the fields before and after',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const asUser = (body: object) => ({ authorization: `Bearer ${fixture.token}`, body });
      const made = await trial.call('portal.createKey', asUser({ apiId: fixture.apiId, name: 'Mine' }), success);
      const { keyId, key } = dataOf<NewKey>(made);
      await backend(trial, fixture, 'keys.updateKey', { keyId, name: 'Ours' });
      const rerolled = await trial.call('portal.rerollKey', asUser({ keyId, expiration: 0 }), success);
      await backend(trial, fixture, 'keys.deleteKey', { keyId });
      const request = { authorization: `Bearer ${fixture.rootKey}`, body: { resourceId: keyId } };
      const secrets = { ...fixture, apiKey: key, sessionId: dataOf<NewKey>(rerolled).key };
      const entries = dataOf<Entry[]>(await trial.call('auditLogs.listEntries', request, success, secrets));
      const seen = entries.map(({ action, actor }) => `${action} ${actor.type}`).reverse();
      const wanted = ['key.create user', 'key.update root_key', 'key.reroll user', 'key.delete root_key'];
      trial.assert(seen.join() === wanted.join(), `the entries are ${wanted}, not ${seen}`);
      const [, update] = entries.reverse();
      trial.assert(
        update?.before?.['name'] === 'Mine' && update.after?.['name'] === 'Ours',
        'the entry has both names',
      );
    },
  },
] satisfies Flow[];
