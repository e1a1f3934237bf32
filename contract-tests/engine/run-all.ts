import { shuffled } from './ids.ts';
import type { ConformanceOptions } from './options.ts';
import { mapConcurrently } from './pool.ts';
import { SuiteError } from './preflight.ts';
import type { Prepared, PreparedCheck } from './prepare.ts';
import { type ConformanceReport, reportOf } from './report.ts';
import type { CheckResult } from './run-check.ts';

/**
 * Runs all checks that are prepared, and reports the result of each, in the order of the contract.
 *
 * @throws SuiteError if the run was interrupted, Error if the suite itself fails
 */
export async function runAll(prepared: Prepared, options: ConformanceOptions): Promise<ConformanceReport> {
  const { run, target, contractVersion, notImplemented, ofOperations, checks, clean, seenVersion } = prepared;
  const { profile = 'full', concurrency = 4, signal, onResult } = options;
  const ended = new Map<string, CheckResult>();
  let defect: unknown;
  const runEach = (some: readonly PreparedCheck[]) =>
    mapConcurrently(some, concurrency, async (check) => {
      if (signal?.aborted || defect !== undefined) return;
      try {
        const result = await check.run();
        ended.set(check.title, result);
        onResult?.(result);
      } catch (error) {
        defect ??= error;
      }
    });
  const inOrder = shuffled(checks, run.seed, ({ title }) => title);
  await runEach(inOrder.filter(({ isPart }) => !isPart));
  // Now all responses are there.
  await runEach(inOrder.filter(({ isPart }) => isPart));
  const cleaned = run.created && (await clean?.(run.created));
  if (defect !== undefined) throw defect;
  if (signal?.aborted) throw new SuiteError('the run was interrupted');
  const results = [...ofOperations, ...checks.flatMap(({ title }) => ended.get(title) ?? [])];
  const facts = { target: target.name, profile, contractVersion, notImplemented: [...notImplemented], results };
  return reportOf({ ...facts, run, cleaned, targetVersion: seenVersion() });
}
