/** One server of the benchmark as a child process, with its workers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import { onCore } from '../cores.ts';
import { cpuTimeMs } from '../cpu-time.ts';

const root = join(import.meta.dirname, '../../..');

/** A running server. */
export interface Peer {
  url: string;
  /** CPU time since its start, in µs. */
  cpuMicros(): number;
  /** Current memory, in bytes. */
  memory(): number;
  stop(): Promise<void>;
}

/** A file of /proc/<pid>, which only Linux has. */
const procFile = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');

/** A process and its children. */
function family(pid: number): number[] {
  const children = procFile(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(family)];
}

const memoryOf = (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(procFile(pid, 'status'))?.[1]) * 1024;

const total = (child: ChildProcess, of: (pid: number) => number) =>
  family(child.pid ?? 0).reduce((sum, pid) => sum + of(pid), 0);

/**
 * Starts a server and waits until it listens. One process has a core of its own; several workers have all cores.
 *
 * @param file path below the root of the project
 * @throws Error if the process exits before it listens
 */
export async function startPeer(file: string, env: Record<string, string>): Promise<Peer> {
  const port = await freePort();
  const command = [process.execPath, join(root, file)];
  const [program = '', ...args] = env['WORKERS'] === '1' ? onCore(0, command) : command;
  // The log is discarded, because reading it would take CPU time from the load.
  const child = spawn(program, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // Also if another server does not start.
  const kill = () => void child.kill();
  process.once('exit', kill);
  const responds = () =>
    fetch(`http://127.0.0.1:${port}/v2/liveness`).then(
      () => true,
      () => false,
    );
  while (!(await responds())) {
    if (child.exitCode !== null) throw new Error(`${file} ended before it listened`);
    await sleep(50);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    cpuMicros: () => total(child, cpuTimeMs) * 1000,
    memory: () => total(child, memoryOf),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      process.off('exit', kill);
    },
  };
}
