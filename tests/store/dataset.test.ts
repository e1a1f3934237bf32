/** Whether a server works with the data, while a later version writes another format. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { admission } from '../../src/server/store/dataset.ts';
import { keys } from '../../src/server/store/keys.ts';
import { standalone } from '../../src/server/store/redis/settings.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { type LocalRedis, startRedis, tell } from '../support/redis.ts';

let local: LocalRedis;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  local = await startRedis();
  redis = connectRedis(standalone(local.url));
  await redis.ready;
});
afterAll(async () => {
  await redis.close();
  await local.stop();
});

test('a format that is written between the check of a server and its beat stays, and ends the work of the server', async () => {
  const check = admission();
  await redis.run(check);
  const format = () => tell(local.url, 'HGET', keys.dataset, 'format');
  const own = String(await format());
  expect(own).toMatch(/^\d+$/);
  const later = String(Number(own) + 1);
  const refused = redis.run((client) =>
    check(
      new Proxy(client, {
        get(target, name) {
          const value = Reflect.get(target, name, target);
          if (name !== 'beatDataset') return typeof value === 'function' ? value.bind(target) : value;
          return async (input: never) => {
            await target.hSet(keys.dataset, 'format', later);
            return target.beatDataset(input);
          };
        },
      }),
    ),
  );
  await expect(refused).rejects.toThrow(`data of format ${later}`);
  expect(await format()).toBe(later);
  await tell(local.url, 'HSET', keys.dataset, 'format', own);
  await redis.run(check);
});
