/**
 * Stops the shared process and everything that it started, and searches what all servers have emitted for the secrets that they have
 * issued. Jest calls this once, after the last file.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { failureOf, judgeSecrets } from '../secrets/judge.ts';
import { shared } from './handle.ts';

/** By what Jest chooses the tests of a run. */
interface Choice {
  testPathPatterns: { isSet(): boolean };
  testNamePattern?: string;
  shard?: object;
}

/** @throws Error if a secret was somewhere else than in the response that issues it, or if a complete run noted none: the run fails */
export default async function teardown({ testPathPatterns, testNamePattern, shard }: Choice): Promise<void> {
  const child = shared.process;
  if (child !== undefined && child.exitCode === null) {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  }
  if (shared.secrets === undefined) return;
  const judgement = await judgeSecrets(shared.secrets);
  await rm(shared.secrets, { recursive: true, force: true });
  const { searched, issued } = judgement;
  process.stderr.write(`searched ${searched} texts of servers for ${issued} secrets that they had issued\n`);
  const isComplete = !testPathPatterns.isSet() && testNamePattern === undefined && shard === undefined;
  const failure = failureOf(judgement, isComplete);
  if (failure !== undefined) throw new Error(failure);
}
