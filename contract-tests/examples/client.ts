/**
 * Judges a client of the contract in the test runner of Node: one test per promise. In Jest and Vitest, only `test` and the assertion differ.
 * Outside of this project, import `@portico/conformance`. Run it with `DRIVER='python3 judge.py' node --test contract-tests/examples/client.ts`;
 * the program makes one call with the client, as `npm run conformance:client -- --help` describes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientChecks, commandDriver } from '../index.ts';

const { DRIVER = '', ONLY } = process.env;
const driver = commandDriver(DRIVER.split(' '), 60_000);
const only = ONLY === undefined ? undefined : new RegExp(ONLY);

for (const { id, name, run } of await clientChecks(driver, { only })) {
  test(`${id}: ${name}`, async (context) => {
    const { outcome, reasons } = await run();
    if (outcome === 'unsupported') return context.skip(reasons.join('; '));
    assert.deepEqual(reasons, []);
  });
}
