import type { ApiKeyRecord } from './api-key-record.ts';
import { keys } from './keys.ts';
import { type Owner, type Partition, partitionOf, partitionOfHash } from './partitions.ts';
import type { Redis } from './redis.ts';
import { graceMs } from './scripts/keys.ts';

/** How the value of a forward begins. No record of a key does. */
const mark = '>';

/**
 * Forwards of API keys that 0.1.0 created. A verification looks for a key in the partition that its SHA-256 names, and the record is in
 * the partition of its user. Keys are now made so that both are the same. Where they are not, the partition of the SHA-256 has a
 * forward: a STRING with the name of the record, `>` and the number of the partition with the record.
 *
 * The two are in different slots. So each step leaves at most a forward without a record, which is removed when it is found, or with its
 * lifetime, and never a record without a forward.
 */
export function forwardsOf(redis: Redis) {
  /** The name of the forward of the key with this hash, or undefined if it needs none. */
  const nameOf = (owner: Owner, hash: string): string | undefined => {
    const named = { workspaceId: owner.workspaceId, partition: partitionOfHash(hash) };
    return named.partition === partitionOf(owner).partition ? undefined : keys.apiKey(named, hash);
  };
  const namesOf = (owner: Owner, hashes: string[]) => hashes.flatMap((hash) => nameOf(owner, hash) ?? []);

  /** Gives a forward the lifetime of a record. Does nothing for a key that has none. */
  async function keepFor(owner: Owner, hash: string, { expires }: Pick<ApiKeyRecord, 'expires'>): Promise<void> {
    const name = nameOf(owner, hash);
    if (name === undefined) return;
    await redis.run(async (client) =>
      expires === undefined ? client.persist(name) : client.pExpireAt(name, expires + graceMs),
    );
  }

  return {
    /** Writes the forward of a key whose record is in the partition of its user. @throws StoreUnavailable */
    async write(owner: Owner, hash: string, { expires }: Pick<ApiKeyRecord, 'expires'>): Promise<void> {
      const name = nameOf(owner, hash);
      if (name === undefined) return;
      const value = `${mark}${partitionOf(owner).partition}`;
      const lifetime = expires === undefined ? {} : { expiration: { type: 'PXAT', value: expires + graceMs } as const };
      await redis.run((client) => client.set(name, value, lifetime));
    },

    /**
     * Runs a step that gives a key another end. Its forward lives at least as long at every moment.
     *
     * @param isDone whether the step has written the key
     */
    async whileChanging<T>(
      owner: Owner,
      hash: string,
      before: Pick<ApiKeyRecord, 'expires'>,
      after: Pick<ApiKeyRecord, 'expires'>,
      step: () => Promise<T>,
      isDone: (outcome: T) => boolean,
    ): Promise<T> {
      const [was, is] = [before, after].map(({ expires = Number.POSITIVE_INFINITY }) => expires) as [number, number];
      if (is > was) await keepFor(owner, hash, after);
      const outcome = await step();
      if (is < was && isDone(outcome)) await keepFor(owner, hash, after).catch(() => {});
      return outcome;
    },

    /** Removes a forward whose record is gone. A record is written before its forward, and never again. */
    async removeDangling(named: Partition, hash: string, partition: number): Promise<void> {
      const record = keys.apiKey({ ...named, partition }, hash);
      await redis.run(async (client) => {
        if ((await client.exists(record)) === 0) await client.unlink(keys.apiKey(named, hash));
      });
    },

    /** Removes forwards whose records were removed. One that cannot be reached is removed when it is found. */
    async remove(owner: Owner, hashes: string[]): Promise<void> {
      const names = namesOf(owner, hashes);
      await redis.run((client) => Promise.all(names.map((name) => client.unlink(name)))).catch(() => {});
    },
  };
}
