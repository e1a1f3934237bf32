/** Changes that wait for replicas: WAIT, on real Redis with a primary and a replica that stops. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deadlines } from '../../src/server/store/redis/deadlines.ts';
import { isChange, markOf } from '../../src/server/store/redis/replication.ts';
import { standalone } from '../../src/server/store/redis/settings.ts';
import { connectRedis, StoreUnavailable } from '../../src/server/store/redis.ts';
import { scripts } from '../../src/server/store/scripts.ts';
import { type LocalRedis, startRedis, tell, until } from '../support/redis.ts';

let primary: LocalRedis;
let replica: LocalRedis;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  const options = ['--repl-diskless-sync-delay', '0'];
  primary = await startRedis({ options });
  replica = await startRedis({ options: [...options, '--replicaof', `127.0.0.1 ${primary.port}`] });
  await until('the replica follows', async () =>
    (await tell(replica.url, 'INFO', 'replication')).includes('link_status:up'),
  );
  redis = connectRedis({ ...standalone(primary.url), waitReplicas: 1 });
  await redis.ready;
  // The primary counts a replica only after its first acknowledgement.
  await until('changes are acknowledged', () =>
    redis.run((client) => client.set('portico:{1}:text', '')).then(() => true),
  );
});
afterAll(async () => {
  await redis.close();
  await replica.stop();
  await primary.stop();
});

/** Runs something while the replica does not reply. */
async function withoutReplica<T>(run: () => Promise<T>): Promise<T> {
  replica.process.kill('SIGSTOP');
  try {
    return await run();
  } finally {
    replica.process.kill('SIGCONT');
  }
}

const usage = { keys: { usageWork: 'portico:{1}:work' }, args: { many: 1 } };
const calls = { keys: { calls: 'portico:calls' }, args: { points: 1, seconds: 60 } };
const session = { keys: { quota: 'portico:{1}:quota' } };

describe('a change', () => {
  test('is on the replica when it is acknowledged', async () => {
    const limit = deadlines.replication;
    // On a busy machine the replica can be slow. How slow it may be is not what this is about.
    deadlines.replication = 5000;
    for (let i = 0; i < 20; i++) {
      await redis.run((client) => client.set('portico:{1}:text', String(i)));
      expect(await tell(replica.url, 'GET', 'portico:{1}:text')).toBe(String(i));
    }
    deadlines.replication = limit;
  });

  test('that no replica has in time is StoreUnavailable, and may have taken effect', async () => {
    const change = withoutReplica(() => redis.run((client) => client.set('portico:{1}:text', 'unknown')));
    await expect(change).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(change).rejects.toMatchObject({ reason: '0 of 1 replicas have a change in time' });
    expect(await redis.run((client) => client.get('portico:{1}:text'))).toBe('unknown');
    await until('changes are acknowledged again', () =>
      redis.run((client) => client.set('portico:{1}:text', '')).then(() => true),
    );
  });

  // Who repeats a call that was not acknowledged must not learn from a refusal that it was done.
  test('that changes nothing waits for what it has found', async () => {
    await redis.run((client) => client.set('portico:{1}:gone', ''));
    const repeated = withoutReplica(async () => {
      await tell(primary.url, 'DEL', 'portico:{1}:gone');
      return redis.run((client) => client.del('portico:{1}:gone'));
    });
    await expect(repeated).rejects.toMatchObject({ reason: '0 of 1 replicas have a change in time' });
    await until('changes are acknowledged again', () =>
      redis.run((client) => client.del('portico:{1}:gone')).then(() => true),
    );
  });

  test('shares a WAIT with the others that come at the same time', async () => {
    await tell(primary.url, 'CONFIG', 'RESETSTAT');
    await redis.run((client) =>
      Promise.all(Array.from({ length: 100 }, (_, i) => client.set(`portico:{${i}}:text`, ''))),
    );
    const [, waits] = /cmdstat_wait:calls=(\d+)/.exec(await tell(primary.url, 'INFO', 'commandstats')) ?? [];
    expect(Number(waits)).toBeGreaterThan(0);
    expect(Number(waits)).toBeLessThan(5);
  });

  test('leaves nothing but itself', async () => {
    await tell(primary.url, 'FLUSHALL');
    await redis.run((client) => client.set('portico:text', ''));
    expect(await tell(primary.url, 'KEYS', '*')).toEqual(['portico:text']);
  });
});

test('a change that the primary refuses to confirm is StoreUnavailable, with what the primary says', async () => {
  await tell(primary.url, 'ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-set');
  const url = primary.url.replace('//', '//limited:secret@');
  const limited = connectRedis({ ...standalone(url), waitReplicas: 1 });
  await limited.ready;
  const change = limited.run((client) => client.hSet('portico:{1}:hash', 'field', '1'));
  await expect(change).rejects.toMatchObject({
    reason: 'The primary refuses to confirm a change',
    refusal: expect.stringMatching(/^NOPERM/),
  });
  expect(await limited.run((client) => client.hGet('portico:{1}:hash', 'field'))).toBe('1');
  await limited.close();
  await tell(primary.url, 'ACL', 'DELUSER', 'limited');
});

test('the connection on which changes wait is replaced when it is lost, and ends with the others', async () => {
  const named = async () => [...(await tell(primary.url, 'CLIENT', 'LIST')).matchAll(/^id=(\d+) .*? cmd=(\S+)/gm)];
  const others = new Set((await named()).map(([, id]) => id));
  const own = async () => (await named()).filter(([, id, cmd]) => !others.has(id) && cmd !== 'client|list');
  const another = connectRedis({ ...standalone(primary.url), waitReplicas: 1 });
  await another.ready;
  const change = () => another.run((client) => client.set('portico:{1}:text', ''));
  await until('a change is acknowledged', () => change().then(() => true));
  const [waiting] = (await own()).filter(([, , cmd]) => cmd === 'wait');
  await tell(primary.url, 'CLIENT', 'KILL', 'ID', String(waiting?.[1]));
  await until('a change is acknowledged again', () => change().then(() => true));
  expect(another.connection()).toBe(1);
  expect((await own()).map(([, id]) => id)).not.toContain(waiting?.[1]);
  await another.close();
  await until('all its connections have ended', async () => (await own()).length === 0);
});

test('reads and counts do not wait', async () => {
  const replies = await withoutReplica(() =>
    redis.run((client) =>
      Promise.all([
        client.withTypeMapping({}).get('portico:none'),
        client.findUsageWork(usage),
        client.countCalls(calls),
      ]),
    ),
  );
  expect(replies).toMatchObject([null, { outcome: 'ok' }, { outcome: 'ok' }]);
  expect(await withoutReplica(() => redis.run((client) => client.sweepQuota(session)))).toMatchObject({
    outcome: 'ok',
  });
});

test('Redis can serve only with enough replicas', async () => {
  await expect(redis.probe()).resolves.toBeUndefined();
  await expect(withoutReplica(() => redis.probe())).rejects.toMatchObject({
    reason: '0 of 1 replicas have a change in time',
  });
});

test('what was read can be confirmed', async () => {
  await expect(redis.confirm()).resolves.toBeUndefined();
  await expect(withoutReplica(() => redis.confirm())).rejects.toBeInstanceOf(StoreUnavailable);
});

test('what waits is all but reads and these counts', () => {
  const names = Object.keys(scripts);
  expect(names.filter((name) => !isChange(name)).sort()).toEqual([
    ...['beatDataset', 'countCalls', 'findPortal', 'findSession', 'findUsageWork', 'forgetKeys'],
    ...['forgetMinutes', 'leaseCalls', 'probe', 'readControl', 'readPage', 'readScopes', 'readSession', 'readTopKeys'],
    ...['readUsage', 'readUsageDay', 'reportApiKey', 'rollUpUsage', 'sweepQuota', 'verifyApiKey'],
  ]);
  expect(['get', 'hGetAll', 'set', 'hSet', 'unlink', 'aCommandOfTheFuture'].filter(isChange)).toEqual([
    ...['set', 'hSet', 'unlink', 'aCommandOfTheFuture'],
  ]);
});

test('Redis refuses the writes of a script that declares none', async () => {
  const { SCRIPT } = scripts.readSession;
  const writing = SCRIPT.replace("redis.call('GET', sessionKey)", "redis.call('SET', sessionKey, '')");
  expect(writing).not.toBe(SCRIPT);
  await expect(tell(primary.url, 'EVAL', writing, '1', 'a')).rejects.toThrow('read-only scripts');
});

test.each([
  ['portico:{29}:ws_1:text', 'portico:replicated:{29}'],
  ['portico:workspaces', 'portico:replicated:{portico:workspaces}'],
])('the mark of %s is in its slot', (key, mark) => {
  expect(markOf(key)).toBe(mark);
});
