import type { Cleaned } from './clean.ts';
import type { Profile } from './profile.ts';
import type { Run } from './run.ts';
import type { CheckResult } from './run-check.ts';
import { suiteVersion } from './version.ts';

/** The result of a run. */
export interface ConformanceReport {
  target: string;
  profile: Profile;
  /** The version of the target: as the options give it, or else its header `Server`; absent if it is not known. */
  targetVersion?: string;
  /** The version of this suite. */
  suiteVersion: string;
  /** The version of the contract, as `info.version` of openapi.yaml has it. */
  contractVersion: string;
  /** The seed of the run. With it, another run has the same order and the same ids, except for their first 48 bits, which are its start. */
  seed: number;
  /** Whether only checks ran that cannot change the target. */
  readOnly: boolean;
  /** What was deleted after the run; absent without `clean`. */
  cleaned?: Cleaned;
  /** The operations that the profile has and the target does not. */
  notImplemented: string[];
  /** Start of the run, ISO 8601. */
  startedAt: string;
  durationMs: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Number of checks that failed and are in the list of expected failures. */
  expected: number;
  /** Number of checks that passed and are in that list. */
  unexpected: number;
  /** Number of checks with warnings. */
  warned: number;
  results: CheckResult[];
}

/** What a report says of a run beside its results. */
interface RunFacts
  extends Pick<ConformanceReport, 'target' | 'profile' | 'contractVersion' | 'notImplemented' | 'results'> {
  run: Run;
  cleaned?: Cleaned | undefined;
  targetVersion?: string | undefined;
}

/** The report of a run that has ended now. */
export function reportOf({ run, cleaned, targetVersion, results, ...facts }: RunFacts): ConformanceReport {
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return {
    ...facts,
    ...(targetVersion && { targetVersion }),
    suiteVersion,
    seed: run.seed,
    readOnly: run.readOnly,
    ...(cleaned && { cleaned }),
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: Date.now() - run.startedAt,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    expected: count('expected'),
    unexpected: count('unexpected'),
    warned: results.filter(({ warnings }) => warnings !== undefined).length,
    results,
  };
}
