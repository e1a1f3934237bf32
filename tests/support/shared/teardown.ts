/**
 * Stops the shared process and everything that it started, and searches what all servers have emitted for the secrets that they have
 * issued. Jest calls this once, after the last file.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { judgeSecrets } from '../secrets/judge.ts';
import { shared } from './handle.ts';

/** @throws Error if a secret was somewhere else than in the response that issues it: the run fails */
export default async function teardown(): Promise<void> {
  const child = shared.process;
  if (child !== undefined && child.exitCode === null) {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  }
  if (shared.secrets === undefined) return;
  const { issued, searched, findings } = await judgeSecrets(shared.secrets);
  await rm(shared.secrets, { recursive: true, force: true });
  process.stderr.write(`searched ${searched} texts of servers for ${issued} secrets that they had issued\n`);
  if (findings.length > 0) throw new Error(`secrets outside of the responses that issue them:\n${findings.join('\n')}`);
}
