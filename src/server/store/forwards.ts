import type { ApiKeyRecord } from './api-key-record.ts';
import { type CheckedControl, controlOf } from './control.ts';
import { keys } from './keys.ts';
import { type Owner, type Partition, partitionOf, partitionOfHash } from './partitions.ts';
import type { Outdated } from './proof.ts';
import type { Redis } from './redis.ts';
import { claimMs } from './scripts/forwards.ts';
import { graceMs } from './scripts/keys.ts';

/** A key, as far as its forward depends on it. */
type Ending = Pick<ApiKeyRecord, 'expires'>;

/** The end of a forward in Unix ms; 0 for a key that never ends. */
const endOf = ({ expires }: Ending): number => (expires === undefined ? 0 : expires + graceMs);

/** The partition to which a value is a forward, or undefined if it is none. */
function partitionOfForward(value: string): number | undefined {
  const [, partition] = /^>(\d+)/.exec(value) ?? [];
  return partition === undefined ? undefined : Number(partition);
}

/** The partition that the hash of a key names. */
const partitionNamed = ({ workspaceId }: Owner, hash: string): Partition => ({
  workspaceId,
  partition: partitionOfHash(hash),
});

/** Runs a script in a partition for a caller who is valid in that step. */
type Prove = <Reply extends { outcome: string }>(
  place: Partition,
  step: (checked: CheckedControl) => Promise<Reply | Outdated>,
) => Promise<Exclude<Reply, Outdated>>;

/** The outcome of a claim: the forward is written, or the hash is of a key elsewhere. */
export type Claim = { outcome: 'ok'; release: () => Promise<void> } | { outcome: 'taken' };

/**
 * Forwards of API keys. A verification looks for a key in the partition that its SHA-256 names, and the record is in the partition of its
 * user. New keys are made so that both are the same. An imported key, or one of 0.1.0, has another SHA-256: then the partition that it
 * names has a forward, which scripts/forwards.ts describes.
 *
 * The two are in different slots. So each step leaves at most a forward without a record, which is removed when it is found, or with its
 * lifetime, and never a record without a forward.
 */
export function forwardsOf(redis: Redis) {
  /** The name of the forward of the key with this hash, or undefined if it needs none. */
  const nameOf = (owner: Owner, hash: string): string | undefined => {
    const named = partitionNamed(owner, hash);
    return named.partition === partitionOf(owner).partition ? undefined : keys.apiKey(named, hash);
  };

  /** Removes a forward, unless it was written again since it was read. */
  const removeAs = (forward: string, read: string, minAgeMs = 0) =>
    redis.run((client) => client.removeClaim({ keys: { claim: forward }, args: { read, minAgeMs } }));

  return {
    /** Writes the forward of a key whose record is in the partition of its user. @throws StoreUnavailable */
    async write(owner: Owner, hash: string, key: Ending): Promise<void> {
      const name = nameOf(owner, hash);
      if (name === undefined) return;
      const end = endOf(key);
      const lifetime = end === 0 ? {} : { expiration: { type: 'PXAT', value: end } as const };
      await redis.run((client) => client.set(name, `>${partitionOf(owner).partition}`, lifetime));
    },

    /**
     * Writes the forward of a key before its record, unless the hash is of a key in another partition. Of two users who import one hash,
     * one gets it. `release` removes the forward if the record is not written after all.
     *
     * @param prove runs a script in a partition for a caller who may import
     * @throws StoreUnavailable; what `prove` throws
     */
    async claim(owner: Owner, hash: string, key: Ending, prove: Prove): Promise<Claim> {
      const forward = nameOf(owner, hash);
      const { partition } = partitionOf(owner);
      const nothing = { outcome: 'ok', release: async () => {} } as const;
      if (forward === undefined) {
        const stored = await redis.run((client) => client.get(keys.apiKey(partitionOf(owner), hash)));
        const to = partitionOfForward(stored ?? '');
        if (to !== undefined) await this.removeDangling(partitionOf(owner), hash, to);
        return nothing;
      }
      const claim = (instead: string) =>
        prove(partitionNamed(owner, hash), (checked) =>
          redis.run((client) =>
            client.claimForward({
              keys: { ...controlOf.keys(partitionNamed(owner, hash)), forward },
              args: { ...controlOf.args(checked), partition, endAt: endOf(key), instead },
            }),
          ),
        );
      let reply = await claim('');
      if (reply.outcome === 'elsewhere') {
        // Nobody has written the record, if an import was killed.
        const record = keys.apiKey({ ...owner, partition: reply.partition }, hash);
        if ((await redis.run((client) => client.exists(record))) === 0) reply = await claim(reply.stored);
      }
      // Another import may have written it, and needs it.
      if (reply.outcome === 'again') return nothing;
      if (reply.outcome !== 'ok') return { outcome: 'taken' };
      const { stored } = reply;
      return { outcome: 'ok', release: async () => void (await removeAs(forward, stored)) };
    },

    /** Gives a forward the lifetime of a record. Does nothing for a key that has none. */
    async keepFor(owner: Owner, hash: string, key: Ending): Promise<void> {
      const name = nameOf(owner, hash);
      if (name === undefined) return;
      const end = endOf(key);
      await redis.run(async (client) => (end === 0 ? client.persist(name) : client.pExpireAt(name, end)));
    },

    /**
     * Runs a step that gives a key another end. Its forward lives at least as long at every moment.
     *
     * @param isDone whether the step has written the key
     */
    async whileChanging<T>(
      owner: Owner,
      hash: string,
      before: Ending,
      after: Ending,
      step: () => Promise<T>,
      isDone: (outcome: T) => boolean,
    ): Promise<T> {
      const [was, is] = [before, after].map(({ expires = Number.POSITIVE_INFINITY }) => expires) as [number, number];
      if (is > was) await this.keepFor(owner, hash, after);
      const outcome = await step();
      if (is < was && isDone(outcome)) await this.keepFor(owner, hash, after).catch(() => {});
      return outcome;
    },

    /** Removes a forward whose record is gone, unless an import may be about to write it. */
    async removeDangling(named: Partition, hash: string, partition: number): Promise<void> {
      const [forward, record] = [keys.apiKey(named, hash), keys.apiKey({ ...named, partition }, hash)];
      const stored = await redis.run((client) => client.get(forward));
      if (stored === null || (await redis.run((client) => client.exists(record))) > 0) return;
      await removeAs(forward, stored, claimMs);
    },

    /**
     * Runs a step that removes records, and then removes their forwards, unless an import has claimed one meanwhile. One that cannot be
     * reached is removed when it is found.
     *
     * @param isDone whether the records are gone
     */
    async whileRemoving<T>(
      owner: Owner,
      hashes: string[],
      step: () => Promise<T>,
      isDone: (outcome: T) => boolean,
    ): Promise<T> {
      const names = hashes.flatMap((hash) => nameOf(owner, hash) ?? []);
      const found = await redis.run((client) => Promise.all(names.map((name) => client.get(name))));
      const outcome = await step();
      if (!isDone(outcome)) return outcome;
      const removed = names.map(async (name, i) => found[i] != null && removeAs(name, found[i]));
      await Promise.all(removed).catch(() => {});
      return outcome;
    },
  };
}
