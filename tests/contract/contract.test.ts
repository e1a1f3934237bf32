/**
 * Every promise of the contract on every target. CONTRACT_TARGET=prism or server chooses one.
 *
 * The checks run a few at a time before the tests, and then those of parts, such as a header, which judge what the others got. Each test then
 * reports the result of its own check. Only for the mutants of the code, each test runs its own check, so that it is known what the check
 * covers, and also judges the parts of the responses that it got.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allChecks } from '../../contract-tests/checks.ts';
import { type AnyCheck, type Check, isPart, titleOf } from '../../contract-tests/engine/check.ts';
import { documentedFields, fieldsOf } from '../../contract-tests/engine/matrix.ts';
import { mapConcurrently } from '../../contract-tests/engine/pool.ts';
import { inScope } from '../../contract-tests/engine/run.ts';
import { type CheckResult, runCheck } from '../../contract-tests/engine/run-check.ts';
import { createRunner, type Runner } from '../../contract-tests/engine/runner.ts';
import { readSpec } from '../../contract-tests/engine/spec.ts';
import type { StartedTarget } from '../../contract-tests/engine/target.ts';
import { createTrialFactory, type NewTrial } from '../../contract-tests/engine/trial.ts';
import { startPrism } from '../../contract-tests/targets/prism.ts';
import { startServerHere } from '../support/server.ts';
import { startServerTarget } from '../support/server-target.ts';
import { unseenFields } from './exceptions.ts';

const spec = await readSpec();
const starters: Record<string, { isMock: boolean; start: () => Promise<StartedTarget> }> = {
  prism: { isMock: true, start: () => startPrism(spec) },
  server: { isMock: false, start: () => startServerTarget() },
};
const chosen = process.env['CONTRACT_TARGET'];
if (chosen && !(chosen in starters)) throw new Error(`CONTRACT_TARGET is prism or server, not "${chosen}"`);

/** How many checks run at once. They share no state, so their order does not matter. */
const concurrency = 4;
const checks = allChecks(spec);
/** Whether each test runs its own check. */
const isAlone = startServerHere() !== undefined;
const seenFields = new Set<string>();
const newTrial = createTrialFactory(spec, {
  strictResponses: true,
  onResponse: (operation, { status, body }) => {
    for (const field of fieldsOf(operation, status, body)) seenFields.add(field);
  },
});

for (const [name, { isMock, start }] of Object.entries(starters)) {
  if (chosen && name !== chosen) continue;
  describe(name, () => {
    const outcomes = new Map<string, CheckResult | Error>();
    let target: StartedTarget | undefined;
    /** Runs one check in a scope of its own. One that only reads fails here if it calls an operation that writes. */
    const around = <T>(check: Check, work: () => Promise<T>) =>
      inScope({ seed: 1, startedAt: Date.now(), readOnly: !check.writes }, titleOf(check), work);
    const run = async (check: AnyCheck, runner: Runner) => {
      const outcome = await runner.run(check).catch((error: Error) => error);
      outcomes.set(titleOf(check), outcome);
    };
    /** Runs one check, and judges the parts of the responses that it gets. */
    const runAlone = async (check: Check, on: StartedTarget): Promise<CheckResult> => {
      const broken: string[] = [];
      const trial: NewTrial = (own, steering) =>
        newTrial(own, steering, (_, { failure }) => {
          if (failure !== undefined) broken.push(failure);
        });
      const result = await around(check, () => runCheck(check, on, trial));
      return { ...result, failures: [...result.failures, ...broken] };
    };
    const skipOf = ({ notOnMock }: { notOnMock?: string | undefined }) => (isMock ? notOnMock : undefined);

    beforeAll(async () => {
      const started = await start();
      target = started;
      if (isAlone) return;
      const selected = checks.filter((check) => skipOf(check) === undefined);
      const runner = createRunner(newTrial, started, checks, { around });
      const inTurn: AnyCheck[][] = [selected.filter((check) => !isPart(check)), selected.filter(isPart)];
      for (const some of inTurn) await mapConcurrently(some, concurrency, (check) => run(check, runner));
    }, 300_000);
    afterAll(() => target?.stop());

    for (const check of isAlone ? checks.filter((each) => !isPart(each)) : checks) {
      const title = titleOf(check);
      const reason = skipOf(check);
      if (reason !== undefined) {
        // biome-ignore lint/suspicious/noSkippedTests: the reason is in the title
        test.skip(`${title} (skipped: ${reason})`, () => {});
      } else {
        test(title, async () => {
          const ownCheck = isAlone && !isPart(check) && target !== undefined ? runAlone(check, target) : undefined;
          const result = (await ownCheck) ?? outcomes.get(title);
          if (result instanceof Error) throw result;
          // Our own target can create every state, so no check may be skipped.
          expect(result).toMatchObject({ outcome: 'passed', failures: [] });
          expect(result?.reason).toBeUndefined();
        });
      }
    }

    if (!isMock) {
      test('every documented field of every response was seen, or is a listed exception', () => {
        const unseen = [...new Set(documentedFields(spec))].filter((field) => !seenFields.has(field));
        expect(unseen).toEqual(Object.keys(unseenFields));
      });
    }
  });
}
