/** The real server as a child process, and the real command line, for the demo and the tests. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** A running server. */
export interface LocalServer {
  process: ChildProcess;
  port: number;
  url: string;
  /** Everything it has logged so far, a line an entry. */
  log(): string;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it listens.
 *
 * @param env its settings, laid over the caller's environment; PORT 0 is any free port
 * @throws Error with what it printed, where it does not come up
 */
export async function startServer(env: Record<string, string>): Promise<LocalServer> {
  const child = spawn(process.execPath, [join(root, 'src/main.ts')], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const listening = output.split('\n').find((line) => line.includes('"msg":"listening"'));
      if (listening !== undefined) resolve(JSON.parse(listening).port);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(output.trim())));
  });
  return {
    process: child,
    port,
    url: `http://127.0.0.1:${port}`,
    log: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/**
 * Runs one command of the command line and returns what it printed with `--json`.
 *
 * @throws Error with what it wrote to stderr
 */
export const portico = async <T>(redisUrl: string, ...args: string[]): Promise<T> =>
  JSON.parse(await porticoText(redisUrl, ...args, '--json'));

/** Runs one command of the command line and returns what it printed. */
export async function porticoText(redisUrl: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'src/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, REDIS_URL: redisUrl },
    maxBuffer: 2 ** 28,
  });
  return stdout;
}
