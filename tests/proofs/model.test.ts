/** The short form of `npm run prove -- model`, and the faults that it has to find. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import { check, operationsOfModel } from '../../scripts/proofs/model/check.ts';
import { startProofServer } from '../../scripts/proofs/model/server.ts';
import { sharedRedis } from '../support/shared/client.ts';

const { env } = await sharedRedis();
const server = await startProofServer(env);
afterAll(() => server.stop());
afterEach(() => server.plant(undefined));

/** A script of the store, a part of its text, and what it is instead. */
type Fault = [script: string, part: string, instead: string];

function plant([script, part, instead]: Fault) {
  return (name: string, text: string): string => {
    if (name !== script) return text;
    if (!text.includes(part)) throw new Error(`${script} does not have "${part}"`);
    return text.replace(part, instead);
  };
}

/** Each fault, with a seed that finds it in a few runs. Another seed needs 1 to 95. */
const faults: Record<string, [seed: number, fault: Fault]> = {
  'a deleted key stays': [1, ['deleteApiKey', "removeKey(at, place .. ' ' .. api)", '']],
  'a list forgets a new portal': [1, ['createPortal', "redis.call('ZADD', portalOrderKey, 0, place)", '']],
  'a rerolled key stays valid': [1, ['rerollApiKey', 'at + tonumber(overlapMs)', 'at + tonumber(overlapMs) + 60000']],
  'a disabled portal can still be used': [3, ['replacePortal', 'newVersion()\naudit()', 'audit()']],
  'sessions come back when their portal is enabled again': [8, ['replacePortal', 'if ends then', 'if false then']],
  'a rate limit counts nothing': [
    5,
    ['verifyApiKey', 'if counted > 0 then add(rate.name', 'if false then add(rate.name'],
  ],
  'a refused verification uses up the quota': [1, ['verifyApiKey', "if code ~= 'VALID' then counted = 0 end", '']],
  'revocation misses links that nobody has opened': [
    1,
    [
      'endSession',
      "= redis.call('GETDEL'",
      "= redis.call('GETRANGE', sessionKey, 65, 65) ~= '0' and redis.call('GETDEL'",
    ],
  ],
};

test('the model has every operation of the contract', async () => {
  const ofContract = specOperations(await readSpec()).map(({ operationId }) => operationId);
  expect(operationsOfModel.toSorted()).toEqual(ofContract.toSorted());
});

test('every response is the one that the model predicts', async () => {
  const { failure, runs, calls } = await check(server, { seed: 7, runs: 25 });
  expect(failure?.script).toBeUndefined();
  expect([runs, calls > 500]).toEqual([25, true]);
});

test.each(Object.entries(faults))('%s: the model notices', async (_, [seed, fault]) => {
  server.plant(plant(fault));
  const { failure } = await check(server, { seed, runs: 100, maxShrinks: 0 });
  expect(failure?.message).toMatch(/^[a-z]+\.\w+: /i);
});

test('a failure becomes a short script, which shows the fault in a shell, and can be repeated', async () => {
  server.plant(plant(faults['a list forgets a new portal']?.[1] as Fault));
  const { failure } = await check(server, { seed: 1, runs: 10 });
  expect(failure?.calls).toBeLessThan(5);
  const repeated = await check(server, { seed: 1, runs: 10, replay: failure?.replay, maxShrinks: 0 });
  expect([repeated.runs, repeated.failure?.calls]).toEqual([1, failure?.calls]);

  const { rootKey, readerKey } = await server.newWorld();
  const script = String(failure?.script)
    .replace(/^URL=.*$/m, `URL=${server.url}`)
    .replace(/^ROOT_KEY=.*$/m, `ROOT_KEY=${rootKey.value}`)
    .replace(/^READER_KEY=.*$/m, `READER_KEY=${readerKey.value}`);
  const { stdout } = await promisify(execFile)('sh', ['-c', script]);
  const [created, listed] = stdout.split('\n').filter((line) => line.startsWith('{"meta"'));
  expect(JSON.parse(String(created)).data.slug).toBe('first');
  expect(JSON.parse(String(listed)).data).toEqual([]);
});
