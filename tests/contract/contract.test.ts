/** Every promise of the contract on every target. CONTRACT_TARGET=prism or server chooses one. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { allChecks } from '../../contract-tests/checks.ts';
import { titleOf } from '../../contract-tests/engine/check.ts';
import { documentedFields, fieldsOf } from '../../contract-tests/engine/matrix.ts';
import { runCheck } from '../../contract-tests/engine/run-check.ts';
import { readSpec } from '../../contract-tests/engine/spec.ts';
import { trialMaker } from '../../contract-tests/engine/trial.ts';
import { startPrism } from '../../contract-tests/targets/prism.ts';
import { startServerTarget } from '../support/server-target.ts';
import { unseenFields } from './exceptions.ts';

const spec = await readSpec();
const starters = { prism: () => startPrism(spec), server: () => startServerTarget() };
const chosen = process.env['CONTRACT_TARGET'];
if (chosen && !(chosen in starters)) throw new Error(`CONTRACT_TARGET is prism or server, not "${chosen}"`);

const targets = await Promise.all(
  Object.entries(starters)
    .filter(([name]) => !chosen || name === chosen)
    .map(([, start]) => start()),
);
const seenFields = new Set<string>();
const newTrial = trialMaker(spec, (operation, { status, body }) => {
  for (const field of fieldsOf(operation, status, body)) seenFields.add(field);
});

afterAll(async () => {
  await Promise.all(targets.map((target) => target.stop()));
});

for (const target of targets) {
  describe(target.name, () => {
    for (const check of allChecks(spec)) {
      const title = titleOf(check);
      if (target.isMock && check.notOnMock !== undefined) test.skip(`${title} (skipped: ${check.notOnMock})`, () => {});
      else {
        test(title, async () => {
          const { outcome, reason, failures } = await runCheck(check, target, newTrial);
          // Here every state can be brought about, so nothing may be skipped.
          expect({ outcome, reason, failures }).toEqual({ outcome: 'passed', reason: undefined, failures: [] });
        });
      }
    }

    if (!target.isMock) {
      test('every documented field of every answer was seen, or is a listed exception', () => {
        const unseen = [...new Set(documentedFields(spec))].filter((field) => !seenFields.has(field));
        expect(unseen).toEqual(Object.keys(unseenFields));
      });
    }
  });
}
