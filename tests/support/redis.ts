/** Starts a Redis as a child process on a loopback port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type RedisClientOptions } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { noteContents } from './secrets/redis.ts';
import { systemBinary } from './system-binary.ts';

/** A running Redis. */
export interface LocalRedis {
  url: string;
  port: number;
  process: ChildProcess;
  /** Stops it and waits until it has ended. */
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

/** Options for a Redis. */
export interface LocalRedisOptions {
  /** The directory for its data, append-only with a sync at every write. By default nothing is stored. */
  directory?: string;
  port?: number;
  /** Additional arguments for redis-server, for example `['--maxmemory', '1mb']`. */
  options?: string[];
  /** Its environment besides that of this process, such as a clock (fake-clock.ts). */
  env?: Record<string, string>;
  /** Enables TLS only: the arguments for redis-server, and the options for a client. */
  tls?: { args: string[]; client: object };
}

/** Sends a signal to a child process and waits until it has ended. */
export async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  // A process that a test stopped with SIGSTOP does not receive SIGTERM.
  child.kill('SIGCONT');
  await exited;
}

/** The variable with the directory in which each Redis writes its log. Without it there is none. */
export const redisLogsVariable = 'TEST_REDIS_LOGS';

const redisBinary = () => systemBinary(['redis-server', 'valkey-server'], { debian: 'redis-server', brew: 'redis' });

/**
 * Starts redis-server with these arguments and waits until it replies at the URL.
 *
 * @throws MissingBinary; Error if it does not start within 30 s
 */
export async function startRedisServer(
  args: string[],
  url: string,
  client: RedisClientOptions = {},
  env: Record<string, string> = {},
): Promise<LocalRedis> {
  const binary = redisBinary();
  // With the stderr of this process it would stop Jest from ending, if a test file fails before it can stop its Redis.
  const logs = process.env[redisLogsVariable];
  const logging = logs ? ['--logfile', join(logs, `${new URL(url).port}.log`)] : [];
  const child = spawn(binary, [...args, ...logging], { stdio: 'ignore', env: { ...process.env, ...env } });
  const giveUp = Date.now() + 30_000;
  while (!(await answers(url, client))) {
    if (child.exitCode !== null || Date.now() > giveUp) {
      child.kill();
      throw new Error(`${binary} did not come up at ${url}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stop = async () => {
    // One that a test has stopped with SIGSTOP has contents, too.
    child.kill('SIGCONT');
    if (child.exitCode === null && child.signalCode === null) await noteContents(url, client);
    await end(child);
  };
  return { url, port: Number(new URL(url).port), process: child, stop };
}

/** Starts Redis (or Valkey) and waits until it replies. Throws the same errors as `startRedisServer`. */
export async function startRedis({
  directory,
  port,
  options = [],
  env,
  tls,
}: LocalRedisOptions = {}): Promise<LocalRedis> {
  const chosen = String(port ?? (await freePort()));
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const persistence =
    directory === undefined
      ? ['--save', '', '--appendonly', 'no', '--dir', tmpdir()]
      : ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory];
  const listening = tls === undefined ? ['--port', chosen] : ['--port', '0', '--tls-port', chosen, ...tls.args];
  // The search for secrets reads a copy of this name.
  const copy = ['--dbfilename', `portico-${process.pid}-${chosen}.rdb`];
  const usual = ['--bind', '127.0.0.1', '--maxmemory-policy', 'noeviction'];
  const url = `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${chosen}`;
  const socket = tls && { socket: { tls: true as const, ...tls.client } };
  return startRedisServer([...listening, ...usual, ...copy, ...persistence, ...options], url, socket, env);
}

/** Sends one command to one node over a new connection. */
export async function tell<T = string>(url: string, ...command: string[]): Promise<T> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false, connectTimeout: 10_000 } });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.sendCommand(command)) as T;
  } finally {
    client.destroy();
  }
}

/**
 * Waits until a condition is true. An error in the condition counts as false.
 *
 * @returns the time until then, in ms
 * @throws Error with the name of the condition, if it is not true within the limit
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
