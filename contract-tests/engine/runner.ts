/** Runs checks on one target. The checks of parts judge the responses that the others get. */
import { type AnyCheck, type Check, isPart, type PartCheck, titleOf } from './check.ts';
import { type CheckResult, type RunOptions, reasonToSkip, resultOf, runCheck } from './run-check.ts';
import { redact, shownRequest } from './show.ts';
import type { Target } from './target.ts';
import type { NewTrial, OnPart, SentRequest } from './trial.ts';

/** What responses have shown of a part. */
interface Shown {
  /** How many responses have it. */
  seen: number;
  broken: { failure: string; sent: SentRequest }[];
}

/** How a runner runs checks. */
interface RunnerOptions {
  /** What the result of a check needs. */
  optionsOf?: (check: AnyCheck) => RunOptions;
  /** Runs a check, in a scope of its own; it can be one that another check needs. */
  around?: (check: Check, run: () => Promise<CheckResult>) => Promise<CheckResult>;
  /** Whether a check that is not asked for may run because it shows a part. */
  mayShow?: (check: Check) => boolean;
}

/** Runs checks of one target. */
export interface Runner {
  /**
   * Runs a check. One of a part first runs those that show it and have not run, until the part is broken.
   *
   * @throws Error if the suite itself fails
   */
  run(check: AnyCheck): Promise<CheckResult>;
}

/** How many different failures the result of a part names. */
const mostFailures = 5;

/**
 * Creates a runner.
 *
 * @param checks all checks of the suite: a part without a check is a fault of the suite
 */
export function createRunner(
  newTrial: NewTrial,
  target: Target,
  checks: readonly AnyCheck[],
  { optionsOf = () => ({}), around = (_, run) => run(), mayShow = () => true }: RunnerOptions = {},
): Runner {
  const shown = new Map<string, Shown>(checks.filter(isPart).map((part) => [titleOf(part), { seen: 0, broken: [] }]));
  const ran = new Map<Check, Promise<CheckResult>>();

  const onPart: OnPart = (operation, { name, failure }, sent) => {
    const title = titleOf({ operation, name });
    const part = shown.get(title);
    if (part === undefined) throw new Error(`no check is about ${title}`);
    part.seen++;
    if (failure !== undefined) part.broken.push({ failure, sent });
  };
  const newOwnTrial: NewTrial = (own, steering) => newTrial(own, steering, onPart);

  function runNow(check: Check): Promise<CheckResult> {
    const running = around(check, () => runCheck(check, target, newOwnTrial, optionsOf(check)));
    ran.set(check, running);
    return running;
  }

  async function runPart(check: PartCheck): Promise<CheckResult> {
    const begun = performance.now();
    const own = optionsOf(check);
    const reason = reasonToSkip(check, target, own);
    if (reason !== undefined) return resultOf(check, begun, own, { outcome: 'skipped', reason });
    const part = shown.get(titleOf(check)) ?? { seen: 0, broken: [] };
    const results: CheckResult[] = [];
    for (const other of check.shownBy.filter(mayShow)) {
      if (part.broken.length > 0) break;
      results.push(await (ran.get(other) ?? runNow(other)));
    }
    const [first] = part.broken;
    if (first !== undefined) {
      const { hide = (text) => redact(text, []) } = own;
      const failures = [...new Set(part.broken.map(({ failure }) => hide(failure)))].slice(0, mostFailures);
      return resultOf(check, begun, own, {
        outcome: 'failed',
        failures,
        ...shownRequest(first.sent, hide, check.name),
      });
    }
    if (part.seen > 0) return resultOf(check, begun, own, { outcome: 'passed' });
    const why = results.find(({ outcome }) => outcome === 'skipped')?.reason ?? 'no response of this run shows it';
    return resultOf(check, begun, own, { outcome: 'skipped', reason: why });
  }

  return {
    run: (check) => (isPart(check) ? runPart(check) : runNow(check)),
  };
}
