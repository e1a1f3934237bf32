/**
 * The contract suite for any server that implements openapi.yaml: black box, over HTTP only.
 *
 * `runConformance` runs all checks and returns a report. `conformanceChecks` returns the checks one by one for your own
 * test runner. If the target cannot provide what a check needs, the check is skipped with a reason.
 *
 * `judgeClient` and `clientChecks` are the same for a client of the contract, which the suite serves.
 */
import { allChecks } from './checks.ts';
import { choose, type ListedCheck, listedOf, type Selection } from './engine/choose.ts';
import { titleOfResult } from './engine/expected-failures.ts';
import type { ConformanceOptions } from './engine/options.ts';
import { prepare, type Suite } from './engine/prepare.ts';
import type { ConformanceReport } from './engine/report.ts';
import { runAll } from './engine/run-all.ts';
import type { CheckResult } from './engine/run-check.ts';
import { targetOf } from './targets/from-options.ts';

export {
  type Call,
  calls,
  commandDriver,
  type Driver,
  type DriverEnvironment,
  type Reported,
  type ReportedError,
} from './clients/driver.ts';
export {
  type ClientCheck,
  clientChecks,
  type Judgement,
  type JudgeOptions,
  judgeClient,
  NotJudged,
} from './clients/judge.ts';
export type { ListedCheck } from './engine/choose.ts';
export { type ExpectedFailures, parseExpectedFailures } from './engine/expected-failures.ts';
export type { ConformanceOptions } from './engine/options.ts';
export { SuiteError } from './engine/preflight.ts';
export { type Profile, profiles } from './engine/profile.ts';
export type { ConformanceReport } from './engine/report.ts';
export type { CheckResult } from './engine/run-check.ts';

const suite: Suite = { checksOf: allChecks, targetOf };

/** One check, ready to run. */
export interface ConformanceCheck {
  /** `operation › promise` */
  name: string;
  /** @throws Error if the suite itself fails; a failure of the target is a result */
  run(): Promise<CheckResult>;
}

/**
 * Returns the checks that a run with these options has, without a target.
 *
 * @throws SuiteError if there are none
 */
export async function listChecks(options: Selection = {}): Promise<ListedCheck[]> {
  return listedOf(await choose(suite.checksOf, options));
}

/**
 * Returns the checks one by one, for a test runner, and one that fails for each operation that the target does not have. Those of parts of responses, such as a header, come last: they judge what the others got.
 *
 * @throws SuiteError if the options are wrong or the target does not respond
 */
export async function conformanceChecks(options: ConformanceOptions): Promise<ConformanceCheck[]> {
  const { checks, ofOperations } = await prepare(suite, options);
  return [
    ...ofOperations.map((result) => ({ name: titleOfResult(result), run: async () => result })),
    ...checks.map(({ title, run }) => ({ name: title, run })),
  ];
}

/**
 * Runs all checks and reports the result of each, in the order of the contract.
 *
 * @throws SuiteError if the suite could not run; a target that breaks the contract is a report with failures
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  return runAll(await prepare(suite, options), options);
}
