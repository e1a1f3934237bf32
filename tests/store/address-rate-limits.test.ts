/** The rate limits of client addresses in one process (store/rate-limits.ts): what it counts in Redis, and what it refuses without Redis. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { keys } from '../../src/server/store/keys.ts';
import { addressLimiters, noRateLimits, rootKeyLimiter } from '../../src/server/store/rate-limits.ts';
import { connectRedis, StoreUnavailable } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { type Hooks, withHooks } from '../support/redis-hooks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const shared = await sharedRedis();
const { client, stop } = await openTargetRedis(shared);
const redis = connectRedis(shared.url);
await redis.ready;
afterAll(() => Promise.all([redis.close(), stop()]));

/** The time of this process. The caches remember it until a timer ends. */
const clock = { now: 0 };
const setTime = async (ms: number) => {
  clock.now = ms;
  await jest.advanceTimersByTimeAsync(2);
};
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date', 'hrtime'] });
  clock.now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => clock.now);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** The limits of a process: 2 exchanges, and 2 failed authentications. */
function newProcess(exchange = 2, failedAuthentication = 2) {
  const hooks: Hooks = { commands: 0 };
  return { hooks, ...addressLimiters(withHooks(redis, hooks), { ...noRateLimits, exchange, failedAuthentication }) };
}

/** What a call throws, in short; undefined if it throws nothing. */
const refusalOf = (call: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      ({ code, rateLimit, retryAfterMs }) => ({ code, rateLimit, retryAfterMs }),
    );
const limited = (retryAfterMs: unknown) => ({
  ...{ code: 'user/too_many_requests/rate_limited', rateLimit: 2, retryAfterMs },
});

/** An address of its own, and the names of its records. */
function newAddress() {
  const address = randomUUID();
  return { address, exchanges: `${keys.exchangeCalls}:${address}`, failures: `${keys.failedCalls}:${address}` };
}

type Process = ReturnType<typeof newProcess>;
const kinds: [string, (of: Process, address: string) => Promise<void>, 'exchanges' | 'failures'][] = [
  ['exchanges', ({ countExchange }, address) => countExchange(address), 'exchanges'],
  ['failed authentications', ({ failedAuthentication }, address) => failedAuthentication.count(address), 'failures'],
];

test.each(kinds)('the limit of %s is exact over two processes, for each address', async (_, count, kind) => {
  const [one, two] = [newProcess(), newProcess()];
  const [{ address, ...names }, other] = [newAddress(), newAddress()];
  const refusals = [];
  for (const process of [one, two, one]) refusals.push(await refusalOf(() => count(process, address)));
  expect(refusals).toEqual([undefined, undefined, limited(expect.any(Number))]);
  expect(await refusalOf(() => count(one, other.address))).toBeUndefined();
  expect([await client.get(names[kind]), await client.get(other[kind])]).toEqual(['3', '1']);
  expect(Math.ceil((await client.pTTL(names[kind])) / 60_000)).toBe(1);
});

test.each(kinds)(
  'the limit of %s costs Redis nothing once it is reached, until the window ends',
  async (_, count, kind) => {
    const process = newProcess();
    const { address, ...names } = newAddress();
    await client.set(names[kind], '2', { expiration: { type: 'PX', value: 50_000 } });
    const { retryAfterMs } = (await refusalOf(() => count(process, address))) as { retryAfterMs: number };
    // Redis has begun before this process did.
    expect(Math.ceil(retryAfterMs / 50_000)).toBe(1);
    await setTime(1000 + retryAfterMs - 1);
    expect(await refusalOf(() => count(process, address))).toEqual(limited(1));
    expect([process.hooks.commands, await client.get(names[kind])]).toEqual([1, '3']);
    await setTime(1000 + retryAfterMs);
    await client.del(names[kind]);
    expect(await refusalOf(() => count(process, address))).toBeUndefined();
    expect(process.hooks.commands).toBe(2);
  },
);

test.each(kinds)('a limit of 0 counts no %s', async (_, count, kind) => {
  const process = newProcess(0, 0);
  const { address, ...names } = newAddress();
  for (const _ of [1, 2, 3]) await count(process, address);
  expect([process.hooks.commands, await client.exists(names[kind])]).toEqual([0, 0]);
});

test.each(kinds)('%s that Redis cannot count fail, and block no address', async (_, count) => {
  const process = newProcess();
  const { address } = newAddress();
  process.hooks.refuse = () => true;
  await expect(count(process, address)).rejects.toBeInstanceOf(StoreUnavailable);
  process.hooks.refuse = undefined;
  expect(process.failedAuthentication.hasBlocked()).toBe(false);
  process.failedAuthentication.refuseBlocked(address, []);
  expect(await refusalOf(() => count(process, address))).toBeUndefined();
});

test('the limit of failed authentications refuses its address until the window ends, but no credential that was valid', async () => {
  const { failedAuthentication } = newProcess();
  const [{ address, failures }, other] = [newAddress(), newAddress()];
  await client.set(failures, '1', { expiration: { type: 'PX', value: 50_000 } });
  failedAuthentication.accept('valid');
  const refuse = (...hashes: string[]) => refusalOf(() => failedAuthentication.refuseBlocked(address, hashes));
  await failedAuthentication.count(address);
  expect([failedAuthentication.hasBlocked(), await refuse()]).toEqual([false, undefined]);
  const { retryAfterMs } = (await refusalOf(() => failedAuthentication.count(address))) as { retryAfterMs: number };
  expect([await refuse(), await refuse('other')]).toEqual([limited(retryAfterMs), limited(retryAfterMs)]);
  expect([await refuse('other', 'valid'), failedAuthentication.hasBlocked()]).toEqual([undefined, true]);
  failedAuthentication.refuseBlocked(other.address, []);
  await setTime(1000 + retryAfterMs - 1);
  expect([await refuse(), failedAuthentication.hasBlocked()]).toEqual([limited(1), true]);
  await setTime(1000 + retryAfterMs);
  expect([await refuse(), failedAuthentication.hasBlocked()]).toEqual([undefined, false]);
});

/** Lua by which a script learns that its record ends in this millisecond. */
const endsNow = `local server = redis
local function call(command, ...) return command == 'PTTL' and 0 or server.call(command, ...) end
local redis = setmetatable({call = call}, {__index = server})`;

test.each(kinds)(
  'the limit of %s blocks no address for ever whose window ends in this millisecond',
  async (_, count, kind) => {
    const process = newProcess();
    const { address, ...names } = newAddress();
    await client.set(names[kind], '2');
    process.hooks.first = endsNow;
    expect(await refusalOf(() => count(process, address))).toEqual(limited(1));
    await client.del(names[kind]);
    await setTime(1001);
    process.failedAuthentication.refuseBlocked(address, []);
    expect(await refusalOf(() => count(process, address))).toBeUndefined();
  },
);

test('an address whose window ends sooner does not end the refusals of another one', async () => {
  const { failedAuthentication } = newProcess();
  const [long, short] = [newAddress(), newAddress()];
  await client.set(long.failures, '2', { expiration: { type: 'PX', value: 50_000 } });
  await client.set(short.failures, '2', { expiration: { type: 'PX', value: 20_000 } });
  for (const { address } of [long, short])
    expect(await refusalOf(() => failedAuthentication.count(address))).toEqual(limited(expect.any(Number)));
  await setTime(30_000);
  expect(failedAuthentication.hasBlocked()).toBe(true);
  failedAuthentication.refuseBlocked(short.address, []);
  expect(await refusalOf(() => failedAuthentication.refuseBlocked(long.address, []))).toEqual(
    limited(expect.any(Number)),
  );
});

test('the rate limit of a root key counts its calls in one record, several in one step, and each key for itself', async () => {
  const hooks: Hooks = { commands: 0 };
  const limiter = rootKeyLimiter(withHooks(redis, hooks), { ...noRateLimits, rootKey: 10 });
  const workspaceId = `ws_${randomUUID()}`;
  const counted = (hash: string) => client.hGet(keys.rootKeyCalls(workspaceId, hash), 'counted');
  await limiter.count(workspaceId, 'one');
  await limiter.count(workspaceId, 'one', 8);
  expect(await refusalOf(() => limiter.count(workspaceId, 'one', 2))).toMatchObject({ rateLimit: 10 });
  await limiter.count(workspaceId, 'one');
  expect(await refusalOf(() => limiter.count(workspaceId, 'one'))).toMatchObject({ rateLimit: 10 });
  await limiter.count(workspaceId, 'two');
  expect([await counted('one'), await counted('two'), hooks.commands]).toEqual(['10', '1', 6]);
  // Now the process knows that the limit is reached.
  expect(await refusalOf(() => limiter.count(workspaceId, 'one'))).toMatchObject({ rateLimit: 10 });
  expect(hooks.commands).toBe(6);
});
