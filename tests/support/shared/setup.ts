/** Starts the process that the test files share. Jest calls this once, before the first file. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { shared, sharedUrlVariable } from './handle.ts';

export default async function setup(): Promise<void> {
  const child = fork(join(import.meta.dirname, 'process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const failed = once(child, 'exit').then(() => {
    throw new Error('the process that the tests share did not start');
  });
  const [url] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => {});
  shared.process = child;
  process.env[sharedUrlVariable] = String(url);
}
