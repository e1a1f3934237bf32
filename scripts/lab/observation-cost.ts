/**
 * `npx node scripts/lab/observation-cost.ts` measures the cost of metrics, in µs of CPU time per request and per Redis command. It runs the
 * same work with and without metrics in turns, so that both see the same load of the machine.
 */
import { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createClient } from 'redis';
import { meter } from '../../src/server/observe/metrics.ts';
import { onRedisCommand } from '../../src/server/observe/redis-commands.ts';
import { startRedis } from '../../tests/support/redis.ts';

const rounds = 15;
const requests = 20_000;
const commands = 10_000;

/** CPU time of `work`, in µs per item. */
async function costOf(count: number, work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Emits the events of requests, without a network and without handlers. */
function emitRequests(server: Server): void {
  for (let i = 0; i < requests; i++) {
    const locals = { operationId: 'keys.verifyKey', requestId: 'req_1' };
    const res = Object.assign(new EventEmitter(), { locals, statusCode: 200, writableFinished: true });
    server.emit('request', {}, res);
    res.emit('close');
  }
}

const [plain, counted] = [createServer(), createServer()];
const { stop } = meter(counted, async () => true);
// The cost of commands is measured separately below.
stop();
const redis = await startRedis();
const client = await createClient({ url: redis.url }).connect();
const runCommands = async () => {
  for (let i = 0; i < commands; i += 100) await Promise.all(Array.from({ length: 100 }, () => client.get('x')));
};
const watched = async () => {
  const { stop: unwatch } = meter(createServer(), async () => true);
  await runCommands();
  unwatch();
};
const heard = async () => {
  const unsubscribe = onRedisCommand(() => () => {});
  await runCommands();
  unsubscribe();
};

const costs: Record<string, number[]> = {
  request: [],
  requestCounted: [],
  command: [],
  commandHeard: [],
  commandCounted: [],
};
for (let round = 0; round < rounds; round++) {
  costs['request']?.push(await costOf(requests, () => emitRequests(plain)));
  costs['requestCounted']?.push(await costOf(requests, () => emitRequests(counted)));
  costs['command']?.push(await costOf(commands, runCommands));
  costs['commandHeard']?.push(await costOf(commands, heard));
  costs['commandCounted']?.push(await costOf(commands, watched));
}
client.destroy();
await redis.stop();
const of = (name: string) => median(costs[name] ?? []);
const row = (name: string, without: number, withIt: number) =>
  `| ${name} | ${without.toFixed(2)} | ${withIt.toFixed(2)} | ${(withIt - without).toFixed(2)} |`;
console.log('| µs of CPU time each | without | with | the difference |\n|---|---|---|---|');
console.log(row('a request, counted', of('request'), of('requestCounted')));
console.log(row('a command, published by node-redis', of('command'), of('commandHeard')));
console.log(row('a command, published and counted', of('command'), of('commandCounted')));
process.exit();
