/** The forwards of API keys (src/server/store/forwards.ts), each step alone: what is there before it and after it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readStoreConfig } from '../../src/server/config/index.ts';
import { forwardsOf } from '../../src/server/store/forwards.ts';
import { keys } from '../../src/server/store/keys.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { claimMs } from '../../src/server/store/scripts/forwards.ts';
import { graceMs } from '../../src/server/store/scripts/keys.ts';
import '../support/patient-redis.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { usersOf } from '../support/store.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const shared = await sharedRedis();
const { client, stop } = await openTargetRedis(shared);
const connected = connectRedis(readStoreConfig(shared.env).redis);
await connected.ready;
afterAll(() => Promise.all([connected.close(), stop()]));

let isAway = false;
const forwards = forwardsOf({
  ...connected,
  run: (command) => (isAway ? Promise.reject(new Error('away')) : connected.run(command)),
});

// The user is in partition 42. One hash names it, and the others name partition 17.
let workspaceId: string;
let owner: { workspaceId: string; externalId: string };
const [own, named, second] = [`2a${'0'.repeat(62)}`, `11${'0'.repeat(62)}`, `11${'1'.repeat(62)}`];
const nameOf = (hash: string, partition = 17) => keys.apiKey({ workspaceId, partition }, hash);
beforeEach(() => {
  workspaceId = `ws_${randomUUID().slice(-12)}`;
  const [externalId = ''] = usersOf({ workspaceId, partition: 42 }, 1);
  owner = { workspaceId, externalId };
  isAway = false;
});

/** What is at a name: the text, with the time of a claim as `now` if it was just made, and its end in Unix ms. */
async function at(name: string): Promise<[text: string | null, end: number]> {
  const [text, end] = await Promise.all([client.get(name), client.pExpireTime(name)]);
  const isNow = Math.abs(Date.now() - Number(text?.split(' ')[1])) < 60_000;
  return [isNow ? `${text?.split(' ')[0]} now` : text, end];
}
const nothing = [null, -2];
const lives = 4_000_000_000_000;
const claim = (hash: string, expires?: number) =>
  forwards.claim(owner, hash, expires === undefined ? {} : { expires }, async (_, step) => {
    const reply = await step({ version: '0' } as Parameters<typeof step>[0]);
    if (reply.outcome === 'outdated') throw new Error('no version was written');
    return reply as never;
  });
const release = (claimed: Awaited<ReturnType<typeof claim>>) =>
  claimed.outcome === 'ok' ? claimed.release() : Promise.reject(new Error(claimed.outcome));
const longAgo = () => Date.now() - claimMs - 60_000;

test('a forward names the partition of the user, and ends a grace after its key, or never', async () => {
  await forwards.write(owner, named, {});
  await forwards.write(owner, second, { expires: lives });
  await forwards.write(owner, own, {});
  expect(await at(nameOf(named))).toEqual(['>42', -1]);
  expect(await at(nameOf(second))).toEqual(['>42', lives + graceMs]);
  expect(await at(nameOf(own, 42))).toEqual(nothing);
});

test('a forward gets the end of its key, and a record that needs none keeps its own', async () => {
  await client.set(nameOf(own, 42), 'record', { expiration: { type: 'PXAT', value: lives } });
  await client.set(nameOf(named), '>42', { expiration: { type: 'PXAT', value: lives } });
  for (const hash of [own, named]) await forwards.keepFor(owner, hash, {});
  expect([await at(nameOf(own, 42)), await at(nameOf(named))]).toEqual([
    ['record', lives],
    ['>42', -1],
  ]);
  await forwards.keepFor(owner, named, { expires: lives });
  expect(await at(nameOf(named))).toEqual(['>42', lives + graceMs]);
});

describe('while a key gets another end, its forward lives long enough', () => {
  const [kept, set] = [lives - 1, lives - 2];
  test.each<[string, number | undefined, number | undefined, boolean, during: number, after: number]>([
    ['a later one', lives, lives + 5, true, lives + 5 + graceMs, set],
    ['none', lives, undefined, true, -1, set],
    ['a sooner one', lives + 5, lives, true, kept, lives + graceMs],
    ['one instead of none', undefined, lives, true, kept, lives + graceMs],
    ['a sooner one, which is not written', lives + 5, lives, false, kept, set],
    ['the same', lives, lives, true, kept, set],
    ['none as before', undefined, undefined, true, kept, set],
  ])('%s', async (_, was, is, isDone, during, after) => {
    const endOf = (expires: number | undefined) => (expires === undefined ? {} : { expires });
    await client.set(nameOf(named), '>42', { expiration: { type: 'PXAT', value: kept } });
    const step = async () => {
      const [, end] = await at(nameOf(named));
      await client.pExpireAt(nameOf(named), set);
      return end;
    };
    const outcome = await forwards.whileChanging(owner, named, endOf(was), endOf(is), step, () => isDone);
    expect([outcome, await at(nameOf(named))]).toEqual([during, ['>42', after]]);
  });

  test('also if Redis is away afterwards: the key is changed', async () => {
    const step = async () => {
      isAway = true;
      return 'done';
    };
    const before = { expires: lives + 5 };
    expect(await forwards.whileChanging(owner, named, before, { expires: lives }, step, () => true)).toBe('done');
  });
});

test.each<[string, text: () => string | null, record: string | null, isLeft: boolean]>([
  ['without a record', () => '>42', null, false],
  ['of an old import without a record', () => `>42 ${longAgo()}`, null, false],
  ['of an import under way', () => `>42 ${Date.now()}`, null, true],
  ['with its record', () => '>42', 'record', true],
  ['that is gone', () => null, null, false],
])('a forward that leads nowhere is removed: %s', async (_, textOf, record, isLeft) => {
  const text = textOf();
  if (text !== null) await client.set(nameOf(named), text);
  if (record !== null) await client.set(nameOf(named, 42), record);
  await forwards.removeDangling({ workspaceId, partition: 17 }, named, 42);
  expect(await client.exists(nameOf(named))).toBe(isLeft ? 1 : 0);
});

describe('while records are removed, their forwards', () => {
  const remove = (step: () => Promise<string>) =>
    forwards.whileRemoving(owner, [own, named, second], step, (outcome) => outcome === 'done');
  const left = () => client.exists([nameOf(named), nameOf(second)]);

  test('go afterwards, and no other record does', async () => {
    await client.set(nameOf(named), '>42');
    await client.set(nameOf(own, 42), 'record');
    const step = async () => `${await left()}`;
    expect([await remove(step), await left()]).toEqual(['1', 1]);
    expect([await remove(async () => 'done'), await left()]).toEqual(['done', 0]);
    expect(await at(nameOf(own, 42))).toEqual(['record', -1]);
  });

  test('stay if an import has claimed them meanwhile', async () => {
    await client.set(nameOf(named), '>42');
    await client.set(nameOf(second), '>42');
    const step = async () => {
      await client.set(nameOf(second), '>42 1');
      return 'done';
    };
    expect(await remove(step)).toBe('done');
    expect([await at(nameOf(named)), await at(nameOf(second))]).toEqual([nothing, ['>42 1', -1]]);
  });

  test('stay if Redis is away by then, and the records are gone', async () => {
    await client.set(nameOf(named), '>42');
    const step = async () => {
      isAway = true;
      return 'done';
    };
    expect(await remove(step)).toBe('done');
    expect(await at(nameOf(named))).toEqual(['>42', -1]);
  });
});

describe('a claim', () => {
  test.each<[string, text: () => string | null, of17: string | null, isLeft: boolean]>([
    ['is nothing', () => null, null, false],
    ['is a record', () => 'record', null, true],
    ['is a record that has the text of a forward', () => 'a >17', null, true],
    ['is a forward to a record', () => '>17', 'record', true],
    ['is a forward of an import under way', () => `>17 ${Date.now()}`, null, true],
    ['is a forward that leads nowhere', () => `>17 ${longAgo()}`, null, false],
  ])(
    'where the user is writes nothing, and removes only what leads nowhere: there %s',
    async (_, textOf, of17, isLeft) => {
      const text = textOf();
      if (text !== null) await client.set(nameOf(own, 42), text);
      if (of17 !== null) await client.set(nameOf(own), of17);
      await release(await claim(own));
      expect(await client.get(nameOf(own, 42))).toBe(isLeft ? text : null);
      expect(await client.get(nameOf(own))).toBe(of17);
    },
  );

  test.each<[string, text: () => string | null, after: [string | null, number], released: unknown]>([
    ['nothing', () => null, ['>42 now', lives + graceMs], null],
    ['its own forward', () => '>42', ['>42 now', -1], '>42 now'],
    ['a forward of an old import that leads nowhere', () => `>7 ${longAgo()}`, ['>42 now', lives + graceMs], null],
  ])(
    'elsewhere writes a forward, which its release removes only if it is new: there is %s',
    async (_, textOf, after, released) => {
      const text = textOf();
      if (text !== null) await client.set(nameOf(named), text);
      const claimed = await claim(named, lives);
      expect(await at(nameOf(named))).toEqual(after);
      await release(claimed);
      expect((await at(nameOf(named)))[0]).toBe(released);
    },
  );

  test.each<[string, text: () => string, of7: string | null]>([
    ['a record', () => 'record', null],
    ['a forward to a record', () => '>7', 'record'],
    ['a forward of an old import to a record', () => `>7 ${longAgo()}`, 'record'],
    ['a forward of an import under way', () => `>7 ${Date.now()}`, null],
  ])('elsewhere is refused, and changes nothing: there is %s', async (_, textOf, of7) => {
    const text = textOf();
    await client.set(nameOf(named), text);
    if (of7 !== null) await client.set(nameOf(named, 7), of7);
    expect(await claim(named, lives)).toEqual({ outcome: 'taken' });
    expect(await client.get(nameOf(named))).toBe(text);
  });

  test('keeps what another import has written since, and ends with its key', async () => {
    const claimed = await claim(named);
    expect(await at(nameOf(named))).toEqual(['>42 now', -1]);
    await client.set(nameOf(named), '>42 1');
    await release(claimed);
    expect(await at(nameOf(named))).toEqual(['>42 1', -1]);
  });
});
