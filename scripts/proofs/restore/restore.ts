/** A backup is restored after a random part of the changes of tests/restore, and fenced while the fence is killed at random commands. */
import { commandLine } from '../../../src/server/cli/operator.ts';
import { fenceWorkspace, finishFence } from '../../../src/server/domain/restores/fence.ts';
import type { Store } from '../../../src/server/store/index.ts';
import { StoreUnavailable } from '../../../src/server/store/redis.ts';
import { startRedis } from '../../../tests/support/redis.ts';
import { all, change, changes, makePast, ofSessions, revived } from '../../../tests/support/restore/past.ts';
import { restoreSnapshot, takeSnapshot } from '../../../tests/support/restore/snapshot.ts';
import { openStore } from '../../../tests/support/store.ts';

/** What a round did and found. */
export interface Round {
  /** The changes after the backup, in their order, by what a restore revives of them. */
  made: string[];
  kills: number;
  faults: string[];
}

/** How often a fence is killed and repeated in a round, before one is complete. */
const killsPerRound = 3;

/** A random part of the items, in a random order. */
const someOf = <Item>(random: () => number, items: readonly Item[]): Item[] =>
  items
    .filter(() => random() < 0.6)
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);

const named = (names: string[]) => names.join(', ') || 'nothing';

/**
 * Opens a Redis for rounds.
 *
 * @param planted changes the store with which the fence works
 */
export async function openRestores(planted: (store: Store) => Store = (store) => store) {
  const redis = await startRedis();
  const opened = await openStore({ on: redis });
  const { store, hooks } = opened;
  const empty = await takeSnapshot(opened.redis);
  let connections = 1;
  /** As a new process, which has read nothing before. */
  async function restore(snapshot: typeof empty): Promise<void> {
    await restoreSnapshot(opened.redis, snapshot);
    connections += 1;
    hooks.connection = connections;
  }

  /** Runs a fence. Resolves with false if it was killed. */
  async function fence(attempt: () => Promise<void>, killAfter = Number.POSITIVE_INFINITY): Promise<boolean> {
    hooks.commands = 0;
    hooks.refuse = () => Number(hooks.commands) > killAfter;
    try {
      await attempt();
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return false;
    } finally {
      hooks.refuse = undefined;
    }
  }

  return {
    async round(random: () => number): Promise<Round> {
      await restore(empty);
      const past = await makePast(store);
      const backup = await takeSnapshot(opened.redis);
      const backupTime = Date.now();
      const chosen = someOf(random, changes);
      const made = chosen.flatMap(({ revives }) => revives);
      const entries = await change(store, past, chosen);
      const faults: string[] = [];
      const attempt = async () => {
        const by = planted(store);
        const sums = await fenceWorkspace(by, past.workspaceId, { knowledge: { entries }, backupTime }, commandLine);
        const left = await finishFence(by);
        if (sums.undecided.length + left.length > 0) faults.push(`the fence leaves ${JSON.stringify([sums, left])}`);
      };
      const compare = async (when: string, expected: string[]) => {
        const found = await revived(store, past);
        const more = found.filter((name) => !expected.includes(name));
        const less = expected.filter((name) => !found.includes(name));
        if (more.length + less.length > 0)
          faults.push(`${when}, after ${named(made)}: ${named(more)} is revived, and ${named(less)} is lost`);
      };
      await restore(backup);
      await compare('without a fence', all);
      // What has not changed is as it was.
      const expected = all.filter((name) => ![...ofSessions, ...made].includes(name));
      await restore(backup);
      await fence(attempt);
      const commands = Number(hooks.commands);
      await compare('after a fence', expected);
      await restore(backup);
      let kills = 0;
      for (let i = 0; i < killsPerRound; i++) {
        const isComplete = await fence(attempt, Math.floor(random() * commands));
        kills += isComplete ? 0 : 1;
      }
      await fence(attempt);
      await compare(`after a fence that was killed ${kills} times`, expected);
      return { made, kills, faults };
    },

    async stop(): Promise<void> {
      await opened.stop();
      await redis.stop();
    },
  };
}
