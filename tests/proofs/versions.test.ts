/** The short form of `npm run prove -- versions`: the data of 0.1.0 is a recording, and the later version is only its format. */
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { oldData } from '../../scripts/proofs/versions/old-calls.ts';
import { besideNext, lockedOut, onOldData, type Point, refusalOf } from '../../scripts/proofs/versions/versions.ts';
import { keys } from '../../src/server/store/keys.ts';
import { recording, restore } from '../migration/restore.ts';
import { startRedis } from '../support/redis.ts';
import { runCommand } from '../support/run-command.ts';
import { startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';
import '../support/patient-redis.ts';

const redis = await startRedis();
const target = await openTargetRedis({ url: redis.url, env: {} });
const { client } = target;
await restore(target);
afterAll(async () => {
  await target.stop();
  await redis.stop();
});

const broken = (points: Point[]) => points.flatMap(({ held, sentence }) => (held ? [] : [sentence]));
const [acme] = recording.workspaces;

test('this version does not work with data of 0.1.0', async () => {
  expect(broken(await onOldData(redis.url))).toEqual([]);
}, 60_000);

test('after the migration it does, until a later version has written the data; 0.1.0 is locked out', async () => {
  expect(await runCommand({ REDIS_URL: redis.url }, 'migrate')).toMatchObject({ code: 0 });
  // What a server of 0.1.0 asks in each of its steps for a root key.
  await expect(client.hExists(keys.oldRootKeys(String(acme?.workspaceId)), 'hash')).rejects.toThrow('WRONGTYPE');
  const server = await startPatientServer({ REDIS_URL: redis.url, PORT: '0' });
  try {
    expect(broken(await besideNext(server, redis.url, String(acme?.rootKeys[0])))).toEqual([]);
    // Planted fault: a server that is not locked out. It understands nearly all that 0.1.0 does.
    const { rootKey } = await operate<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
    const { calls } = await oldData(server.url, rootKey);
    const [succeed, meaningless, changes] = await lockedOut(server.url, redis.url, calls);
    expect([succeed, changes]).toEqual([
      expect.objectContaining({ held: false }),
      expect.objectContaining({ held: false }),
    ]);
    expect(succeed?.sentence).toMatch(/, 24 of the same calls succeed \(.*keys\.verifyKey 200/);
    // The portal has no document, so this call says nothing.
    expect(meaningless).toEqual({ held: false, sentence: expect.stringContaining('(portal.getOpenapiDocument 404)') });
  } finally {
    await server.stop();
  }
}, 60_000);

test('planted fault: a server that does not look at the format starts on any', async () => {
  await client.hSet(keys.dataset, 'format', 3);
  expect(await refusalOf(redis.url)).toContain('format 3');
  expect(await refusalOf(redis.url, [join(import.meta.dirname, 'planted/any-format.ts')])).toBeUndefined();
}, 60_000);
