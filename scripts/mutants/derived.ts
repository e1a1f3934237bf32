/** Runs the mutants that follow from the spec: each with the checks of its promise alone, one after the other until one fails. */
import { allChecks } from '../../contract-tests/checks.ts';
import { isPart, titleOf } from '../../contract-tests/engine/check.ts';
import { createRunner } from '../../contract-tests/engine/runner.ts';
import type { Spec } from '../../contract-tests/engine/spec.ts';
import type { Target } from '../../contract-tests/engine/target.ts';
import { createTrialFactory } from '../../contract-tests/engine/trial.ts';
import type { DerivedMutant } from '../../contract-tests/mutants/derived.ts';
import { behind } from './world.ts';

/** Why a mutant survived, or undefined if a check of its promise failed. */
type Judge = (mutant: DerivedMutant) => Promise<string | undefined>;

/** How many checks may wait for a response in vain before the mutant is given up. */
const mostLate = 2;

/** Judges mutants of a target that can create every state. */
export function judgeOn(spec: Spec, target: Target): Judge {
  const all = allChecks(spec);
  const checks = new Map(all.map((check) => [titleOf(check), check]));
  const newTrial = createTrialFactory(spec, { strictResponses: true });
  return (mutant) =>
    behind(target, mutant.createDefect(), async (broken) => {
      let ran = 0;
      let late = 0;
      const runner = createRunner(newTrial, broken, all);
      const own = mutant.checks.map((title) => {
        const check = checks.get(title);
        if (check === undefined) throw new Error(`${mutant.name}: there is no check "${title}"`);
        return check;
      });
      // A part can be seen broken only in the responses that the other checks got.
      for (const check of [...own, ...own.filter(isPart)]) {
        const { outcome, timedOut } = await runner.run(check);
        // A response that does not come in time proves nothing: the machine may be busy.
        if (outcome === 'failed' && timedOut !== true) return undefined;
        if (outcome === 'passed') ran++;
        if (timedOut === true) late++;
        if (late > mostLate) return 'no response came in time';
      }
      return `${ran} of ${mutant.checks.length} checks passed, and none failed`;
    });
}
