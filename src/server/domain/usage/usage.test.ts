import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { GetVerificationsRequest, VerifyKeyRequest } from '../../../../generated/client/types.gen.ts';
import type { Store } from '../../store/index.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import type { UsageOwner } from '../../store/usage.ts';
import { sha256 } from '../credentials.ts';
import { keyVerified } from '../events.ts';
import { periodsOf } from '../policies/periods.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { getVerifications, verifyKey, verifyKeys } from './usage.ts';

describe('a verification', () => {
  const rootKey = { workspaceId: 'ws_1' } as unknown as VerifiedRootKey;
  const api = { apiId: 'api_1', name: 'API', createdAt: 1, policy: { scopes: ['read', 'write'], maxLifetime: 1000 } };
  const plain = { keyId: 'key_1', apiId: 'api_1', externalId: 'ann', createdAt: 5 };
  const state = { limit: 9, remaining: 8, reset: 99 };
  const full = { ...plain, name: 'Laptop', meta: { a: 1 }, expires: 700, scopes: ['write', 'gone'] };
  const decisions: Record<string, object> = {
    none: { code: 'NOT_FOUND' },
    plain: { code: 'EXPIRED', record: plain, api: { ...api, policy: undefined } },
    full: {
      ...{ code: 'VALID', record: full, api, userPolicy: { maxLifetime: 600 } },
      ...{ ratelimit: { ...state, duration: 60_000 }, quota: state },
    },
  };
  const hashes = new Map(Object.keys(decisions).map((key) => [sha256(key), key]));

  /** A store that decides on a key by its text, and writes down what it was asked. */
  function watched() {
    const asked: unknown[] = [];
    const store = {
      usage: {
        verify: async (by: object, hash: string, periods: unknown, request: object) => {
          const key = hashes.get(hash) ?? '';
          asked.push([by === rootKey && periods === periodsOf, key, request]);
          return decisions[key];
        },
      },
      rootKeys: { countMore: async (by: object, many: number) => void asked.push([by === rootKey, 'more', many]) },
    };
    return { asked, store: store as unknown as Store };
  }
  const published: unknown[] = [];
  const note = (message: unknown) => void published.push(message);
  beforeEach(() => {
    published.length = 0;
    subscribe(keyVerified.name, note);
  });
  afterEach(() => {
    unsubscribe(keyVerified.name, note);
  });

  test.each([
    ['none', { valid: false, code: 'NOT_FOUND' }],
    ['plain', { valid: false, code: 'EXPIRED', keyId: 'key_1', apiId: 'api_1', externalId: 'ann' }],
    [
      'full',
      {
        ...{ valid: true, code: 'VALID', keyId: 'key_1', apiId: 'api_1', externalId: 'ann' },
        ...{ name: 'Laptop', meta: { a: 1 }, expires: 605, scopes: ['write'] },
        ...{ ratelimit: { ...state, duration: 60_000 }, quota: state },
      },
    ],
  ])('says what there is of the key %j, and nothing else, and is counted for metrics', async (key, verification) => {
    expect(await verifyKey(watched().store, rootKey, { key })).toStrictEqual(verification);
    expect(published).toEqual([{ outcome: verification.code, count: 1 }]);
  });

  const needsOf = (operationId: string, location: string) => `${location} ${operationId}` as never;
  test.each<[string, VerifyKeyRequest, typeof needsOf | undefined, object]>([
    ['its key', { key: 'none' }, needsOf, {}],
    ['its key, where there are no operations', { key: 'none' }, undefined, {}],
    ['its key, if its operation is not known', { key: 'none', operationId: 'getPet' }, undefined, {}],
    ['its operation', { key: 'none', operationId: 'getPet' }, needsOf, { operation: 'body.operationId getPet' }],
    [
      'its API, its cost, its scopes and its address',
      { key: 'none', apiId: 'api_1', cost: 3, scopes: ['a', 'b'], ip: '"192.0.2.1:80"' },
      needsOf,
      { apiId: 'api_1', cost: 3, scopes: [['a', 'b']], ip: '192.0.2.1' },
    ],
  ])('depends on %s', async (_, request, needs, expected) => {
    const { asked, store } = watched();
    await verifyKey(store, rootKey, request, needs);
    const nothing = { apiId: undefined, cost: undefined, operation: undefined, ip: undefined };
    expect(asked).toStrictEqual([[true, 'none', { ...nothing, ...expected }]]);
  });

  test('of several keys is one call for each, in their order, with the place of each operation', async () => {
    const { asked, store } = watched();
    const keys = [{ key: 'plain', operationId: 'a' }, { key: 'full' }, { key: 'none', operationId: 'b' }];
    const verifications = await verifyKeys(store, rootKey, keys, needsOf);
    expect(verifications.map(({ code }) => code)).toEqual(['EXPIRED', 'VALID', 'NOT_FOUND']);
    expect(asked).toEqual([
      [true, 'more', 2],
      [true, 'plain', { operation: 'body.keys[0].operationId a' }],
      [true, 'full', {}],
      [true, 'none', { operation: 'body.keys[2].operationId b' }],
    ]);
  });

  test.each<[VerifyKeyRequest, string[]]>([
    [{ key: 'none', ip: 'nowhere' }, ['ip']],
    [{ key: 'none', scopes: [], operationId: 'a' }, ['operationId']],
    [{ key: 'none', scopes: ['a'], operationId: 'a', ip: '' }, ['ip', 'operationId']],
  ])('is refused for %j, and nothing is verified or counted', async (request, fields) => {
    const { asked, store } = watched();
    const failuresOf = (verification: Promise<unknown>) =>
      verification.then(
        () => [],
        ({ failures }) => failures.map(({ location }: { location: string }) => location),
      );
    expect(await failuresOf(verifyKey(store, rootKey, request))).toEqual(fields.map((field) => `body.${field}`));
    const several = verifyKeys(store, rootKey, [{ key: 'full' }, request]);
    expect(await failuresOf(several)).toEqual(fields.map((field) => `body.keys[1].${field}`));
    expect([asked, published]).toEqual([[], []]);
  });
});

describe('the verifications of a user', () => {
  const [minute, quarterHour, hour, day] = [60_000, 900_000, 3_600_000, 86_400_000];
  const lengths = { minute, quarterHour, day };
  /** 30.5 seconds after noon. */
  const now = Date.parse('2026-11-20T12:00:30.500Z');
  beforeEach(() => {
    jest.useFakeTimers({ now });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const permissions = ['api.api_1.read_analytics', 'api.api_2.read_analytics', 'api.api_3.read_key'];
  const session = {
    portal: { workspaceId: 'ws_1', apiIds: ['api_1', 'api_2', 'api_3'] },
    grant: { externalId: 'ann', permissions },
  } as unknown as AuthenticatedSession;

  /** The keys of the user by their ids, and how many verifications each has in a minute. `null` is a key that was deleted. */
  type Keys = Record<string, { apiId: string; perMinute: number; name?: string } | null>;

  /** A store in which each API has one verification in a minute besides those of its keys. */
  function storeOf(keys: Keys) {
    const asked: unknown[] = [];
    const recordsOf = (keyIds: string[]) =>
      keyIds.flatMap((keyId) => {
        const { perMinute: _, ...record } = keys[keyId] ?? { apiId: undefined, perMinute: 0 };
        return record.apiId === undefined ? [] : [{ keyId, ...record }];
      });
    const perMinute = ({ keyId }: UsageOwner) => (keyId === undefined ? 1 : (keys[keyId]?.perMinute ?? 1000));
    const store = {
      apis: { findMany: async (_: string, apiIds: string[]) => apiIds.map((apiId) => ({ apiId })) },
      apiKeys: {
        find: async (_: object, keyId: string) => recordsOf([keyId]).map((record) => ({ record }))[0],
        findMany: async (_: object, keyIds: string[]) => recordsOf(keyIds),
      },
      usage: {
        topKeys: async (...args: unknown[]) => {
          asked.push(args);
          return Object.entries(keys).map(([keyId, key]) => ({ keyId, apiId: key?.apiId ?? 'api_1' }));
        },
        read: async (
          _: string,
          owners: UsageOwner[],
          resolution: keyof typeof lengths,
          { start, end }: { start: number; end: number },
        ) => {
          const length = lengths[resolution];
          const many = owners.reduce((sum, owner) => sum + perMinute(owner), 0) * (length / minute);
          return new Map(
            Array.from({ length: (end - start) / length }, (__, i) => [start + i * length, { VALID: many }]),
          );
        },
      },
    };
    return { asked, store: store as unknown as Store };
  }
  const read = (store: Store, startTime: number, endTime: number, more: Partial<GetVerificationsRequest> = {}) =>
    getVerifications(store, session, { startTime, endTime, ...more }, 30);
  const none = {
    ...{ rateLimited: 0, usageExceeded: 0, disabled: 0, expired: 0, insufficientPermissions: 0, forbidden: 0 },
  };
  const counts = (valid: number) => ({ total: valid, valid, ...none });
  const noon = Math.floor(now / minute) * minute;

  test('are those in the APIs that the session can see, over the time, beside those of the time before', async () => {
    const { asked, store } = storeOf({
      key_1: { apiId: 'api_1', perMinute: 2, name: 'Laptop' },
      key_2: { apiId: 'api_2', perMinute: 3 },
    });
    const hours = [60, 60, 60, 60, 1];
    const window = { start: noon - 4 * hour, end: noon + minute };
    expect(await read(store, window.start, now)).toStrictEqual({
      startTime: window.start,
      endTime: window.end,
      storedSince: Date.parse('2026-10-21'),
      timeZone: 'UTC',
      granularity: 'hour',
      totals: counts(2 * 241),
      previousTotals: counts(2 * 241),
      series: hours.map((minutes, i) => ({ time: window.start + i * hour, ...counts(2 * minutes) })),
      topKeys: [
        { keyId: 'key_2', apiId: 'api_2', ...counts(3 * 241), trend: hours.map((minutes) => 3 * minutes) },
        { keyId: 'key_1', apiId: 'api_1', ...counts(2 * 241), name: 'Laptop', trend: hours.map((many) => 2 * many) },
      ],
    });
    const users = ['api_1', 'api_2'].map((apiId) => ({ externalId: 'ann', apiId }));
    expect(asked).toEqual([['ws_1', users, window, 20]]);
  });

  test('of one key are those of this key alone', async () => {
    const { asked, store } = storeOf({
      key_1: { apiId: 'api_1', perMinute: 2 },
      key_2: { apiId: 'api_2', perMinute: 3 },
    });
    const { totals, previousTotals, series, topKeys } = await read(store, noon - 2 * minute, noon, { keyId: 'key_2' });
    expect([totals, previousTotals]).toEqual([counts(6), counts(6)]);
    expect(series.map(({ total }) => total)).toEqual([3, 3]);
    expect(topKeys).toStrictEqual([{ keyId: 'key_2', apiId: 'api_2', ...counts(6), trend: [3, 3] }]);
    expect(asked).toEqual([]);
  });

  test('are not compared with a time of which nothing is stored', async () => {
    const { store } = storeOf({});
    const { previousTotals, ...rest } = await read(store, now - 20 * day, now);
    expect('previousTotals' in (await read(store, now - 20 * day, now))).toBe(false);
    expect([previousTotals, rest.granularity, rest.topKeys]).toEqual([undefined, 'day', []]);
  });

  test('name the ten keys with the most of them, and none that was deleted or has none', async () => {
    const many = Array.from({ length: 12 }, (_, i) => [`key_${i}`, { apiId: 'api_1', perMinute: i }] as const);
    const { store } = storeOf({ deleted: null, ...Object.fromEntries(many) });
    const idsOf = async (of: Store) => (await read(of, noon - minute, noon)).topKeys.map(({ keyId }) => keyId);
    expect(await idsOf(store)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((i) => `key_${i}`));
    const few = storeOf({
      deleted: null,
      idle: { apiId: 'api_1', perMinute: 0 },
      key: { apiId: 'api_1', perMinute: 1 },
    });
    expect(await idsOf(few.store)).toEqual(['key']);
  });

  test.each([
    ['key_0', 'unkey/data/key_not_found'],
    ['key_of_another_portal', 'unkey/data/key_not_found'],
    ['key_3', 'unkey/authorization/insufficient_permissions'],
  ])('of the key %j are not shown', async (keyId, code) => {
    const { store } = storeOf({
      key_3: { apiId: 'api_3', perMinute: 1 },
      key_of_another_portal: { apiId: 'api_4', perMinute: 1 },
    });
    await expect(read(store, noon - minute, noon, { keyId })).rejects.toMatchObject({ code });
  });

  test('are read in a time zone that exists, and in a window with an end', async () => {
    const { store } = storeOf({});
    const failing = (start: number, end: number, timeZone?: string) =>
      expect(read(store, start, end, { ...(timeZone !== undefined && { timeZone }) })).rejects;
    await failing(noon - minute, noon, 'Europe/Nowhere').toMatchObject({ failures: [{ location: 'body.timeZone' }] });
    await failing(noon, noon).toMatchObject({ failures: [{ location: 'body.endTime' }] });
    const inBerlin = await read(store, noon - 12 * hour, noon, { timeZone: 'Europe/Berlin' });
    expect([inBerlin.timeZone, inBerlin.storedSince]).toEqual(['Europe/Berlin', Date.parse('2026-10-20T22:00Z')]);
    expect(inBerlin.endTime - inBerlin.startTime).toBe(48 * quarterHour);
  });
});
