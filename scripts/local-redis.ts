/** A Redis of the project's own, as a child process on a loopback port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createClient } from 'redis';
import { systemBinary } from './system-binary.ts';

/** A running Redis. */
export interface LocalRedis {
  url: string;
  port: number;
  process: ChildProcess;
  /** Shuts it down, and waits until it has. */
  stop(): Promise<void>;
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 500 } });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

/**
 * Starts Redis (or Valkey) and waits until it answers.
 *
 * @param directory where it keeps its data, append-only and synced at every write; without one nothing is kept
 * @param options more of redis-server's own, such as `['--maxmemory', '1mb']`
 * @throws MissingBinary; Error where it does not come up within 30 s
 */
export async function startRedis({
  directory,
  port,
  options = [],
}: {
  directory?: string;
  port?: number;
  options?: string[];
} = {}): Promise<LocalRedis> {
  const binary = systemBinary(['redis-server', 'valkey-server'], { debian: 'redis-server', brew: 'redis' });
  const chosen = port ?? (await freePort());
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const persistence =
    directory === undefined
      ? ['--save', '', '--appendonly', 'no']
      : ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory];
  const child = spawn(
    binary,
    ['--port', String(chosen), '--bind', '127.0.0.1', '--maxmemory-policy', 'noeviction', ...persistence, ...options],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const url = `redis://127.0.0.1:${chosen}`;
  const giveUp = Date.now() + 30_000;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > giveUp) {
      child.kill();
      throw new Error(`${binary} did not come up on port ${chosen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    port: chosen,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      // One that a test has stopped with SIGSTOP would never see the SIGTERM.
      child.kill('SIGCONT');
      await exited;
    },
  };
}
