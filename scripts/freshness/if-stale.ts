/**
 * Builds the portal and the documentation if they are stale. Each build runs in a process of its own, so that its libraries
 * are not loaded here.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isStale, type Program } from './record.ts';

/** A build has failed. The build has already printed the reason to stderr. */
export class BuildFailed extends Error {}

async function build(program: Program): Promise<void> {
  // The server replaces the origin of the documentation with its own, so the default origin is right for every server.
  const { PORTAL_BASE_URL: _, ...env } = process.env;
  const script = join(import.meta.dirname, `../build/${program}.ts`);
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new BuildFailed(`The build of dist/${program} failed.`);
}

/**
 * Brings dist/portal and dist/docs up to date. Takes some milliseconds if they are.
 *
 * @throws BuildFailed
 */
export async function buildIfStale(programs: Program[] = ['portal', 'docs']): Promise<void> {
  const stale = programs.filter(isStale);
  if (stale.length > 0) process.stderr.write(`Building ${stale.map((program) => `dist/${program}`).join(' and ')}.\n`);
  await Promise.all(stale.map(build));
}

if (import.meta.main) {
  try {
    await buildIfStale();
  } catch (error) {
    process.stderr.write(`${error instanceof BuildFailed ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
