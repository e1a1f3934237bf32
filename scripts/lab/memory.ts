/**
 * `npx node scripts/lab/memory.ts` measures the memory of each kind of record in Redis, and the cost of a page for a user with very many
 * keys. It writes through the store, so it measures the real records. docs/evidence/memory.md has the results.
 */

import { commandLine } from '../../src/server/cli/operator.ts';
import { newApiKey, newKeyId } from '../../src/server/domain/credentials.ts';
import { periodsOf } from '../../src/server/domain/policies/periods.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import { createSession, exchangeSession } from '../../src/server/domain/sessions/sessions.ts';
import { changeOf } from '../../src/server/domain/workspaces/audit.ts';
import { authenticateRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { createStore } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { type Hooks, withHooks } from '../../tests/support/redis-hooks.ts';
import { noLimits } from './no-limits.ts';

const many = Number(process.argv[2] ?? 20_000);
const manyKeys = Number(process.argv[3] ?? 100_000);
const local = await startRedis();
const redis = connectRedis(local.url);
await redis.ready;
// Almost no audit log: its size is a setting and does not depend on the number of records.
const hooks: Hooks = {};
const store = createStore(withHooks(redis, hooks), { maxEntries: 1, maxAgeDays: 1 }, noRateLimits, noLimits);
const usedMemory = async () =>
  Number(/used_memory:(\d+)/.exec(await redis.run((client) => client.info('memory')))?.[1]);

/** Calls `work` `count` times, 100 at a time. */
async function times(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 100) {
    await Promise.all(Array.from({ length: Math.min(100, count - i) }, (_, j) => work(i + j)));
  }
}

const report = (what: string, bytes: number) =>
  console.log(`| ${what} | ${Math.round(bytes)} | ${Math.round(bytes)} MB |`);

async function measure(what: string, count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const before = await usedMemory();
  await times(count, work);
  report(what, ((await usedMemory()) - before) / count);
}

const { workspaceId, rootKey } = await createWorkspace(store, { name: 'Memory' }, commandLine);
const { apiId } = await createApi(store, workspaceId, { name: 'Payments', prefix: 'pay' }, commandLine);
await createPortal(store, workspaceId, { slug: 'memory', apiIds: [apiId] }, commandLine);
const caller = await authenticateRootKey(store, rootKey);
const newSession = async (i: number) => {
  const permissions = ['api.*.read_key', 'api.*.create_key'];
  const request = { slug: 'memory', externalId: `user_${i}`, permissions, preview: false };
  return (await createSession(store, caller, request, {})).sessionId;
};
const newKey = async (externalId: string, name: string) => {
  const place = partitionOf({ workspaceId, externalId });
  const { hash, start } = newApiKey(place, 'pay', 24);
  const now = Date.now();
  const record = {
    keyId: newKeyId(place),
    apiId,
    externalId,
    start,
    name,
    byteLength: 24,
    enabled: true,
    rerolled: false,
  };
  const by = changeOf({ proof: caller }, 'key.create', { type: 'key', id: record.keyId }, undefined, record);
  await store.apiKeys.create(by, { ...record, createdAt: now, updatedAt: now }, hash, 1_000_000);
  return hash;
};

console.log('| record | bytes | a million |\n|---|---|---|');
const enter = async (i: number) => exchangeSession(store, await newSession(i), {});
await measure('session id, the only session of its user', many, newSession);
await measure('browser session, the only session of its user', many, (i) => enter(many + i));
await measure('browser session, beside another of its user', many, (i) => enter(many + i));
const hashes: string[] = [];
await measure('key, the only one of its user', many, async (i) => hashes.push(await newKey(`user_${i}`, 'Production')));
await measure("key, beside a user's others", many, (i) => newKey('user_of_many', `Key ${i}`));
const verify = (i: number) => store.usage.verify(caller, hashes[i] ?? '', periodsOf);
await measure('first verification of a key and its user in a day, in the log', many, verify);
await measure('another verification in the same minute', many, verify);

const [minute, quarterHour, day] = [60_000, 900_000, 86_400_000];
/** Moves what is due, at this time or now. Redis stores a script for each other time. */
async function rollUp(at?: number): Promise<void> {
  hooks.now = at;
  await store.usage.rollUp(366, { workspaceId });
  hooks.now = undefined;
}
const inLogs = await usedMemory();
await rollUp(Date.now() + 10 * minute);
report('the same in the record of the day, more than in the log', ((await usedMemory()) - inLogs) / many);

/** What the counts of a key and its user at these times take, in the records of their days. */
async function measureDays(what: string, user: string, users: number, times: readonly number[]): Promise<void> {
  const before = await usedMemory();
  for (let i = 0; i < users; i++) {
    const owner = { workspaceId, externalId: `${user}_${i}` };
    const name = keys.usageLog(owner);
    const ofKey = `${apiId} key_${String(i).padStart(20, '0')} V`;
    const fields = times.map((time, n) => [`${Math.floor(time / minute)} ${ofKey}`, String(100 + (n % 48))] as const);
    await redis.run(async (client) => {
      await client.hSet(name, Object.fromEntries(fields));
      await client.zAdd(keys.usageWork(partitionOf(owner)), { score: 0, value: String(name.split(':').at(-1)) });
    });
    await rollUp();
  }
  report(what, ((await usedMemory()) - before) / users);
}
const today = Math.floor(Date.now() / day) * day;
const every = (from: number, count: number, length: number) =>
  Array.from({ length: count }, (_, n) => from + n * length);
await measureDays(
  'a day of a key in constant use and its user, with minutes',
  'm',
  200,
  every(today - day, 1440, minute),
);
await measureDays('the same without minutes', 'q', 200, every(today - 9 * day, 96, quarterHour));
await measureDays('360 days of them', 'y', 3, every(today - 365 * day, 360 * 96, quarterHour));

/** The median of 200 pages, in ms. */
async function pageTime(externalId: string, wanted: (name?: string) => boolean): Promise<string> {
  const took: number[] = [];
  for (let i = 0; i < 200; i++) {
    const begun = performance.now();
    await store.apiKeys.list({ workspaceId, externalId }, { limit: 20 }, ({ name }) => wanted(name));
    took.push(performance.now() - begun);
  }
  return (took.sort((a, b) => a - b)[100] ?? 0).toFixed(2);
}

console.log('\n| keys of the user | a page of 20, median ms | a page of a search that finds nothing |\n|---|---|---|');
for (const count of [100, manyKeys]) {
  const externalId = `user_with_${count}`;
  await times(count, (i) => newKey(externalId, `Key ${i}`));
  const [page, search] = [await pageTime(externalId, () => true), await pageTime(externalId, () => false)];
  console.log(`| ${count} | ${page} | ${search} |`);
}
await store.close();
await local.stop();
