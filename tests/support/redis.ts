/** A Redis of the project's own, as a child process on a loopback port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createClient, type RedisClientOptions } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { systemBinary } from './system-binary.ts';

/** A running Redis. */
export interface LocalRedis {
  url: string;
  port: number;
  process: ChildProcess;
  /** Shuts it down, and waits until it has. */
  stop(): Promise<void>;
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
  /** More of redis-server's own, such as `['--maxmemory', '1mb']`. */
  options?: string[];
  /** Has it speak TLS alone: how it is told to, and how a client of it is. */
  tls?: { args: string[]; client: object };
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

const redisBinary = () => systemBinary(['redis-server', 'valkey-server'], { debian: 'redis-server', brew: 'redis' });

/**
 * Starts redis-server with that command line, and waits until it answers at the URL.
 *
 * @throws MissingBinary; Error where it does not come up within 30 s
 */
export async function startRedisServer(
  args: string[],
  url: string,
  client: RedisClientOptions = {},
): Promise<LocalRedis> {
  const binary = redisBinary();
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const giveUp = Date.now() + 30_000;
  while (!(await answers(url, client))) {
    if (child.exitCode !== null || Date.now() > giveUp) {
      child.kill();
      throw new Error(`${binary} did not come up at ${url}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, port: Number(new URL(url).port), process: child, stop: () => end(child) };
}

/** Starts Redis (or Valkey) and waits until it answers. Throws as `startRedisServer` does. */
export async function startRedis({ directory, port, options = [], tls }: LocalRedisOptions = {}): Promise<LocalRedis> {
  const chosen = String(port ?? (await freePort()));
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const persistence =
    directory === undefined
      ? ['--save', '', '--appendonly', 'no']
      : ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory];
  const listening = tls === undefined ? ['--port', chosen] : ['--port', '0', '--tls-port', chosen, ...tls.args];
  const usual = ['--bind', '127.0.0.1', '--maxmemory-policy', 'noeviction'];
  const url = `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${chosen}`;
  const socket = tls && { socket: { tls: true as const, ...tls.client } };
  return startRedisServer([...listening, ...usual, ...persistence, ...options], url, socket);
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
