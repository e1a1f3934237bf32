/** A traced script says in the log of Redis which of its statements it reaches, and does the same as before. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ReachedStatements, traceLua, traceScript } from '../../scripts/code-mutants/lua-trace.ts';
import { redisLogsVariable, startRedis, tell } from '../support/redis.ts';

const source = `local function half(n)
  return n / 2
end
for i = 1, 3 do
  if ARGV[1] == 'early' then return 'early' end
end
return half(8)
`;
/** Another file of the script, with a statement at the same place as one of the first. */
const shared = 'local a = ARGV[1]\n';
const script = `#!lua flags=no-writes\n${shared}${source}`;

test('each statement of each file that is reached is in the log, and only those since the last look', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'portico-trace-'));
  const reached = new ReachedStatements(directory);
  const redis = await startRedis();
  try {
    const traced = traceScript(script, [traceLua('x.lua', source), traceLua('shared.lua', shared)]);
    const at = (text: string) => `x.lua@${source.indexOf(text)}`;
    const early = ['shared.lua@0', at('local'), at('for'), at('if'), at("return 'early'")];
    const whole = ['shared.lua@0', at('local'), at('return n'), at('for'), at('if'), at('return half')];
    expect([await tell(redis.url, 'EVAL', traced, '0', 'early'), reached.take()]).toEqual(['early', early]);
    expect([await tell(redis.url, 'EVAL', traced, '0', 'late'), reached.take().toSorted()]).toEqual([
      4,
      whole.toSorted(),
    ]);
    expect(reached.take()).toEqual([]);
  } finally {
    delete process.env[redisLogsVariable];
    await redis.stop();
    await rm(directory, { recursive: true });
  }
});
