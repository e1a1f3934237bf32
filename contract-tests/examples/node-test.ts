/**
 * Runs the contract suite in the test runner of Node: one test per check. Outside of this project, import `@portico/conformance`. Run it
 * with `TARGET=… ROOT_KEY=… SLUG=… node --test contract-tests/examples/node-test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conformanceChecks } from '../index.ts';

const { TARGET: target = '', ROOT_KEY: rootKey = '', SLUG: slug = '', ONLY } = process.env;
const only = ONLY === undefined ? undefined : new RegExp(ONLY);

for (const check of await conformanceChecks({ target, rootKey, slug, only })) {
  test(check.name, async (context) => {
    const { outcome, reason, failures } = await check.run();
    if (outcome === 'skipped' || outcome === 'expected') return context.skip(reason);
    assert.deepEqual(failures, []);
  });
}
