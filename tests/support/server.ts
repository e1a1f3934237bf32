/** The real server as a child process, and the real command line, for the demo and the tests. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/** A running server. */
export interface LocalServer {
  process: ChildProcess;
  port: number;
  url: string;
  /** Everything it has logged so far, or the end of it, a line an entry. */
  log(): string;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

/**
 * Waits until the server says that it can serve. One that has no Redis may never: it is waited for 2 s, and one that is only
 * slow, because the machine is busy, for 30.
 */
async function untilReady(url: string, log: () => string): Promise<void> {
  const begun = Date.now();
  const limitMs = () => (log().includes('"msg":"redis is unavailable"') ? 2000 : 30_000);
  while (Date.now() - begun < limitMs()) {
    if ((await fetch(`${url}/v2/readiness`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Tests and scripts call as often as they like, and all from one address. */
const unlimited = { RATE_LIMIT_ROOT_KEY: '0', RATE_LIMIT_SESSION: '0', RATE_LIMIT_EXCHANGE: '0' };

/**
 * Starts the server and waits until it listens, has compiled every operation and, where its Redis is there, is ready: on a
 * busy machine it is too busy before that to answer Redis in time.
 *
 * @param env its settings, laid over the caller's environment; PORT 0 is any free port, and there are no rate limits but
 *   those that it sets
 * @param keep how many characters of its log are kept at least, where it runs for long
 * @param preload modules that it loads before its own
 * @throws Error with what it printed, where it does not come up
 */
export async function startServer(
  env: Record<string, string>,
  { keep = Number.POSITIVE_INFINITY, preload = [] }: { keep?: number; preload?: string[] } = {},
): Promise<LocalServer> {
  const imports = preload.flatMap((file) => ['--import', file]);
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
 * Starts a server, as `startServer` does, that waits long for its Redis: for tests that are not about a slow Redis, so that
 * they pass on a busy machine.
 */
export const startPatientServer = (env: Record<string, string>): Promise<LocalServer> =>
  startServer(env, { preload: [patience] });

/** A Redis by its URL alone, or by the settings it takes. */
type RedisEnv = string | Record<string, string>;

/**
 * Runs one command of the command line and returns what it printed with `--json`.
 *
 * @throws Error with what it wrote to stderr
 */
export const portico = async <T>(redis: RedisEnv, ...args: string[]): Promise<T> =>
  JSON.parse(await porticoText(redis, ...args, '--json'));

/** Runs one command of the command line and returns what it printed. */
export async function porticoText(redis: RedisEnv, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'src/server/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...(typeof redis === 'string' ? { REDIS_URL: redis } : redis) },
    maxBuffer: 2 ** 28,
  });
  return stdout;
}
