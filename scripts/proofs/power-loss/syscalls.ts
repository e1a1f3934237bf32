/**
 * When each byte of the append-only file was on the disk. strace shows each write and fdatasync of Redis with its time, so this is
 * exact: what was written before an fdatasync began is on the disk when it returns. Redis itself reports only whether one is pending.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { until } from '../../../tests/support/redis.ts';
import { systemBinary } from '../../../tests/support/system-binary.ts';
import { CouldNotRun } from '../proof.ts';

/** A moment when more of the file was on the disk than before. */
export interface Sync {
  /** When fdatasync began and when it returned, in Unix ms. */
  begunAt: number;
  at: number;
  /** How much of the file was on the disk from then on, and how much was written when it returned, in bytes. */
  durable: number;
  written: number;
}

/** A trace of the writes to one file. */
export interface Trace {
  /** Ends the trace, and returns what was seen. Call it before the traced process ends or after it. */
  stop(): Promise<Sync[]>;
}

/** One line of strace: `<thread> <Unix s> <call>(… = <result> <<seconds>>`, or the two halves of a call that was interrupted. */
const lineOf = /^(\d+)\s+(\d+\.\d+) (?:(write|fdatasync|fsync)\(|<\.\.\. (write|fdatasync|fsync) resumed>)(.*)$/;

/** Reads the output of strace. `before` is how much of the file was on the disk when the trace began. */
export function syncsOf(output: string, before: number): Sync[] {
  /** What happened, in the order of time. */
  const events: { at: number; kind: 'written' | 'begun' | 'synced'; thread: string; bytes: number }[] = [];
  const begun = new Map<string, number>();
  for (const line of output.split('\n')) {
    const [, thread = '', seconds = '', whole, resumed, rest = ''] = lineOf.exec(line) ?? [];
    if (thread === '') continue;
    const time = Number(seconds) * 1000;
    const isWrite = (whole ?? resumed) === 'write';
    if (resumed === undefined) {
      begun.set(thread, time);
      if (!isWrite) events.push({ at: time, kind: 'begun', thread, bytes: 0 });
    }
    const [, result, took] = /= (-?\d+).* <(\d+\.\d+)>$/.exec(rest) ?? [];
    if (result === undefined) continue;
    const at = (begun.get(thread) ?? time) + Number(took) * 1000;
    if (Number(result) < 0) throw new Error(`Redis could not write its append-only file: ${line}`);
    events.push({ at, kind: isWrite ? 'written' : 'synced', thread, bytes: isWrite ? Number(result) : 0 });
  }
  // A write that ends in the same microsecond as a sync begins comes after it: it may not be part of it.
  const order = { synced: 0, begun: 1, written: 2 };
  const isSingle = new Set(events.map(({ thread }) => thread)).size === 1;
  // In one thread, calls follow each other in the order of the lines, however short they are.
  if (!isSingle) events.sort((a, b) => a.at - b.at || order[a.kind] - order[b.kind]);
  const syncs: Sync[] = [];
  const pending = new Map<string, { at: number; bytes: number }>();
  let written = before;
  let durable = before;
  for (const { at, kind, thread, bytes } of events) {
    if (kind === 'written') written += bytes;
    else if (kind === 'begun') pending.set(thread, { at, bytes: written });
    else {
      const start = pending.get(thread);
      durable = Math.max(durable, start?.bytes ?? durable);
      syncs.push({ begunAt: start?.at ?? at, at, durable, written });
    }
  }
  return syncs;
}

/**
 * Begins to trace the writes of a process to a file.
 *
 * @throws MissingBinary; CouldNotRun if the system does not allow a process to trace another one
 */
export async function traceSyncs(pid: number, file: string, output: string): Promise<Trace> {
  const strace = systemBinary(['strace'], { debian: 'strace', brew: 'strace' });
  const before = (await stat(file)).size;
  const filters = ['-e', 'trace=write,fdatasync,fsync', '-e', 'signal=none', '-s', '0', '-P', file];
  const child: ChildProcess = spawn(strace, ['-f', '-ttt', '-T', ...filters, '-o', output, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await until('strace is attached', async () => {
    if (child.exitCode !== null) return true;
    return said.includes('attached');
  });
  if (child.exitCode !== null) throw new CouldNotRun(`strace cannot trace Redis here: ${said.trim()}`);
  return {
    async stop() {
      child.kill('SIGINT');
      await ended;
      return syncsOf(await readFile(output, 'utf8'), before);
    },
  };
}
