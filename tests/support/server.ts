/** The real server as a child process, and the real command line, for the demo and the tests. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { noteEmitted, noteIssuedBy, secretsVariable } from './secrets/record.ts';

const root = join(import.meta.dirname, '../..');

/** A running server. */
export interface LocalServer {
  process: ChildProcess;
  port: number;
  url: string;
  /** Its log so far, or the end of it, with one entry per line. */
  log(): string;
  /** Stops it and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts a server in this process. */
export type StartServerHere = (env: Record<string, string>) => Promise<LocalServer>;

// The VM of a test file has its own globals; registered symbols are the same in all of them.
const startHere = Symbol.for('portico.start-server-here');
type Holder = { [startHere]?: StartServerHere };

/**
 * What starts a server in the process of Jest itself, outside the VM of the tests; undefined if each server is a child process.
 * The mutants of the code need it: one switch activates a mutant for the tests and for the server that they call.
 */
export const startServerHere = (): StartServerHere | undefined => (globalThis as Holder)[startHere];

/** Code with these globals starts servers in this process. */
export function startServersHere(globals: object, start: StartServerHere): void {
  (globals as Holder)[startHere] = start;
}

/**
 * Waits until the server is ready. A server without a Redis may never be ready, so the limit is 2 s for it. A server that is
 * only slow, because the machine is busy, has 30 s.
 */
async function untilReady(url: string, log: () => string): Promise<void> {
  const begun = Date.now();
  const limitMs = () => (log().includes('"msg":"redis is unavailable"') ? 2000 : 30_000);
  while (Date.now() - begun < limitMs()) {
    if ((await fetch(`${url}/v2/readiness`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Disables the rate limits, because all tests and scripts call from one address. */
export const unlimited = {
  RATE_LIMIT_ROOT_KEY: '0',
  RATE_LIMIT_SESSION: '0',
  RATE_LIMIT_EXCHANGE: '0',
  RATE_LIMIT_FAILED_AUTHENTICATION: '0',
  RATE_LIMIT_PAGES: '0',
  MAX_SESSIONS_PER_USER: '1000000',
  MAX_APIS_PER_WORKSPACE: '1000000',
  MAX_PORTALS_PER_WORKSPACE: '1000000',
};

/** Longer than any secret. */
const longestSecret = 256;

/** Notes what the server issues and emits, for the search at the end of the run. */
const witness = join(import.meta.dirname, 'secrets/preload.ts');

/**
 * Starts the server and waits until it listens, has compiled every operation and, if its Redis is available, is ready. Before
 * that, a server on a busy machine can miss the deadlines of Redis.
 *
 * @param env its settings, which override the caller's environment; PORT 0 selects a free port, and rate limits are disabled
 *   unless set here
 * @param keep the minimum number of characters of its log to store, for servers that run for a long time
 * @param preload modules that it loads before its own
 * @throws Error with its output, if it does not start
 */
export async function startServer(
  env: Record<string, string>,
  { keep = Number.POSITIVE_INFINITY, preload = [] }: { keep?: number; preload?: string[] } = {},
): Promise<LocalServer> {
  const start = startServerHere();
  if (start !== undefined) return start({ ...unlimited, ...env });
  const isWatched = process.env[secretsVariable] !== undefined;
  const imports = [...(isWatched ? [witness] : []), ...preload].flatMap((file) => ['--import', file]);
  const child = spawn(process.execPath, [...imports, join(root, 'src/server/main.ts')], {
    cwd: root,
    env: { ...process.env, ...unlimited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let started = false;
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      // A chunk can end in the middle of a secret.
      noteEmitted('log', 'a server', output.slice(-chunk.length - longestSecret));
      if (output.length > 2 * keep) output = output.slice(-keep);
      if (started) return;
      const listening = output.split('\n').find((line) => line.includes('"msg":"listening"'));
      const isCompiled = output.includes('"msg":"every operation is compiled"');
      started = listening !== undefined && isCompiled;
      if (started) resolve(JSON.parse(listening ?? '').port);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(output.trim())));
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, () => output);
  return {
    process: child,
    port,
    url,
    log: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const patience = join(import.meta.dirname, 'patient-redis.ts');

/**
 * Like `startServer`, with long deadlines for Redis. Tests that do not test a slow Redis use it, so that they pass on a busy
 * machine.
 */
export const startPatientServer = (env: Record<string, string>): Promise<LocalServer> =>
  startServer(env, { preload: [patience] });

/** The settings for a Redis, from its URL or the settings themselves. */
type RedisEnv = string | Record<string, string>;

/**
 * Runs one command of the command line and returns its output with `--json`.
 *
 * @throws Error with its stderr
 */
export const portico = async <T>(redis: RedisEnv, ...args: string[]): Promise<T> =>
  JSON.parse(await porticoText(redis, ...args, '--json'));

/** Runs one command of the command line and returns its output. */
export async function porticoText(redis: RedisEnv, ...args: string[]): Promise<string> {
  const redisEnv = typeof redis === 'string' ? { REDIS_URL: redis } : redis;
  if (startServerHere() !== undefined) {
    const { runCommand } = await import('./run-command.ts');
    const outcome = await runCommand(redisEnv, ...args);
    if (outcome.code !== 0) throw Object.assign(new Error(outcome.stderr), outcome);
    return outcome.stdout;
  }
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'src/server/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...redisEnv },
    maxBuffer: 2 ** 28,
  });
  noteIssuedBy(stdout);
  return stdout;
}
