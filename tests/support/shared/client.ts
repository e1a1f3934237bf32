/** The Redis, the servers and the command line that the test files of one run share. */
import type { CommandOutcome } from '../run-command.ts';
import { portico } from '../server.ts';
import { sharedUrlVariable } from './handle.ts';

/** The Redis of the run. Other files write to it too: read only the keys of your own workspace, and never flush it. */
export interface SharedRedis {
  url: string;
  /** The settings for a server or the command line that uses it. */
  env: Record<string, string>;
}

/** A shared server of the run. */
export interface SharedServer {
  url: string;
  port: number;
}

/** One command of the command line. */
export interface CommandRequest {
  env: Record<string, string>;
  args: string[];
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
 * The shared server with these settings, on the shared Redis. Create your own workspace on it.
 *
 * @param env its settings, which override those of `startServer`; without PORT it uses a free port
 */
export const sharedServer = (env: Record<string, string> = {}): Promise<SharedServer> => call('/server', env);

/**
 * Runs one command of the command line in the shared process, without starting Node. Tests of the command line itself use
 * `portico`.
 *
 * @param redis the URL of a Redis, or the settings for it
 * @returns the output of the command with `--json`
 * @throws Error with the command's stderr
 */
export async function operate<T>(redis: string | Record<string, string>, ...args: string[]): Promise<T> {
  if (process.env[sharedUrlVariable] === undefined) return portico<T>(redis, ...args);
  const env = typeof redis === 'string' ? { REDIS_URL: redis } : redis;
  const { stdout, stderr, code } = await call<CommandOutcome>('/command', { env, args: [...args, '--json'] });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
