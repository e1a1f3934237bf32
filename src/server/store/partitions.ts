/**
 * Where the records of users are. A workspace has a fixed number of partitions, each with its own hash tag, so that a Redis Cluster
 * spreads its users over all nodes. Everything that belongs to a user is in one partition: sessions, keys, usage and limits. So each
 * step of a user runs on one node. Control data (the workspace, its root keys, portals and APIs) is in the home slot of the workspace.
 */
import { hash } from 'node:crypto';
import calculateSlot from 'cluster-key-slot';

/** How many partitions a workspace has. It never changes: credentials and users belong to a partition by its number. */
export const partitionCount = 64;

const slotCount = 16_384;

/** One partition of one workspace. */
export interface Partition {
  workspaceId: string;
  /** From 0 to 63. */
  partition: number;
}

/** One user of one workspace. */
export interface Owner {
  workspaceId: string;
  externalId: string;
}

/**
 * The hash tags of the partitions: of each 64th of the slots the first number with a slot in it. So the partitions are spread evenly
 * over nodes with ranges of slots, as every cluster has them at first.
 */
const tags: readonly string[] = (() => {
  const found = new Map<number, string>();
  for (let number = 0; found.size < partitionCount; number++) {
    const part = Math.floor(calculateSlot(String(number)) / (slotCount / partitionCount));
    if (!found.has(part)) found.set(part, String(number));
  }
  return Array.from({ length: partitionCount }, (_, i) => String(found.get(i)));
})();

const numberOfTag = new Map(tags.map((tag, number) => [tag, number]));

/** The hash tag of a partition: the same for all workspaces. */
export const tagOf = ({ partition }: Partition): string => String(tags[partition]);

/** The partition of a record, by its name. */
export function partitionOfName(name: string): Partition {
  const [, tag = '', workspaceId = ''] = /^portico:\{(\d+)\}:(ws_[^:]+):/.exec(name) ?? [];
  return { workspaceId, partition: numberOfTag.get(tag) ?? 0 };
}

/** The number of the partition that a SHA-256 in hex stands for. */
export const partitionOfHash = (hex: string): number => Number.parseInt(hex.slice(0, 2), 16) % partitionCount;

/** The partition of a user. */
export const partitionOf = ({ workspaceId, externalId }: Owner): Partition => ({
  workspaceId,
  partition: partitionOfHash(hash('sha256', `${workspaceId}:${externalId}`)),
});

/** How many digits of the handle of a session, and of the id of a key, name its partition. */
export const partitionDigits = 2;

/** The number of a partition as a handle or an id has it. */
export const digitsOf = ({ partition }: Pick<Partition, 'partition'>): string =>
  String(partition).padStart(partitionDigits, '0');

/** The length of the id of a key: `key_`, the digits of its partition, 20 letters. */
const keyIdLength = 'key_'.length + partitionDigits + 20;

/** The partitions in which the key with this id can be: one, or all for an id of 0.1.0, which names none. */
export function partitionsOfKeyId(workspaceId: string, keyId: string): Partition[] {
  if (keyId.length !== keyIdLength) return partitionsOf(workspaceId);
  const partition = Number(keyId.slice('key_'.length, 'key_'.length + partitionDigits));
  return partition < partitionCount ? [{ workspaceId, partition }] : [];
}

/** All partitions of a workspace. */
export const partitionsOf = (workspaceId: string): Partition[] =>
  tags.map((_, partition) => ({ workspaceId, partition }));
