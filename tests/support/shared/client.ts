/** The Redis, the servers and the command line that the test files of one run share. */
import { portico } from '../server.ts';
import { sharedUrlVariable } from './handle.ts';

/** The Redis of the run. Others write to it too: look at the keys of your own workspace alone, and never flush it. */
export interface SharedRedis {
  url: string;
  /** The settings of a server, or the command line, on it. */
  env: Record<string, string>;
}

/** A server of the run. */
export interface SharedServer {
  url: string;
  port: number;
}

/** One command of the command line. */
export interface CommandRequest {
  env: Record<string, string>;
  args: string[];
}

/** What a command printed, and its exit code. */
export interface CommandOutcome {
  stdout: string;
  stderr: string;
  code: number;
}

async function call<T>(path: string, body: object): Promise<T> {
  const url = process.env[sharedUrlVariable];
  if (url === undefined) throw new Error('tests share servers only where Jest runs them');
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

/** The Redis that the files of this run share. */
export const sharedRedis = (): Promise<SharedRedis> => call('/redis', {});

/**
 * The server with these settings that the files of this run share. It is on the shared Redis. Make a workspace of your own.
 *
 * @param env its settings, laid over those of `startServer`; without PORT it has a free one
 */
export const sharedServer = (env: Record<string, string> = {}): Promise<SharedServer> => call('/server', env);

/**
 * Arranges something through the command line, without a start of Node for it. What tests the command line itself starts it
 * with `portico`.
 *
 * @param redis the URL of a Redis, or the settings for it
 * @returns what the command prints with `--json`
 * @throws Error with what it wrote to stderr
 */
export async function operate<T>(redis: string | Record<string, string>, ...args: string[]): Promise<T> {
  if (process.env[sharedUrlVariable] === undefined) return portico<T>(redis, ...args);
  const env = typeof redis === 'string' ? { REDIS_URL: redis } : redis;
  const { stdout, stderr, code } = await call<CommandOutcome>('/command', { env, args: [...args, '--json'] });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
