/** What the built server has to do, however it was started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server that was started, and what it has written. */
export interface Started {
  process: ChildProcess;
  output(): string;
}

/** Starts a program, and collects what it writes. */
export function start(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number },
): Started {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  return { process: child, output: () => output };
}

/**
 * Waits until a server is ready, runs its own health check and more, reads its pages, and stops it with SIGTERM.
 *
 * @param more what else has to work while it runs: its health check at least
 * @param stop sends it SIGTERM
 * @throws Error with its output if a step fails
 */
export async function expectServes(
  url: string,
  server: Started,
  more: () => Promise<void>,
  stop: () => void,
): Promise<void> {
  const began = Date.now();
  while (!(await fetch(`${url}/v2/readiness`).catch(() => undefined))?.ok) {
    if (server.process.exitCode !== null || Date.now() - began > 120_000) throw new Error(server.output());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log(`ready after ${Date.now() - began} ms`);
  await more();
  const [asset = ''] = /\/assets\/[^"]+/.exec(await (await fetch(`${url}/signed-out`)).text()) ?? [];
  for (const page of ['/signed-out', asset, '/docs', '/openapi.yaml', '/v2/liveness']) {
    const { status } = await fetch(url + page, { headers: { Accept: 'text/html' }, redirect: 'manual' });
    if (status >= 400) throw new Error(`${page} returned ${status}\n${server.output()}`);
  }
  const exited = once(server.process, 'exit');
  stop();
  const [code] = await exited;
  if (code !== 0) throw new Error(`SIGTERM ended it with ${code}\n${server.output()}`);
}
