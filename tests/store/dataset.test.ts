/** The record of all data: what it says, and whether a server works with the data. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { admission, datasetStore, requireFormat } from '../../src/server/store/dataset.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionCount } from '../../src/server/store/partitions.ts';
import type { Commands } from '../../src/server/store/redis/client.ts';
import { standalone } from '../../src/server/store/redis/settings.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { type LocalRedis, startRedis, tell } from '../support/redis.ts';

let local: LocalRedis;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  local = await startRedis();
  redis = connectRedis(standalone(local.url));
  await redis.ready;
});
afterAll(async () => {
  await redis.close();
  await local.stop();
});

beforeEach(async () => {
  await redis.run((client) => client.flushAll());
});

const dataset = () => datasetStore(redis);
const put = (fields: Record<string, string | number>) => redis.run((client) => client.hSet(keys.dataset, fields));
const record = () => redis.run(async (client) => ({ ...(await client.hGetAll(keys.dataset)) }));
/** Workspaces as each has recorded its number of partitions; one that is null is listed, and has no record. */
const putWorkspaces = (partitions: (number | null | undefined)[]) =>
  redis.run(async (client) => {
    for (const [i, count] of partitions.entries()) {
      await client.sAdd(keys.workspaces, `ws_${i}`);
      if (count !== null) await client.set(keys.workspace(`ws_${i}`), JSON.stringify({ partitions: count }));
    }
  });
/** The commands, of which one does something else. */
const changing = (client: Commands, command: string, instead: (original: Commands, ...args: never[]) => unknown) =>
  new Proxy(client, {
    get(target, name) {
      if (name === command) return (...args: never[]) => instead(target, ...args);
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

describe('the record of the dataset', () => {
  test.each([
    [{}, { fenced: [] }],
    [{ format: 2 }, { format: 2, fenced: [] }],
    [
      { beat: 5, gapFrom: 1 },
      { beat: 5, fenced: [] },
    ],
    [
      { restored: 0, gapTo: 3 },
      { restored: 0, fenced: [] },
    ],
    [
      { format: 3, beat: 5, gapFrom: 1, gapTo: 3, restored: 7, 'fenced:ws_a': 1, 'fenced:ws_b': 1, unfenced: 1 },
      { format: 3, beat: 5, gap: { from: 1, to: 3 }, restored: 7, fenced: ['ws_a', 'ws_b'] },
    ],
  ])('%j is read as %j', async (fields: Record<string, number>, expected) => {
    if (Object.keys(fields).length > 0) await put(fields);
    expect(await dataset().read()).toStrictEqual(expected);
  });

  test('has the steps of a fence, and after it only the format and a beat', async () => {
    await dataset().writeFormat();
    expect(await record()).toEqual({ format: '2' });
    await put({ format: 1, gapFrom: 1, gapTo: 2, beat: 2 });
    await dataset().beginFence(77);
    await dataset().finishWorkspace('ws_a');
    await dataset().finishWorkspace('ws_b');
    const fenced = { format: '2', restored: '77', 'fenced:ws_a': '1', 'fenced:ws_b': '1' };
    expect(await record()).toEqual({ ...fenced, gapFrom: '1', gapTo: '2', beat: '2' });
    await dataset().endFence(await dataset().read());
    const after = await record();
    expect(after).toEqual({ format: '2', beat: expect.stringMatching(/^\d{13}$/) });
    await put({ gapFrom: 1, gapTo: 2 });
    await dataset().forgetGap();
    expect(await record()).toEqual(after);
  });
});

const of010 = 'Redis has data of 0.1.0';
describe('a server and a command', () => {
  test.each<[string, Record<string, number>, (number | null | undefined)[]]>([
    ['there is nothing', {}, []],
    ['the format is recorded, whatever the workspaces say', { format: 2 }, [undefined]],
    ['all workspaces are of this format', {}, [partitionCount, partitionCount]],
    ['a workspace was listed and is gone', {}, [null, partitionCount]],
  ])('work with the data if %s', async (_, fields, workspaces) => {
    if (Object.keys(fields).length > 0) await put(fields);
    await putWorkspaces(workspaces);
    await redis.run(requireFormat);
    expect(await dataset().read()).toEqual({ ...fields, fenced: [] });
    await redis.run(admission());
    expect(await dataset().read()).toEqual({ format: 2, beat: expect.any(Number), fenced: [] });
  });

  test.each<[string, Record<string, number>, (number | null | undefined)[], string]>([
    ['is older', { format: 1 }, [], of010],
    ['is later', { format: 3 }, [partitionCount], 'Redis has data of format 3, which this version cannot use'],
    ['is not recorded, and a workspace is older', {}, [partitionCount, undefined], of010],
    ['is not recorded, and a workspace has other partitions', {}, [partitionCount + 1], of010],
  ])('refuse data whose format %s, and leave it', async (_, fields, workspaces, message) => {
    await put({ unknown: 1, ...fields });
    await putWorkspaces(workspaces);
    const before = await record();
    const refusal = expect.objectContaining({ name: 'DataRefused', message: expect.stringContaining(message) });
    await expect(redis.run(requireFormat)).rejects.toEqual(refusal);
    await expect(redis.run(admission())).rejects.toEqual(refusal);
    expect(await record()).toEqual(before);
  });
});

describe('a server that remembers its beats', () => {
  const notFenced = expect.objectContaining({ name: 'DataRefused', message: expect.stringContaining('restore fence') });
  /** A server that has been admitted, and its beat. */
  async function running() {
    const check = admission();
    await redis.run(check);
    const { beat = 0 } = await dataset().read();
    return { check: () => redis.run(check), checkWith: (client: Commands) => check(client), beat };
  }

  test('refuses a backup, records when it was made, and no other server works with it', async () => {
    const { check, beat } = await running();
    await put({ beat: beat - 60_000 });
    await expect(check()).rejects.toEqual(notFenced);
    expect(await dataset().read()).toEqual({ format: 2, beat: beat - 60_000, restored: beat - 60_000, fenced: [] });
    await expect(redis.run(admission())).rejects.toEqual(notFenced);
  });

  test('records the format of a backup that has none, and never replaces one', async () => {
    const { check, checkWith, beat } = await running();
    await redis.run((client) => client.del(keys.dataset));
    await putWorkspaces([partitionCount]);
    await expect(check()).rejects.toEqual(notFenced);
    expect(await dataset().read()).toEqual({ format: 2, restored: 0, fenced: [] });
    await redis.run((client) => client.hDel(keys.dataset, 'restored'));
    await put({ beat: beat - 60_000 });
    const meanwhile = redis.run((client) =>
      checkWith(
        changing(client, 'hSet', async (original, ...[key, fields]: [string, Record<string, number>]) => {
          await original.hSet(keys.dataset, 'format', 3);
          return original.hSet(key, fields);
        }),
      ),
    );
    await expect(meanwhile).rejects.toEqual(notFenced);
    expect(await dataset().read()).toMatchObject({ format: 3, restored: beat - 60_000 });
  });

  test('works with a Redis that has lost everything', async () => {
    const { check } = await running();
    await redis.run((client) => client.flushAll());
    await check();
    expect(await dataset().read()).toEqual({ format: 2, beat: expect.any(Number), fenced: [] });
  });

  test('works with a Redis that accepts no writes', async () => {
    const { checkWith } = await running();
    const before = await record();
    await redis.run((client) =>
      checkWith(changing(client, 'beatDataset', () => Promise.reject(new Error('READONLY')))),
    );
    expect(await record()).toEqual(before);
  });

  test('remembers the latest beat, and not an earlier one that a failover has left', async () => {
    const ahead = Date.now() + 3_600_000;
    await put({ beat: ahead });
    const { check } = await running();
    await put({ beat: ahead - 10_000 });
    await check();
    await put({ beat: ahead - 15_001 });
    await expect(check()).rejects.toEqual(notFenced);
  });

  test('remembers the beats before the latest, so a clock that has jumped is no backup', async () => {
    const { check, beat } = await running();
    await put({ beat: beat + 86_400_000 });
    await check();
    await put({ beat });
    await check();
    expect(await dataset().read()).not.toHaveProperty('restored');
  });
});

test('a format that is written between the check of a server and its beat stays, and ends the work of the server', async () => {
  const check = admission();
  await redis.run(check);
  const format = () => tell(local.url, 'HGET', keys.dataset, 'format');
  const own = String(await format());
  expect(own).toMatch(/^\d+$/);
  const later = String(Number(own) + 1);
  const refused = redis.run((client) =>
    check(
      changing(client, 'beatDataset', async (original, input: never) => {
        await original.hSet(keys.dataset, 'format', later);
        return original.beatDataset(input);
      }),
    ),
  );
  await expect(refused).rejects.toThrow(`data of format ${later}`);
  expect(await format()).toBe(later);
  await tell(local.url, 'HSET', keys.dataset, 'format', own);
  await redis.run(check);
});
