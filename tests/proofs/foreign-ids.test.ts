/** The short form of `npm run prove -- foreign-ids`: ids that are used while they are being deleted, and servers that tell of them. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { fieldsWithoutRace, raceDeletions } from '../../scripts/proofs/foreign-ids/race.ts';
import { startProofServer } from '../../scripts/proofs/model/server.ts';
import { rootKeyRef } from '../../src/server/domain/credentials.ts';
import { operationsOfUsers, otherUsers } from '../isolation/other-users.ts';
import { type Compared, otherWorkspaces } from '../isolation/other-workspaces.ts';
import { randomOf } from '../support/random.ts';
import { startPatientServer } from '../support/server.ts';
import { type ServerTarget, startServerTarget } from '../support/server-target.ts';
import { operate } from '../support/shared/client.ts';
import { startTargetRedis } from '../support/target-redis.ts';

const redis = await startTargetRedis();
const server = await startProofServer(redis.env);
const other = await startPatientServer({ ...redis.env, PORT: '0', HOST: '127.0.0.1', VALIDATE_RESPONSES: 'false' });
const servers = { ...server, urls: [server.url, other.url] };
afterAll(async () => {
  await other.stop();
  await server.stop();
  await redis.stop();
});

test('an id that is being deleted tells a stranger nothing, fails nowhere, and leaves nothing', async () => {
  const { calls, faults } = await raceDeletions(servers, redis, randomOf(5), 1);
  expect(faults).toEqual([]);
  expect(calls).toBeGreaterThan(200);
});

test('every field that can name something is raced', () => {
  expect(fieldsWithoutRace()).toEqual([]);
});

test('a deletion that leaves the key is found', async () => {
  server.plant((name, text) =>
    name === 'deleteApiKey' ? text.replace("removeKey(at, place .. ' ' .. api)", '') : text,
  );
  const { faults } = await raceDeletions({ ...server, urls: [server.url] }, redis, randomOf(5), 2, 2000);
  server.plant(undefined);
  expect(faults).toContainEqual(expect.stringMatching(/^keys\.deleteKey leaves something of keyId/));
});

/** The server of a target, for the race. */
const racedBy = ({ baseUrl, redisEnv }: ServerTarget) => ({
  urls: [baseUrl],
  async newWorld() {
    const { rootKey } = await operate<{ rootKey: string }>(redisEnv, 'workspace', 'create', '--name', 'Raced');
    return { rootKey: { value: rootKey } };
  },
  async newRootKey(rootKey: string, permissions: string[]) {
    const more = permissions.flatMap((one) => ['--permission', one]);
    const of = ['--workspace', `${rootKeyRef(rootKey)?.workspaceId}`];
    return (await operate<{ rootKey: string }>(redisEnv, 'root-key', 'create', ...of, ...more)).rootKey;
  },
});

test('a server that lets callers change keys of any API is found by those who are limited to another one', async () => {
  const planted = pathToFileURL(join(import.meta.dirname, 'planted/update-in-any-api.ts')).href;
  const target = await startServerTarget({ NODE_OPTIONS: `--import ${planted}`, VALIDATE_RESPONSES: 'false' });
  try {
    const { faults } = await raceDeletions(racedBy(target), { client: target.redis }, randomOf(5), 4);
    for (const found of [
      'keys.updateKey tells a root key that is limited to another API about keyId',
      'portal.updateKey tells a session that is limited to another API about keyId',
    ])
      expect(faults).toContain(found);
  } finally {
    await target.stop();
  }
});

test('a server that ignores the owner, or tells a stranger by a status or a text that a key exists, is found', async () => {
  // The check of responses would refuse the text, which the contract does not document, with a 500.
  const planted = pathToFileURL(join(import.meta.dirname, 'planted/foreign-keys.ts')).href;
  const target = await startServerTarget({ NODE_OPTIONS: `--import ${planted}`, VALIDATE_RESPONSES: 'false' });
  try {
    const leaks = ({ foreign, missing }: Compared) => !isDeepStrictEqual(foreign, missing);
    const found: Record<string, unknown> = {};
    const note = (operationId: string, compared: Compared) => {
      if (leaks(compared))
        found[operationId] = [compared.missing, compared.foreign].map((one) => (one as { status: number }).status);
    };
    const { operations, fieldsOf, compare } = await otherWorkspaces(target);
    for (const operation of operations) {
      const { fields } = fieldsOf(operation);
      for (const field of fields.filter((each) => each === 'keyId' || each === 'apiId'))
        note(operation.operationId, await compare(operation, field));
    }
    const compareUsers = otherUsers(target);
    for (const { operation, fields } of operationsOfUsers) {
      if (fields.includes('keyId'))
        note(operation.operationId, await compareUsers(operation, 'keyId', 'another user of the portal'));
    }
    expect(found).toEqual({
      'keys.getKey': [404, 200],
      'keys.updateKey': [404, 403],
      'keys.deleteKey': [404, 404],
      'keys.rerollKey': [404, 404],
      'portal.updateKey': [404, 403],
      'portal.deleteKey': [404, 404],
      'portal.rerollKey': [404, 404],
    });
    // The search that runs beside deletions finds them, too.
    const { faults } = await raceDeletions(racedBy(target), { client: target.redis }, randomOf(5), 3);
    expect(faults).toContain('keys.getKey tells another workspace about keyId');
  } finally {
    await target.stop();
  }
});
