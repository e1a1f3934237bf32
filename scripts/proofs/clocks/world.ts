/** A Redis whose clock the proof sets, and servers whose clocks are right. */
import { createStore, type Store } from '../../../src/server/store/index.ts';
import { defaultLimits } from '../../../src/server/store/limits.ts';
import { noRateLimits, type RateLimits } from '../../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../../src/server/store/redis.ts';
import { fakeClock } from '../../../tests/support/fake-clock.ts';
import { startRedis } from '../../../tests/support/redis.ts';
import { type Hooks, withHooks } from '../../../tests/support/redis-hooks.ts';
import { openStore, type TestStore } from '../../../tests/support/store.ts';

/**
 * Time as the proof models it. Hours cannot pass in a proof, so they pass for Redis and for the clocks of the servers alone: to both,
 * that is the same. A jump moves only the clock of Redis.
 */
export interface Time {
  /** How much time has passed, in ms. */
  passed(): number;
  /** How much time has passed by the clock of Redis: jumps included, in ms. */
  byRedis(): number;
  pass(ms: number): Promise<void>;
  jump(ms: number): Promise<void>;
  /** Is called after each change. */
  onChange(listener: () => void): void;
}

/** What the proof runs on. */
export interface World {
  time: Time;
  opened: TestStore;
  /** A server that has just started, so that it remembers nothing of limits. */
  newServer(rateLimits?: RateLimits): Store;
  /** Removes what is over from a quota. */
  sweep(quota: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** What a log has at most: nothing leaves it because of its length. */
const audit = { maxEntries: 1_000_000, maxAgeDays: 365 };

/** So little that no server borrows bytes for its next sessions: each server of the proof is a new one. */
const limits = { ...defaultLimits, workspaceMegabytes: 12 };

/** Starts it. @param change changes each script, to plant a fault. @throws MissingBinary */
export async function startWorld(change?: (lua: string) => string): Promise<World> {
  const clock = await fakeClock();
  const started = performance.now();
  const rightNow = Date.now;
  let [passed, ahead] = [0, 0];
  const listeners: (() => void)[] = [];
  const move = async (ms: number) => {
    ahead += ms;
    await clock.setAhead(ahead);
    for (const listener of listeners) listener();
  };
  // The servers of the proof are in this process.
  Date.now = () => rightNow() + passed;
  const running: { stop(): Promise<unknown> }[] = [
    { stop: clock.remove },
    {
      async stop() {
        Date.now = rightNow;
      },
    },
  ];
  const stop = async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  };
  try {
    const redis = await startRedis({ env: clock.env });
    running.push(redis);
    const hooks: Hooks = { changed: change && ((_, lua) => change(lua)) };
    const connection = connectRedis(redis.url);
    running.push({ stop: () => connection.close() });
    await connection.ready;
    const opened = await openStore({ on: redis });
    running.push(opened);
    return {
      time: {
        passed: () => passed + performance.now() - started,
        byRedis: () => ahead + performance.now() - started,
        async pass(ms) {
          passed += ms;
          await move(ms);
        },
        jump: move,
        onChange: (listener) => void listeners.push(listener),
      },
      opened,
      sweep: (quota) => withHooks(connection, hooks).run((client) => client.sweepQuota({ keys: { quota } })),
      newServer: (rateLimits = noRateLimits) => createStore(withHooks(connection, hooks), audit, rateLimits, limits),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
