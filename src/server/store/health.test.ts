import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ErrorReply } from 'redis';
import { readHealth } from './health.ts';
import { type Redis, StoreUnavailable } from './redis.ts';

const now = 1_750_000_000_000;
beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** The replies of a node; its CONFIG is refused by default. */
interface Replies {
  info: string[] | (() => Promise<never>);
  save?: string;
  time?: [string, string] | (() => Promise<never>);
}
/** The health of nodes with these replies; a node can also fail. */
function healthOf(replies: (Replies | Error)[], mode: Redis['mode'] = 'standalone') {
  const redis: Pick<Redis, 'mode' | 'nodes' | 'onNode'> = {
    mode,
    nodes: async () =>
      replies.map((_, i) => ({ host: `host-${i}`, port: i, ...(i === 1 && { replicaOf: 'host-0:0' }) })),
    async onNode({ port }, command) {
      const reply = replies[port];
      if (reply === undefined || reply instanceof Error) throw reply;
      const { info, save, time = [String(now / 1000), '0'] } = reply;
      return command({
        info: async () => (typeof info === 'function' ? info() : info.join('\r\n')),
        time: async () => (typeof time === 'function' ? time() : time),
        configGet: async () => (save === undefined ? Promise.reject(new Error('NOPERM')) : { save }),
      } as never);
    },
  };
  return readHealth(redis as Redis);
}
const first = async (replies: Replies) => (await healthOf([replies])).nodes[0]?.health;

test('a node reports its version, its persistence, its memory and its clock', async () => {
  const info = ['# Server', 'redis_version:7.2.4', 'aof_enabled:1', 'maxmemory:1024', 'maxmemory_policy:noeviction'];
  expect(await first({ info, save: '3600 1', time: [String(now / 1000 - 3), '500000'] })).toEqual({
    version: '7.2.4',
    appendOnly: true,
    snapshots: true,
    maxMemory: 1024,
    maxMemoryPolicy: 'noeviction',
    replicas: undefined,
    needsReplicas: false,
    clockSkewMs: 2500,
    forbidden: [],
  });
});

test('a primary reports its replicas, and whether it needs them', async () => {
  const primary = ['role:master', 'connected_slaves:2'];
  expect(await first({ info: primary })).toMatchObject({ replicas: 2, needsReplicas: false });
  expect(await first({ info: [...primary, 'min_slaves_good_slaves:2'] })).toMatchObject({ needsReplicas: true });
  expect(await first({ info: ['role:slave', 'connected_slaves:0'] })).toMatchObject({ replicas: undefined });
});

test('a node that writes nothing says so, and Valkey names its own version', async () => {
  const info = ['redis_version:7.2.4', 'valkey_version:8.1.0', 'aof_enabled:0', 'maxmemory:0'];
  expect(await first({ info, save: '', time: [String(now / 1000 + 1), '0'] })).toMatchObject({
    version: '8.1.0',
    appendOnly: false,
    snapshots: false,
    maxMemory: 0,
    clockSkewMs: -1000,
  });
});

test('what a node does not report is undefined', async () => {
  expect(await first({ info: [] })).toEqual({
    version: 'unknown',
    appendOnly: undefined,
    snapshots: undefined,
    maxMemory: undefined,
    maxMemoryPolicy: undefined,
    replicas: undefined,
    needsReplicas: false,
    clockSkewMs: 0,
    forbidden: [],
  });
});

test('a node that may not be asked is there, and says what is unknown', async () => {
  const noperm = () =>
    Promise.reject(new ErrorReply("NOPERM User portico has no permissions to run the 'info' command"));
  expect(await first({ info: noperm, time: noperm })).toMatchObject({ forbidden: ['INFO', 'TIME'], clockSkewMs: 0 });
  expect(await first({ info: [], time: noperm })).toMatchObject({ forbidden: ['TIME'] });
  await expect(first({ info: () => Promise.reject(new ErrorReply('ERR')) })).rejects.toThrow('ERR');
});

test('every node is listed, also one that is unavailable, and a replica with its primary', async () => {
  const found = await healthOf([{ info: [] }, new StoreUnavailable('away')], 'cluster');
  expect(found).toEqual({
    isSpread: true,
    nodes: [
      { address: 'host-0:0', health: expect.objectContaining({ version: 'unknown' }) },
      { address: 'host-1:1', replicaOf: 'host-0:0', health: undefined },
    ],
  });
  expect(await healthOf([], 'sentinel')).toEqual({ isSpread: true, nodes: [] });
  expect(await healthOf([], 'standalone')).toEqual({ isSpread: false, nodes: [] });
});

test('an unexpected error is not an unavailable node', async () => {
  await expect(healthOf([new TypeError('a fault')])).rejects.toThrow('a fault');
});
