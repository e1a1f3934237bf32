/**
 * The record of all data together. A server reads it on each new connection to Redis, before any other command, and then every
 * two seconds. It works with the data only if
 *
 * - the format of the data is its own. A later version that stores data in another way writes another format, and the servers of
 *   this version end their work;
 * - the data was not restored from a backup, or is fenced since. A backup revives credentials that were used, ended or revoked
 *   after it was made. `portico restore fence` ends them again.
 *
 * How a restored backup is noticed: each server writes a beat, and remembers the last ones that it has written. If Redis does not have
 * that beat any more, nor one of about the same time, the data is older than the server. A failover loses the last moments as
 * well, so less than `maxLossMs` is no backup. If no server was running, nobody remembers: a time without beats is recorded
 * instead, and `portico doctor` reports it.
 *
 * HASH: `format`; `beat` in Unix ms of Redis; `gapFrom` and `gapTo`, the last time without a server; `restored`, when the backup was
 * made, while the data is not fenced; `fenced:<workspace id>`, what is done of that.
 */
import { keys } from './keys.ts';
import { partitionCount } from './partitions.ts';
import type { Commands } from './redis/client.ts';
import { DataRefused } from './redis/data-refused.ts';
import type { Redis } from './redis.ts';

/** The format of the data: 1 is that of 0.1.0, which has not recorded it. A change that an older server cannot work with raises it. */
const dataFormat = 2;

/** How much of the latest beats a failover may lose, in ms. It is also the shortest time without a server that is recorded. */
export const maxLossMs = 15_000;

/** What is known of all data together. All times are in Unix ms of Redis. */
export interface Dataset {
  format?: number;
  /** When a server last worked with it. */
  beat?: number;
  /** The last time in which no server did. */
  gap?: { from: number; to: number };
  /** When the backup was made that the data was restored from, or 0 if that is unknown; absent if it is none, or is fenced. */
  restored?: number;
  /** The workspaces that are fenced, while not all of them are. */
  fenced: string[];
}

async function read(commands: Commands): Promise<Dataset> {
  const fields = await commands.hGetAll(keys.dataset);
  const number = (name: string) => (fields[name] === undefined ? undefined : Number(fields[name]));
  const [format, beat, from, to, restored] = ['format', 'beat', 'gapFrom', 'gapTo', 'restored'].map(number);
  return {
    ...(format !== undefined && { format }),
    ...(beat !== undefined && { beat }),
    ...(from !== undefined && to !== undefined && { gap: { from, to } }),
    ...(restored !== undefined && { restored }),
    fenced: Object.keys(fields).flatMap((name) => (name.startsWith('fenced:') ? [name.slice('fenced:'.length)] : [])),
  };
}

/** What the workspaces say of data that has no record: that there is none, or data of 0.1.0, or data of this format. */
async function formatOfRest(commands: Commands): Promise<'none' | 'old' | 'ours'> {
  const ids = await commands.sMembers(keys.workspaces);
  if (ids.length === 0) return 'none';
  const texts = await Promise.all(ids.map((id) => commands.get(keys.workspace(id))));
  return texts.every((text) => text === null || JSON.parse(text).partitions === partitionCount) ? 'ours' : 'old';
}

/** A beat that this process has written or found. */
interface Known {
  /** Its time, in Unix ms of Redis. */
  beat: number;
  /** When this process learned of it, in ms of its own clock. */
  at: number;
}

/** How many beats a process remembers: more than it writes in `maxLossMs`. */
const remembered = 16;

/**
 * When the backup was made, if the data is older than this process.
 *
 * @param known the beats that it remembers, oldest first
 * @param now in ms of its own clock
 */
export function backupTimeOf(
  { beat = 0, gap }: Omit<Dataset, 'fenced'>,
  known: readonly Known[],
  now: number,
): number | undefined {
  const last = known.at(-1);
  if (last === undefined) return undefined;
  // By the clock of Redis much is lost; by our own, the beat that is left may be of just now: then that clock has jumped.
  const isOlder = (time: number) =>
    time < last.beat - maxLossMs && !known.some((one) => one.beat <= time && now - one.at <= maxLossMs);
  if (isOlder(beat)) return beat;
  // Another server came first, and took the time since the backup for one without servers. Its own beat is the end of that time.
  if (gap !== undefined && last.beat < gap.to && isOlder(gap.from)) return gap.from;
  return undefined;
}

const otherFormat = (format: number) =>
  new DataRefused(
    'format',
    format < dataFormat
      ? 'Redis has data of 0.1.0: stop its servers, and run "portico migrate".'
      : `Redis has data of format ${format}, which this version cannot use: it knows format ${dataFormat}. Run the version of Portico that has written it.`,
  );

const notFenced = () =>
  new DataRefused(
    'restored',
    'Redis was restored from a backup, which revives ended sessions and deleted keys: run "portico restore fence".',
  );

/**
 * Checks the format of the data, for a command that works once.
 *
 * @throws DataRefused
 */
export async function requireFormat(commands: Commands): Promise<void> {
  const { format } = await read(commands);
  const isOld = format === undefined && (await formatOfRest(commands)) === 'old';
  if (isOld || (format ?? dataFormat) !== dataFormat) throw otherFormat(format ?? 1);
}

/**
 * Decides for one server whether it works with the data. The result is called on each new connection, and every few seconds.
 *
 * @returns a function that throws DataRefused
 */
export function admission(): (commands: Commands) => Promise<void> {
  let known: readonly Known[] = [];
  return async (commands) => {
    // What others of these calls learn meanwhile is later than what this one reads.
    const before = known;
    const dataset = await read(commands);
    const rest = dataset.format === undefined ? await formatOfRest(commands) : 'ours';
    if (rest === 'old') throw otherFormat(1);
    const { format = dataFormat, restored } = dataset;
    if (format !== dataFormat) throw otherFormat(format);
    if (restored !== undefined) throw notFenced();
    // A Redis that has lost everything revives nothing.
    const backupTime = rest === 'none' ? undefined : backupTimeOf(dataset, before, performance.now());
    if (backupTime !== undefined) {
      // A format that is there stays: a later version may have written another one meanwhile.
      await commands.hSet(keys.dataset, { ...(dataset.format === undefined && { format }), restored: backupTime });
      throw notFenced();
    }
    // A Redis that accepts no writes now can still be read.
    const step = { keys: { dataset: keys.dataset }, args: { format, gapMs: maxLossMs } };
    const reply = await commands.beatDataset(step).catch(() => undefined);
    if (reply?.outcome === 'other_format') throw otherFormat(reply.format);
    if (reply === undefined || reply.beat < (known.at(-1)?.beat ?? 0)) return;
    known = [...known.slice(1 - remembered), { beat: reply.beat, at: performance.now() }];
  };
}

export function datasetStore(redis: Redis) {
  const { dataset } = keys;
  return {
    /** @throws StoreUnavailable */
    read: (): Promise<Dataset> => redis.run(read),

    /** Records that all data has the format of this version. @throws StoreUnavailable */
    async writeFormat(): Promise<void> {
      await redis.run((client) => client.hSet(dataset, 'format', dataFormat));
    },

    /**
     * Keeps every server from working with the data until it is fenced.
     *
     * @param backupTime when the backup was made, in Unix ms; 0 if that is unknown
     */
    async beginFence(backupTime: number): Promise<void> {
      await redis.run((client) => client.hSet(dataset, { format: dataFormat, restored: backupTime }));
    },

    /** Records that a workspace is fenced. */
    async finishWorkspace(workspaceId: string): Promise<void> {
      await redis.run((client) => client.hSet(dataset, `fenced:${workspaceId}`, 1));
    },

    /** Lets servers work with the data again. */
    async endFence({ fenced }: Dataset): Promise<void> {
      // A server that remembers a beat from before the restore must find a later one, and not one that is older.
      const beat = { keys: { dataset }, args: { format: dataFormat, gapMs: Number.MAX_SAFE_INTEGER } };
      await redis.run((client) => client.beatDataset(beat));
      const fields = ['restored', 'gapFrom', 'gapTo', ...fenced.map((id) => `fenced:${id}`)];
      await redis.run((client) => client.hDel(dataset, fields));
    },

    /** Forgets the last time without a server. */
    async forgetGap(): Promise<void> {
      await redis.run((client) => client.hDel(dataset, ['gapFrom', 'gapTo']));
    },
  };
}
