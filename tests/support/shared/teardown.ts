/** Stops the shared process and everything that it started. Jest calls this once, after the last file. */
import { once } from 'node:events';
import { shared } from './handle.ts';

export default async function teardown(): Promise<void> {
  const child = shared.process;
  if (child === undefined || child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}
