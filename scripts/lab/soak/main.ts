/**
 * `npx node scripts/lab/soak/main.ts --minutes 30` runs two servers on one Redis under a mixed load, with a fault every
 * minute. At the end, all acknowledged changes must exist, and memory, file descriptors and keys must be stable. Writes the
 * page docs/evidence/soak.md, the result docs/evidence/soak.json, and every sample to .portico/soak.json. Exits with 1 if a
 * check fails.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import { randomOf } from '../../../tests/support/random.ts';
import { startRedis } from '../../../tests/support/redis.ts';
import { portico, porticoText, startServer } from '../../../tests/support/server.ts';
import { buildIfStale } from '../../freshness/if-stale.ts';
import { type Ended, runChecks } from './checks.ts';
import { type Fault, faults, redisOptions, type Stage } from './faults.ts';
import { newJudge } from './judge.ts';
import { newLedger } from './ledger.ts';
import { act, findAcknowledged, type World } from './load.ts';
import {
  countKeys,
  type RedisSample,
  type ServerSample,
  sampleRedis,
  sampleServer,
  stallMs,
  watchStalls,
} from './measure.ts';
import { machine, markdown } from './report.ts';
import { balancer, countErrors, placeOf } from './servers.ts';
import { formatSummary, summarize } from './summary.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '300' },
    'fault-every': { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    out: { type: 'string', default: join(import.meta.dirname, '../../../docs/evidence') },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const faultEveryMs = Number(values['fault-every']) * 1000;
const seed = Number(values.seed);
/** Every sample and stall of the last run. Git ignores it: it has thousands of lines. */
const everySampleFile = join(import.meta.dirname, '../../../.portico/soak.json');
/** The time after a fault in which it still explains failures, in ms. */
const graceMs = 2000;
/**
 * The maximum number of concurrent requests. Like real clients, the load waits for responses. Less than MAX_REQUESTS_IN_PROGRESS of one
 * process, so that no server refuses a request while the other one is away: a 503 is always one of Redis.
 */
const maxConcurrent = 200;

console.log(
  `soak: ${minutes} minutes, ${rate} requests a second, a fault every ${faultEveryMs / 1000} s, seed ${seed}`,
);
const directory = await mkdtemp(join(tmpdir(), 'portico-soak-'));
await buildIfStale();
const redis = await startRedis({ directory, options: redisOptions });
const { rootKey, workspaceId } = await portico<{ rootKey: string; workspaceId: string }>(
  redis.url,
  ...['workspace', 'create', '--name', 'Soak'],
);
const { apiId } = await portico<{ apiId: string }>(
  redis.url,
  ...['api', 'create', '--workspace', workspaceId, '--name', 'Soak', '--prefix', 'soak'],
);
const slug = 'soak';
await portico(redis.url, 'portal', 'create', '--workspace', workspaceId, '--slug', slug, '--api-id', apiId);

const metricsPorts = { steady: await freePort(), restarted: await freePort() };
const errors: Record<string, number> = {};
const start = async (name: 'steady' | 'restarted', port: number) => {
  const server = await startServer(
    {
      PORT: String(port),
      HOST: '127.0.0.1',
      REDIS_URL: redis.url,
      NODE_ENV: 'production',
      METRICS_PORT: String(metricsPorts[name]),
      SHUTDOWN_DELAY_SECONDS: '1',
      AUDIT_MAX_ENTRIES: '10000',
      MAX_SESSIONS_PER_USER: '1000000',
      WORKSPACE_QUOTA_MB: '0',
      USER_QUOTA_KB: '0',
    },
    { keep: 100_000 },
  );
  countErrors(server, errors);
  return server;
};
const [steady, restarted] = [
  placeOf('steady', await start('steady', 0)),
  placeOf('restarted', await start('restarted', 0)),
];
const stage: Stage = { redis, directory, steady, restarted, restart: (port) => start('restarted', port) };
// Leave no process running if this program fails.
process.once('exit', () => {
  for (const { process: child } of [stage.redis, steady.server, restarted.server]) child.kill('SIGKILL');
});
const balance = balancer([steady, restarted]);
const judge = await newJudge();
const guests = Array.from({ length: 50 }, (_, i) => ({ externalId: `guest_${i}`, alive: 'yes' as const, busy: false }));
const world: World = {
  ...{ rootKey, slug, apiId, guests, judge },
  ledger: newLedger(),
  send: balance.send,
  random: randomOf(seed),
};

/** All samples, one every 5 s. */
const samples: { second: number; steady?: ServerSample; restarted?: ServerSample; redis?: RedisSample }[] = [];
const begun = Date.now();
const takeSample = async () => {
  const [a, b, c] = await Promise.all([
    sampleServer(metricsPorts.steady),
    sampleServer(metricsPorts.restarted),
    sampleRedis(redis.url),
  ]);
  const second = Math.round((Date.now() - begun) / 1000);
  samples.push({ second, ...(a && { steady: a }), ...(b && { restarted: b }), ...(c && { redis: c }) });
};
const stallWatch = await watchStalls(redis.url);
const idleBefore = await sampleServer(metricsPorts.steady);
const sampleTimer = setInterval(() => void takeSample(), 5000);

/** The load: `rate` requests a second in steps of 20 ms, with at most `maxConcurrent` in progress. */
const perStep = rate / 50;
let due = 0;
let notSent = 0;
const inProgress = new Set<Promise<void>>();
const loadErrors: unknown[] = [];
const loadTimer = setInterval(() => {
  for (due += perStep; due >= 1; due--) {
    if (inProgress.size >= maxConcurrent) {
      notSent++;
      continue;
    }
    const action = act(world)
      .catch((error) => void loadErrors.push(error))
      .finally(() => inProgress.delete(action));
    inProgress.add(action);
  }
}, 20);

/** Injects a fault, waits for the grace period, and returns the result. */
async function injectFault(fault: Fault) {
  const { tally } = judge;
  const before = { ...tally.explained, violations: Object.values(tally.violations).reduce((sum, n) => sum + n, 0) };
  const at = Math.round((Date.now() - begun) / 1000);
  judge.tolerate(fault.tolerance);
  await fault.inject(stage);
  const over = Date.now();
  await sleep(graceMs);
  const recoveredMs = Math.max(0, judge.lastFailureAt() - over);
  judge.tolerate(undefined);
  const after = Object.values(tally.violations).reduce((sum, n) => sum + n, 0);
  const result = {
    second: at,
    fault: fault.name,
    unavailable: tally.explained.unavailable - before.unavailable,
    silent: tally.explained.silent - before.silent,
    violations: after - before.violations,
    lastFailureAfterMs: recoveredMs,
  };
  console.log(JSON.stringify(result));
  return result;
}

const faultResults: Awaited<ReturnType<typeof injectFault>>[] = [];
const end = begun + minutes * 60_000;
for (let i = 0; ; i++) {
  const next = begun + faultEveryMs / 2 + i * faultEveryMs;
  // Leave time to recover from the last fault.
  if (next > end - faultEveryMs / 2 + 1000) break;
  await sleep(Math.max(0, next - Date.now()));
  const fault = faults[i % faults.length];
  if (fault !== undefined) faultResults.push(await injectFault(fault));
}
await sleep(Math.max(0, end - Date.now()));
clearInterval(loadTimer);
await Promise.all(inProgress);
clearInterval(sampleTimer);
const found = await findAcknowledged(world);
balance.stop();
stallWatch.stop();
await sleep(3000);
await takeSample();
const idleAfter = await sampleServer(metricsPorts.steady);
const kinds = await countKeys(redis.url);
const usage = await porticoText(redis.url, 'usage', 'export', '--workspace', workspaceId);
const counted = usage
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { granularity: string; externalId?: string; total: number })
  .filter(({ granularity, externalId }) => granularity === 'minute' && externalId !== undefined)
  .reduce((sum, { total }) => sum + total, 0);
await Promise.all([stage.steady.server.stop(), stage.restarted.server.stop()]);
await stage.redis.stop();
await rm(directory, { recursive: true });

const observed = [...samples.flatMap(({ redis: sample }) => sample?.stalls ?? []), ...stallWatch.stalls];
for (const { second, steady: a, restarted: b } of samples) {
  for (const ms of [a?.longestLagMs ?? 0, b?.longestLagMs ?? 0]) {
    const at = Math.round(begun / 1000) + second;
    if (ms > stallMs) observed.push({ event: 'event loop', at, ms: Math.round(ms), before: 6 });
  }
}
const stalls = [...new Map(observed.map((stall) => [`${stall.event} ${stall.at} ${stall.ms}`, stall])).values()];
judge.explainByStalls(stalls);

const ended: Ended = {
  settings: { minutes, rate, faultEverySeconds: faultEveryMs / 1000, seed },
  ...{
    machine: machine(),
    begunAt: Math.round(begun / 1000),
    tally: judge.tally,
    notSent,
    loadErrors: loadErrors.map(String),
    faults: faultResults,
  },
  ...{ stalls, errors },
  ...{ ledger: world.ledger, found, kinds, counted, samples, idleBefore, idleAfter },
};
const checks = runChecks(ended);
const summary = summarize(ended, checks);
await writeFile(join(values.out, 'soak.json'), formatSummary(summary));
await writeFile(join(values.out, 'soak.md'), markdown(summary));
await mkdir(dirname(everySampleFile), { recursive: true });
await writeFile(everySampleFile, `${JSON.stringify({ ...summary, samples, stalls })}\n`);
for (const { name, passed, seen } of checks) console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}: ${seen}`);
process.exitCode = checks.every(({ passed }) => passed) ? 0 : 1;
