import { LRUCache } from 'lru-cache';

const longestPauseMs = 3_600_000;
/** How many records a process remembers. */
const maxRecords = 10_000;

/** Work on a record that not every call needs, such as giving a list the lifetime of its last entry. */
export interface Chores {
  /** Whether this call should do it. */
  isDue(record: string): boolean;
  /** A call is done. `did` tells whether it did the work as well. */
  done(record: string, did: boolean): void;
}

/** Work that each process does with the first of its calls, then with every `calls`th, and at least once an hour. */
export function choresOf(calls: number): Chores {
  const left = new LRUCache<string, number>({ max: maxRecords, ttl: longestPauseMs });
  return {
    isDue: (record) => (left.get(record) ?? 0) <= 0,
    done(record, did) {
      if (did) left.set(record, calls - 1);
      else left.set(record, (left.get(record) ?? 0) - 1, { noUpdateTTL: true });
    },
  };
}
