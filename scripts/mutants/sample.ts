/** A repeatable choice of mutants with some of each kind. */
import type { DerivedMutant } from '../../contract-tests/mutants/derived.ts';

/** A generator of numbers from 0 to 1, the same ones for the same seed. */
function numbersOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The items in a random order, the same one for the same seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = numbersOf(seed);
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Chooses `count` mutants: one of each kind in turn, from operations in a random order. */
export function sampleOf<T extends Pick<DerivedMutant, 'promise'>>(mutants: T[], count: number, seed: number): T[] {
  const byKind = [...Map.groupBy(mutants, ({ promise }) => promise.kind).values()].map((own, i) =>
    shuffled(own, seed + i),
  );
  const rounds = Array.from({ length: Math.max(0, ...byKind.map(({ length }) => length)) }, (_, i) => i);
  const inTurn = rounds.flatMap((i) => byKind.flatMap((own) => own.slice(i, i + 1)));
  return inTurn.slice(0, count);
}
