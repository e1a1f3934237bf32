/**
 * Runs the contract suite in Jest: one test per check. Outside of this project, import `@portico/conformance`, and run Jest with
 * `NODE_OPTIONS=--experimental-vm-modules`: the list of checks is read before the tests begin, which only an ES module can wait for.
 */
import { expect, test } from '@jest/globals';
import { conformanceChecks } from '../index.ts';

const { TARGET: target = '', ROOT_KEY: rootKey = '', SLUG: slug = '', ONLY } = process.env;
const only = ONLY === undefined ? undefined : new RegExp(ONLY);

for (const check of await conformanceChecks({ target, rootKey, slug, only })) {
  test(check.name, async () => {
    const { outcome, failures } = await check.run();
    // A running test of Jest cannot skip itself, so what is skipped passes here.
    expect(outcome === 'expected' ? [] : failures).toEqual([]);
  });
}
