/** Which version control data gets with a change (snippets/newVersion.lua). */
import { afterAll, expect, test } from '@jest/globals';
import { atTime } from '../support/redis-hooks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { behindFunction } from '../support/snippets.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

test('a new version of control data is the time in µs, and more than the last one', async () => {
  const name = `{new-version}:${process.pid}`;
  const now = Date.UTC(2040, 0, 3, 12, 0, 0, 7);
  const code = `
controlKey = KEYS[#KEYS]
local all = {}
for i, before in ipairs(ARGV) do
  if before ~= '' then redis.call('SET', controlKey, before) end
  newVersion()
  all[i] = redis.call('GET', controlKey)
end
return all`;
  const script = atTime(now, behindFunction('deleteApi', 'newVersion', code));
  const micros = now * 1000;
  const found = await redis.client.eval(script, {
    keys: [name],
    arguments: ['', `${micros - 1}`, `${micros}`, `${micros + 5}`, '', '0'],
  });
  await redis.client.del(name);
  expect(found).toEqual([micros, micros, micros + 1, micros + 6, micros + 7, micros].map(String));
});
