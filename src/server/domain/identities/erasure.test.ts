import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import { completeErasures, startErasures } from './erasure.ts';

const now = 1_800_000_000_000;
beforeEach(() => {
  jest.useFakeTimers({ now });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Erasures of workspaces by when they began. It writes down which workspaces are looked at, and whose erasures are completed. */
function storeOf(begun: Record<string, number[]>, { served = Object.keys(begun), look = async () => {} } = {}) {
  const calls: string[] = [];
  const store = {
    workspaces: { list: async () => Object.keys(begun).map((workspaceId) => ({ workspaceId })) },
    servedWorkspaces: () => served,
    erasures: {
      list: async (workspaceId: string) => {
        calls.push(`look at ${workspaceId}`);
        await look();
        return (begun[workspaceId] ?? []).map((since) => ({ since }));
      },
      mark: async () => false,
      forget: async ({ since }: { since: number }) => void calls.push(`complete ${since - now}`),
    },
  };
  return { calls, store: store as unknown as Store };
}

test('an erasure is completed for another process that began it three seconds ago, by any clock', async () => {
  const { calls, store } = storeOf({ ws_1: [-3001, -3000, -2999, 0, 2999, 3000, 3001].map((ms) => now + ms) });
  await completeErasures(store, 'ws_1');
  expect(calls).toEqual(['look at ws_1', 'complete -3001', 'complete -3000', 'complete 3000', 'complete 3001']);
});

test('an erasure is completed at any age, if that is asked for', async () => {
  const { calls, store } = storeOf({ ws_1: [now, now - 1] });
  await completeErasures(store, 'ws_1', 0);
  expect(calls).toEqual(['look at ws_1', 'complete 0', 'complete -1']);
});

test('erasures are looked for at once in all workspaces, then every three seconds in those that are served, until the end', async () => {
  const { calls, store } = storeOf({ ws_1: [now - 5000], ws_2: [] }, { served: ['ws_2'] });
  const stop = startErasures(store);
  await jest.advanceTimersByTimeAsync(2999);
  expect(calls.splice(0)).toEqual(['look at ws_1', 'complete -5000', 'look at ws_2']);
  await jest.advanceTimersByTimeAsync(1);
  expect(calls.splice(0)).toEqual(['look at ws_2']);
  await jest.advanceTimersByTimeAsync(3000);
  expect(calls.splice(0)).toEqual(['look at ws_2']);
  stop();
  expect(jest.getTimerCount()).toBe(0);
  await jest.advanceTimersByTimeAsync(9000);
  expect(calls).toEqual([]);
});

test('erasures are looked for again after a failure', async () => {
  const { calls, store } = storeOf({ ws_1: [], ws_2: [] }, { look: () => Promise.reject(new Error('away')) });
  const stop = startErasures(store);
  await jest.advanceTimersByTimeAsync(3000);
  expect(calls).toEqual(['look at ws_1', 'look at ws_1']);
  stop();
});

test('erasures that are stopped while they are looked for are looked for in no other workspace, and not again', async () => {
  let reply = () => {};
  const look = () =>
    new Promise<void>((resolve) => {
      reply = resolve;
    });
  const { calls, store } = storeOf({ ws_1: [], ws_2: [] }, { look });
  const stop = startErasures(store);
  await jest.advanceTimersByTimeAsync(0);
  stop();
  reply();
  await jest.advanceTimersByTimeAsync(9000);
  expect([calls, jest.getTimerCount()]).toEqual([['look at ws_1'], 0]);
});
