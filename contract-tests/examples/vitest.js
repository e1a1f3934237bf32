/** Runs the contract suite in Vitest: one test per check. Outside of this project, import `@portico/conformance`. */
import { expect, test } from 'vitest';
import { conformanceChecks } from '../index.ts';

const { TARGET: target = '', ROOT_KEY: rootKey = '', SLUG: slug = '', ONLY } = process.env;
const only = ONLY === undefined ? undefined : new RegExp(ONLY);

for (const check of await conformanceChecks({ target, rootKey, slug, only })) {
  test(check.name, async ({ skip }) => {
    const { outcome, reason, failures } = await check.run();
    skip(outcome === 'skipped' || outcome === 'expected', reason);
    expect(failures).toEqual([]);
  });
}
