import { type AnyCheck, type Check, titleOf } from './check.ts';
import { profileOf } from './profile.ts';
import { type Redact, redact, type ShownRequest, shownRequest } from './show.ts';
import type { Source } from './source.ts';
import { notImplemented, type Target, Unavailable } from './target.ts';
import { ContractViolation, type NewTrial } from './trial.ts';

/** The result of one check. */
export interface CheckResult extends ShownRequest {
  operation: string;
  promise: string;
  kind: AnyCheck['kind'];
  profile: AnyCheck['profile'];
  /** The public page that makes the promise; absent if the contract makes it. */
  source?: Source;
  /** The status that documents the promise: from 400 on, the promise is an error. */
  status: number;
  /** How long the check took, in ms. */
  durationMs: number;
  /**
   * `skipped` if the target cannot run the check. By a list of expected failures, a failure is `expected`, and a pass is `unexpected`.
   */
  outcome: 'passed' | 'failed' | 'skipped' | 'expected' | 'unexpected';
  /** Why the check is skipped, or why it is known to fail. */
  reason?: string;
  /** One message per violation. */
  failures: string[];
  /** One message per field or enum value in a response that the contract does not document; absent if there are none. */
  warnings?: string[];
  /** Whether it failed because a response did not come in time: a busy machine can be the cause. */
  timedOut?: true;
  /** The line of openapi.yaml that documents the promise. */
  specLine?: number;
  /** The arguments of the command that repeat this check alone, for a shell; root keys come from the environment. */
  repeat?: string;
}

/** The result that stands for all checks of an operation that the target does not have. */
export const notImplementedResult = (operation: string): CheckResult => ({
  operation,
  promise: 'is implemented',
  kind: 'flow',
  profile: profileOf(operation),
  status: 200,
  durationMs: 0,
  outcome: 'failed',
  failures: ['not implemented'],
});

/** What the result of a check needs beside the check. */
export interface RunOptions {
  /** Hides the credentials of the run; otherwise those in the contract's format. */
  hide?: Redact;
  specLine?: number | undefined;
  /** The operations that the target does not have. */
  missing?: readonly string[];
}

/** What differs from check to check in a result. */
type Outcome = Pick<CheckResult, 'outcome'> & Partial<CheckResult>;

/** The fields of every result of a check that began at this time, and those of this one. */
export function resultOf(check: AnyCheck, begun: number, { specLine }: RunOptions, more: Outcome): CheckResult {
  const { operation, name: promise, kind, profile, status, source } = check;
  const at = source === undefined ? specLine !== undefined && { specLine } : { source };
  const durationMs = Math.round(performance.now() - begun);
  return { operation, promise, kind, profile, status, failures: [], durationMs, ...at, ...more };
}

/** Why a check does not run on a target, or undefined if it does. */
export const reasonToSkip = (check: AnyCheck, { isMock }: Target, { missing = [] }: RunOptions): string | undefined => {
  if (isMock && check.notOnMock !== undefined) return check.notOnMock;
  return missing.includes(check.operation) ? notImplemented(check.operation) : undefined;
};

/**
 * Runs one check on one target. A failure of the target is a result. Any other failure is thrown, so that a defect of the
 * suite is not reported as a defect of the target.
 *
 * @throws Error if the suite itself fails
 */
export async function runCheck(
  check: Check,
  target: Target,
  newTrial: NewTrial,
  options: RunOptions = {},
): Promise<CheckResult> {
  const begun = performance.now();
  const { hide = (text) => redact(text, []) } = options;
  const result = (more: Outcome) => resultOf(check, begun, options, more);
  const reason = reasonToSkip(check, target, options);
  if (reason !== undefined) return result({ outcome: 'skipped', reason });
  const trial = newTrial(target, check.steer?.(target));
  try {
    await check.run(trial);
    const warnings = trial.warnings.map(hide);
    return result({ outcome: 'passed', ...(warnings.length > 0 && { warnings }) });
  } catch (error) {
    if (error instanceof Unavailable) return result({ outcome: 'skipped', reason: error.message });
    if (!(error instanceof ContractViolation))
      throw new Error(`the suite failed at ${titleOf(check)}`, { cause: error });
    const failures = trial.failures.map(hide);
    const late = trial.timedOut ? ({ timedOut: true } as const) : {};
    const last = trial.sentRequests.at(-1);
    return result({ outcome: 'failed', failures, ...late, ...(last && shownRequest(last, hide)) });
  }
}
