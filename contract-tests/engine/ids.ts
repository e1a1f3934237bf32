import { hash, randomUUID } from 'node:crypto';
import { currentScope } from './run.ts';

/**
 * A new UUID. In a run it is of version 7 (RFC 9562, section 5.7): the start of the run, which makes it new on the target, and then bits
 * that depend only on the seed, the check, and how many ids the check already has. Outside of a run it is random.
 */
export function newId(): string {
  const scope = currentScope();
  if (scope === undefined) return randomUUID();
  const { run, name } = scope;
  const digits = hash('sha256', `${run.seed} ${scope.ids++} ${name}`);
  const time = run.startedAt.toString(16).padStart(12, '0');
  const variant = (8 + (Number.parseInt(digits.slice(3, 4), 16) % 4)).toString(16);
  return [
    ...[time.slice(0, 8), time.slice(8), `7${digits.slice(0, 3)}`],
    ...[`${variant}${digits.slice(4, 7)}`, digits.slice(7, 19)],
  ].join('-');
}

/** A new host name, of the last part of an id: all ids of a run begin with the same time. */
export const newHostname = (): string => `p-${newId().slice(-12)}.acme.example`;

/** Sorts items by a hash of the seed and their titles. A part of the items has the same order as in all of them. */
export const shuffled = <T>(items: readonly T[], seed: number, titleOf: (item: T) => string): T[] =>
  items
    .map((item) => ({ item, rank: hash('sha256', `${seed} ${titleOf(item)}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
