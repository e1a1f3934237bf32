/** Every case of the contract against every target. CONTRACT_TARGET=prism or server chooses one. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { cases } from './cases/index.ts';
import { caseRunner } from './engine/run-case.ts';
import { readSpec } from './engine/spec.ts';
import { startPrism } from './targets/prism.ts';
import { startServerTarget } from './targets/server.ts';

const spec = await readSpec();
const starters = { prism: () => startPrism(spec), server: () => startServerTarget() };
const chosen = process.env['CONTRACT_TARGET'];
if (chosen && !(chosen in starters)) throw new Error(`CONTRACT_TARGET is prism or server, not "${chosen}"`);

const targets = await Promise.all(
  Object.entries(starters)
    .filter(([name]) => !chosen || name === chosen)
    .map(([, start]) => start()),
);
const runner = caseRunner(spec);

afterAll(async () => {
  await Promise.all(targets.map((target) => target.stop()));
});

for (const target of targets) {
  describe(target.name, () => {
    for (const row of cases) {
      const title = `${row.operation}: ${row.name}`;
      if (target.isMock && row.notOnMock !== undefined) test.skip(`${title} (skipped: ${row.notOnMock})`, () => {});
      else {
        test(title, async () => {
          expect((await runner.run(row, target)).failures).toEqual([]);
        }, 20_000);
      }
    }
  });
}
