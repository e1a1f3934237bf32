/** A Redis of the project's own, as a child process on a loopback port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createClient, type RedisClientOptions } from 'redis';
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

async function answers(url: string, options: RedisClientOptions): Promise<boolean> {
  const socket = { ...options.socket, reconnectStrategy: false as const, connectTimeout: 500 };
  const client = createClient({ ...options, url, socket } as RedisClientOptions);
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

/** How to start a Redis. */
export interface LocalRedisOptions {
  /** Where it keeps its data, append-only and synced at every write; without one nothing is kept. */
  directory?: string;
  port?: number;
  /** More of its command line. */
  args?: string[];
  /** How to ask whether it is there: a password, TLS. */
  client?: RedisClientOptions;
}

/** Sends a child a signal that ends it, and waits until it has ended. */
export async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  // One that a test has stopped with SIGSTOP would never see the SIGTERM.
  child.kill('SIGCONT');
  await exited;
}

/**
 * Starts Redis (or Valkey) and waits until it answers.
 *
 * @throws MissingBinary; Error where it does not come up within 30 s
 */
export async function startRedis({
  directory,
  port,
  args = [],
  client = {},
}: LocalRedisOptions = {}): Promise<LocalRedis> {
  const binary = systemBinary(['redis-server', 'valkey-server'], { debian: 'redis-server', brew: 'redis' });
  const chosen = port ?? (await freePort());
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const persistence =
    directory === undefined
      ? ['--save', '', '--appendonly', 'no']
      : ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory];
  const child = spawn(
    binary,
    ['--port', String(chosen), '--bind', '127.0.0.1', '--maxmemory-policy', 'noeviction', ...persistence, ...args],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const url = `redis://127.0.0.1:${chosen}`;
  const giveUp = Date.now() + 30_000;
  while (!(await answers(url, client))) {
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
    stop: () => end(child),
  };
}

/** Sends one command to one node, over a connection of its own. */
export async function tell<T = string>(url: string, ...command: string[]): Promise<T> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false, connectTimeout: 500 } });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.sendCommand(command)) as T;
  } finally {
    client.destroy();
  }
}

/**
 * Waits until something holds; while it throws, it does not.
 *
 * @returns after how many ms it did
 * @throws Error that names it, where it does not within the limit
 */
export async function until(what: string, holds: () => Promise<boolean>, limitMs = 30_000): Promise<number> {
  const begun = performance.now();
  let cause: unknown;
  while (performance.now() - begun < limitMs) {
    try {
      if (await holds()) return performance.now() - begun;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within ${limitMs} ms: ${what}`, { cause });
}
