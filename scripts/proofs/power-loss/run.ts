/**
 * A power failure destroys what the kernel has not written to the disk; a kill does not. So this records what a real server
 * acknowledges and what Redis has synced, and then starts Redis from the append-only file as every power failure could have left it.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalRedis, startRedis, tell, until } from '../../../tests/support/redis.ts';
import { startServer } from '../../../tests/support/server.ts';
import { newTenant, type Tenant } from '../../../tests/support/tenant.ts';
import { openAofOf, startFromCut, type Unit, unitsOf } from './aof.ts';
import { type Loss, lossOf } from './judge.ts';
import { type LoadOptions, type Recording, runLoad } from './load.ts';
import { faultsIn } from './restored.ts';
import { type Sync, traceSyncs } from './syscalls.ts';

/** When Redis syncs its append-only file. */
export type Policy = 'always' | 'everysec' | 'no';

/** A load under one policy. */
export interface Phase {
  /** The policy that the operator believes in, and the one that Redis has. */
  policy: Policy;
  loss: Loss;
  recording: Recording;
  /** The part of the file that it wrote, in bytes. */
  from: number;
  to: number;
}

/** A recorded run. `stop` removes its files. */
export interface Recorded {
  directory: string;
  tenant: Tenant;
  phases: Phase[];
  units: Unit[];
  syncs: Sync[];
  stop(): Promise<void>;
}

/** Runs a load under each policy, on one server and one Redis, and records it. */
export async function record(
  phases: { policy: Policy; load: Omit<LoadOptions, 'seed'> }[],
  { seed, preload = [] }: { seed: number; preload?: string[] },
): Promise<Recorded> {
  const directory = await mkdtemp(join(tmpdir(), 'portico-power-'));
  const running: { stop(): Promise<unknown> }[] = [{ stop: () => rm(directory, { recursive: true }) }];
  const stopAll = async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  };
  try {
    const redis = await startRedis({ directory, options: ['--auto-aof-rewrite-percentage', '0'] });
    running.push(redis);
    const file = await openAofOf(directory);
    // Before the server, which writes by itself: nothing is written before strace sees it.
    const trace = await traceSyncs(redis.process.pid ?? 0, file, join(directory, 'strace'));
    running.push(trace);
    const server = await startServer(
      { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production', REDIS_URL: redis.url },
      { preload },
    );
    running.push(server);
    const tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
    const done: Omit<Phase, 'loss'>[] = [];
    for (const { policy, load } of phases) {
      await tell(redis.url, 'CONFIG', 'SET', 'appendfsync', policy);
      const from = (await stat(file)).size;
      const recording = await runLoad(server.url, tenant, { ...load, seed: seed + done.length });
      await settle(redis);
      done.push({ policy, recording, from, to: (await stat(file)).size });
    }
    await server.stop();
    // Redis syncs the file when it ends.
    await redis.stop();
    const syncs = await trace.stop();
    const units = unitsOf(await readFile(file));
    const written = syncs.at(-1)?.written;
    if (written !== units.at(-1)?.end) throw new Error(`strace saw ${written} bytes of ${units.at(-1)?.end}`);
    running.length = 1;
    return {
      ...{ directory, tenant, units, syncs },
      phases: done.map((phase) => ({ ...phase, loss: lossOf(phase.recording, units, syncs) })),
      stop: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Waits until the file has everything: Redis may write it later than it replies. */
async function settle({ url }: LocalRedis): Promise<void> {
  await until('the append-only file is synced', async () => {
    const info = await tell(url, 'INFO', 'persistence');
    return info.includes('aof_pending_bio_fsync:0') && info.includes('aof_buffer_length:0');
  });
}

/** What the restarts found. */
export interface Restarts {
  /** How many cuts were between units, and how many inside of one. */
  between: number;
  inside: number;
  /** How many positions there were to choose from. */
  positions: number;
  faults: string[];
}

/** The content of a Redis as one number. */
const digestOf = ({ url }: LocalRedis) => tell(url, 'DEBUG', 'DIGEST');

/**
 * Starts Redis from the file, cut at this many positions of a phase that a power failure could have left: in always and everysec
 * mode each byte after a sync is one until the next sync. A cut inside of a unit must restore exactly what the cut before the unit does.
 */
export async function restartFromCuts(
  { directory, tenant, units, phases }: Recorded,
  { recording, from, to }: Phase,
  many: number,
  random: () => number,
): Promise<Restarts> {
  const own = units.filter(({ start, end }) => start >= from && end <= to);
  // What other phases have acknowledged must be there as well, if it is before the cut.
  const everything = { ...recording, acknowledged: phases.flatMap((phase) => phase.recording.acknowledged) };
  const result: Restarts = { between: 0, inside: 0, positions: to - from, faults: [] };
  const at = async (bytes: number, faultsOf: (redis: LocalRedis) => Promise<string[]>): Promise<string> => {
    const redis = await startFromCut(directory, bytes);
    try {
      const digest = await digestOf(redis);
      result.faults.push(...(await faultsOf(redis)).map((fault) => `cut at ${bytes}: ${fault}`));
      return digest;
    } finally {
      await redis.stop();
    }
  };
  // Each unit costs one restart before it and two inside of it: at the end of a command, and at any byte.
  const chosen = Math.min(Math.ceil(many / 3), own.length);
  for (let i = 0; i < chosen; i++) {
    const unit = own[Math.floor(((i + random()) * own.length) / chosen)];
    if (unit === undefined) break;
    const before = await at(unit.start, ({ url }) => faultsIn(url, tenant, everything, units, unit.start));
    result.between++;
    const ends = unit.commandEnds.slice(0, -1);
    const inside = [
      ends[Math.floor(random() * ends.length)],
      unit.start + 1 + Math.floor(random() * (unit.end - unit.start - 1)),
    ];
    for (const bytes of inside.filter((one) => one !== undefined)) {
      const digest = await at(bytes, async () => []);
      result.inside++;
      if (digest !== before) result.faults.push(`cut at ${bytes}: a part of the unit at ${unit.start} is applied`);
    }
  }
  return result;
}
