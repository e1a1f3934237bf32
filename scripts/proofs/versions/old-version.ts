/** 0.1.0, from the history of the project. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import { end, until } from '../../../tests/support/redis.ts';
import { CouldNotRun } from '../proof.ts';

/** The last commit before the partitions, which tests/migration records as well. */
const commit = 'b5ac043c0b842fd8bd9b2c416015e9000ab3044c';
const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** The files of 0.1.0, with the libraries of this version. */
export interface OldVersion {
  /** Starts a server with these settings besides its defaults, and waits until it is ready. */
  start(redisUrl: string, env?: Record<string, string>): Promise<{ url: string; stop(): Promise<void> }>;
  /** Runs a command, and returns its output with `--json`. */
  cli(redisUrl: string, ...args: string[]): Promise<Record<string, string>>;
  remove(): Promise<void>;
}

/** @throws CouldNotRun if the clone does not have the commit */
export async function oldVersion(): Promise<OldVersion> {
  const git = (...args: string[]) => run('git', args, { cwd: root });
  await git('cat-file', '-e', `${commit}^{commit}`).catch(() => {
    throw new CouldNotRun('this clone does not have the history: run "git fetch --unshallow"');
  });
  const directory = await mkdtemp(join(tmpdir(), 'portico-0.1.0-'));
  const archive = join(directory, 'source.tar');
  await git('archive', '--output', archive, commit);
  await run('tar', ['-xf', archive, '-C', directory]);
  // A server does not start without the pages of the portal, and no call of this proof is one for a page.
  for (const name of ['node_modules', 'dist']) await symlink(join(root, name), join(directory, name));
  // The one library that this version does not have: it measures tables, and every command here prints JSON.
  const library = join(directory, 'src/node_modules/fast-string-width');
  await mkdir(library, { recursive: true });
  await writeFile(join(library, 'package.json'), '{"name":"fast-string-width","type":"module","exports":"./index.js"}');
  await writeFile(join(library, 'index.js'), 'export default (text) => text.length;');
  const envOf = (redisUrl: string, port = '0') => ({
    ...process.env,
    ...{ REDIS_URL: redisUrl, REDIS_MODE: 'standalone', PORT: port, HOST: '127.0.0.1', WORKERS: '1' },
    // With its rate limits: the migration sees by their counters that a server of 0.1.0 is running.
  });
  return {
    async start(redisUrl, env = {}) {
      const port = String(await freePort());
      const server = spawn(process.execPath, [join(directory, 'src/server/main.ts')], {
        ...{ cwd: directory, env: { ...envOf(redisUrl, port), ...env }, stdio: 'ignore' as const },
      });
      const url = `http://127.0.0.1:${port}`;
      await until('the server of 0.1.0 is ready', async () => (await fetch(`${url}/v2/readiness`)).ok).catch(
        async (error: unknown) => {
          await end(server, 'SIGKILL');
          throw new CouldNotRun(String(error));
        },
      );
      return { url, stop: () => end(server) };
    },
    async cli(redisUrl, ...args) {
      const command = [join(directory, 'src/server/cli/main.ts'), ...args, '--json'];
      const { stdout } = await run(process.execPath, command, { cwd: directory, env: envOf(redisUrl) });
      return JSON.parse(stdout);
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
