/**
 * `npx node scripts/lab/observation-cost.ts`: what counting costs a server, in µs of processor time a request and a command to Redis. The
 * same work is done with and without it, in turns, so that both meet the same machine.
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

/** Processor time of some work, in µs for each of so many. */
async function costOf(count: number, work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Requests as the HTTP server tells of them, without a network and without anybody to answer. */
function tellOfRequests(server: Server): void {
  for (let i = 0; i < requests; i++) {
    const locals = { operationId: 'keys.verifyKey', requestId: 'req_1' };
    const res = Object.assign(new EventEmitter(), { locals, statusCode: 200, writableFinished: true });
    server.emit('request', {}, res);
    res.emit('close');
  }
}

const [plain, counted] = [createServer(), createServer()];
const { stop } = meter(counted, async () => true);
// What the meter does with commands is measured by itself below.
stop();
const redis = await startRedis();
const client = await createClient({ url: redis.url }).connect();
const ask = async () => {
  for (let i = 0; i < commands; i += 100) await Promise.all(Array.from({ length: 100 }, () => client.get('x')));
};
const watched = async () => {
  const { stop: unwatch } = meter(createServer(), async () => true);
  await ask();
  unwatch();
};
const heard = async () => {
  const unsubscribe = onRedisCommand(() => () => {});
  await ask();
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
  costs['request']?.push(await costOf(requests, () => tellOfRequests(plain)));
  costs['requestCounted']?.push(await costOf(requests, () => tellOfRequests(counted)));
  costs['command']?.push(await costOf(commands, ask));
  costs['commandHeard']?.push(await costOf(commands, heard));
  costs['commandCounted']?.push(await costOf(commands, watched));
}
client.destroy();
await redis.stop();
const of = (name: string) => median(costs[name] ?? []);
const told = (name: string, without: number, withIt: number) =>
  `| ${name} | ${without.toFixed(2)} | ${withIt.toFixed(2)} | ${(withIt - without).toFixed(2)} |`;
console.log('| µs of processor time each | without | with | the difference |\n|---|---|---|---|');
console.log(told('a request, counted', of('request'), of('requestCounted')));
console.log(told('a command, told of by node-redis', of('command'), of('commandHeard')));
console.log(told('a command, told of and counted', of('command'), of('commandCounted')));
process.exit();
