/** What a power failure would have lost: compares what the server acknowledged with what was on the disk at that time. */
import type { Unit } from './aof.ts';
import type { Acknowledged, Recording } from './load.ts';
import type { Sync } from './syscalls.ts';

/** An acknowledged operation with the place of its effect in the append-only file. */
interface Placed {
  what: Acknowledged;
  /** Where its unit ends in the file; Infinity if it is not there. */
  end: number;
  /** When it was on the disk, in Unix ms; Infinity if never. */
  durableAt: number;
}

/** What the power failures at all moments of a run could have lost. */
export interface Loss {
  operations: number;
  /** Operations that are not in the file at all, although Redis ended in order. */
  missing: string[];
  /** Operations that were acknowledged before they were on the disk, and the longest time between, in ms. */
  early: number;
  longestMs: number;
  /** The most acknowledged operations that one power failure could have lost, and the age of the oldest of them, in ms. */
  most: number;
  oldestMs: number;
}

const removals = /^(del|unlink|getdel)$/i;
const isIn = (names: string[], end: string) => names.some((name) => name.endsWith(end));

/** Where the effects of the units end in the file, by what they are. A key has as many verifications as places. */
function placesOf(units: Unit[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  const add = (what: string, end: number) => places.set(what, [...(places.get(what) ?? []), end]);
  for (const { end, commands } of units) {
    const removed = commands.filter(([name = '']) => removals.test(name)).flatMap((words) => words.slice(1));
    for (const [name = '', key = '', ...more] of commands) {
      const [, kind, id] = /:(session|key-id):([^:]+)$/.exec(key) ?? [];
      const isSet = /^set$/i.test(name);
      if (isSet && kind === 'session') add(`create-session ${id}`, end);
      if (/^setrange$/i.test(name) && kind === 'session') add(`exchange ${id}`, end);
      if (isSet && kind === 'key-id') add(`create-key ${id}`, end);
      const [, keyId] = /^\d+ \S+ (key_\S+) V$/.exec(more[0] ?? '') ?? [];
      // A deletion also counts the uses of the key under no name.
      if (/^hincrby$/i.test(name) && keyId !== undefined) add(`verify ${keyId}`, end);
    }
    for (const name of removed) {
      const [, kind, id] = /:(session|key-id):([^:]+)$/.exec(name) ?? [];
      if (kind === 'session') add(`end-session ${id}`, end);
      if (kind === 'key-id' && isIn(removed, `:key-id:${id}`)) add(`delete-key ${id}`, end);
    }
  }
  return places;
}

/** The name of an effect for `countsBefore`. */
export const nameOf = (what: Acknowledged) => `${what.kind} ${'handle' in what ? what.handle : what.keyId}`;

/** When this position of the file was on the disk. */
const durableAt = (syncs: Sync[], position: number) =>
  syncs.find(({ durable }) => durable >= position)?.at ?? Number.POSITIVE_INFINITY;

function placed({ acknowledged }: Recording, units: Unit[], syncs: Sync[]): Placed[] {
  const places = placesOf(units);
  return acknowledged
    .toSorted((a, b) => a.at - b.at)
    .map((what) => {
      const end = places.get(nameOf(what))?.shift() ?? Number.POSITIVE_INFINITY;
      return { what, end, durableAt: durableAt(syncs, end) };
    });
}

/** Computes what power failures could have lost, at any moment of the run until its last sync. */
export function lossOf(recording: Recording, units: Unit[], syncs: Sync[]): Loss {
  const operations = placed(recording, units, syncs);
  const late = operations.filter((one) => one.durableAt > one.what.at);
  // Most is lost just before a sync returns.
  const moments = syncs.map(({ at }) => late.filter((one) => one.what.at < at && one.durableAt >= at));
  const most = moments.reduce((worst, lost) => (lost.length > worst.length ? lost : worst), []);
  const delays = late.map((one) => one.durableAt - one.what.at).filter(Number.isFinite);
  return {
    operations: operations.length,
    missing: operations.filter(({ end }) => !Number.isFinite(end)).map(({ what }) => nameOf(what)),
    early: late.length,
    longestMs: Math.max(0, ...delays),
    most: most.length,
    oldestMs: Math.max(0, ...most.map((one) => one.durableAt - one.what.at)),
  };
}

/** How many effects with this name the file has before a position, such as `exchange sess_…`. */
export function countsBefore(units: Unit[], position: number): (name: string) => number {
  const places = placesOf(units.filter(({ end }) => end <= position));
  return (name) => places.get(name)?.length ?? 0;
}
