/** A rate limit reads what is left, and writes what it has counted in a second step: two calls at the same time can read the same. */
import { plant } from '../../support/plant.ts';

interface Input {
  keys: { record: string };
  args: { asked: string };
}
interface Reply {
  outcome: string;
  limit: number;
  remaining: number;
  reset: number;
  quotaRemaining: number;
}
interface Client {
  verifyApiKey(input: Input): Promise<Reply>;
  set(key: string, value: string, options: object): Promise<unknown>;
}

Object.assign(globalThis, {
  async readThenWrite(client: Client, input: Input): Promise<Reply> {
    const [cost = '1', ...rest] = input.args.asked.split(' ').filter((word, i) => i > 0 || word !== '');
    const read = await client.verifyApiKey({ ...input, args: { ...input.args, asked: `0 ${rest.join(' ') || ' '}` } });
    // Only a limit alone: the quota of the user would have to be written as well.
    const isLimited = read.outcome === 'VALID' && read.remaining >= 0 && read.quotaRemaining < 0;
    if (!isLimited) return client.verifyApiKey(input);
    const remaining = read.remaining - Number(cost);
    if (remaining < 0) return { ...read, outcome: 'RATE_LIMITED' };
    const expiration = { type: 'PXAT', value: read.reset };
    const apiKeyRate = input.keys.record.replace('api-key:', 'api-key-rate:');
    await client.set(apiKeyRate, String(read.limit - remaining), { expiration });
    return { ...read, remaining };
  },
});
plant('store/usage.ts', 'client.verifyApiKey({', 'globalThis.readThenWrite(client, {');
