/** One server of the benchmark as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../contract-tests/targets/free-port.ts';

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

const taskset = '/usr/bin/taskset';

/** The command, pinned to one core if taskset is available. */
const onCore = (core: number, command: string[]): string[] =>
  existsSync(taskset) ? [taskset, '-c', String(core), ...command] : command;

/** A file of /proc/<pid>, which only Linux has. */
const procFile = (child: ChildProcess, file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');

/** µs in one tick of /proc/<pid>/stat: Linux counts 100 of them a second. */
const microsPerTick = 10_000;

/**
 * Starts a server and waits until it listens.
 *
 * @param file path below the root of the project
 * @throws Error if the process exits before it listens
 */
export async function startPeer(file: string, env: Record<string, string>): Promise<Peer> {
  const port = await freePort();
  const [program = '', ...args] = onCore(0, [process.execPath, join(root, file)]);
  // The log is discarded, because reading it would take CPU time from the load.
  const child = spawn(program, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
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
    cpuMicros() {
      // utime and stime are the 14th and 15th field; the 2nd, in brackets, is the program's name and can contain spaces.
      const fields = procFile(child, 'stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
    },
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(procFile(child, 'status'))?.[1]) * 1024,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
