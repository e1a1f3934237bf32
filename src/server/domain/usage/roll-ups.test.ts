import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import { startRollUps } from './roll-ups.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** A store that notes each roll-up by its workspace, or `active` for those that the process serves. */
function watched(rollUp: () => Promise<void> = async () => {}) {
  const rounds: string[] = [];
  const forgotten: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const store = {
    workspaces: { list: async () => [{ workspaceId: 'ws_1' }, { workspaceId: 'ws_2' }] },
    usage: {
      rollUp(
        retentionDays: number,
        { workspaceId = 'active', signal }: { workspaceId?: string; signal?: AbortSignal },
      ) {
        rounds.push(`${workspaceId} ${retentionDays}`);
        signals.push(signal);
        return rollUp();
      },
    },
    apiKeys: { forgetGone: async (workspaceId: string) => void forgotten.push(workspaceId) },
  } as unknown as Store;
  return { store, rounds, forgotten, signals };
}
const minutes = (many: number) => jest.advanceTimersByTimeAsync(many * 60_000);

test('all workspaces at first and about every hour, in between once a minute those that the process serves', async () => {
  const { store, rounds, forgotten } = watched();
  const stop = startRollUps(store, 7);
  await minutes(0);
  expect(rounds.splice(0)).toEqual(['ws_1 7', 'ws_2 7']);
  expect(forgotten).toEqual(['ws_1', 'ws_2']);
  await minutes(0.49);
  expect(rounds).toEqual([]);
  await minutes(1.01);
  expect(new Set(rounds.splice(0))).toEqual(new Set(['active 7']));
  await minutes(90);
  const all = rounds.filter((round) => round === 'ws_1 7');
  expect(all.length).toBeGreaterThanOrEqual(1);
  expect(rounds.length - 2 * all.length).toBeGreaterThanOrEqual(59);
  await stop();
  rounds.splice(0);
  await minutes(90);
  expect(rounds).toEqual([]);
});

test.each([
  [0, 30_000],
  [0.5, 60_000],
  [0.75, 75_000],
])(
  'a round follows another one after half a minute and as much as a minute more: for the random number %d',
  async (random, ms) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    const { store, rounds } = watched();
    const stop = startRollUps(store, 7);
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(rounds.splice(0)).toEqual(['ws_1 7', 'ws_2 7']);
    await jest.advanceTimersByTimeAsync(1);
    expect(rounds).toEqual(['active 7']);
    await stop();
  },
);

test('each step of a round learns that the process stops', async () => {
  const { store, signals } = watched();
  const stop = startRollUps(store, 7);
  await minutes(1.5);
  expect(signals.slice(0, 3).map((signal) => signal?.aborted)).toEqual([false, false, false]);
  await stop();
  expect(signals.slice(0, 3).map((signal) => signal?.aborted)).toEqual([true, true, true]);
});

test('a round that fails is followed by another one', async () => {
  const { store, rounds } = watched(() => Promise.reject(new Error('Redis is unavailable')));
  const stop = startRollUps(store, 7);
  await minutes(1.5);
  expect(rounds).toContain('active 7');
  await stop();
});

test('stopping waits for the round under way, and no other begins', async () => {
  let end = () => {};
  const { store, rounds } = watched(() => new Promise((resolve) => (end = resolve)));
  const stop = startRollUps(store, 7);
  await minutes(0);
  let isStopped = false;
  const stopped = stop().then(() => {
    isStopped = true;
  });
  await minutes(5);
  expect([isStopped, rounds]).toEqual([false, ['ws_1 7']]);
  end();
  await stopped;
  await minutes(5);
  expect(rounds).toEqual(['ws_1 7']);
});
