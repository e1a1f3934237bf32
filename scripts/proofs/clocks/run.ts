/**
 * The clock of Redis jumps. Everything that ends by that clock must end when its own time and the jumps say, a limit must neither open
 * nor close for good, and what has no time limit must not notice.
 */
import { randomUUID } from 'node:crypto';
import { commandLine } from '../../../src/server/cli/operator.ts';
import { sessionRef } from '../../../src/server/domain/credentials.ts';
import { createKey } from '../../../src/server/domain/keys/keys.ts';
import { createApi } from '../../../src/server/domain/portals/apis.ts';
import { createPortal, updatePortal } from '../../../src/server/domain/portals/portals.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../../src/server/domain/usage/usage.ts';
import { authenticateRootKey } from '../../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../../src/server/domain/workspaces/workspaces.ts';
import { Problem } from '../../../src/server/problem.ts';
import type { Store } from '../../../src/server/store/index.ts';
import { keys } from '../../../src/server/store/keys.ts';
import { partitionsOf } from '../../../src/server/store/partitions.ts';
import { noRateLimits } from '../../../src/server/store/rate-limits.ts';
import { bytesIn, contentsOf, quotaIn, walk } from '../../../tests/support/store.ts';
import { startWorld, type Time, type World } from './world.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
/** How exact the proof is, in ms: a step takes some time itself. */
const slackMs = 5 * second;

/** What a run has done and found. */
export interface ClockReport {
  jumps: number;
  /** The range of the clock of Redis, in days from the right time. */
  furthest: { back: number; ahead: number };
  sessions: number;
  verifications: number;
  limits: number;
  /** The longest that a session lived beyond its time and the jumps back, in ms. */
  longestExcessMs: number;
  faults: string[];
}

/** A limit: so many calls in so much time. */
interface Limit {
  name: string;
  allowed: number;
  windowMs: number;
  /** Whether a call is allowed. */
  call(): Promise<boolean>;
}

const isOk = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Problem && error.status < 500) return false;
      throw error;
    },
  );

/** The jumps of a run in ms, always back and forth. Some are longer than each window, life and period. */
export function jumpsOf(many: number, random: () => number): number[] {
  const sizes = [2 * minute, 10 * minute, 90 * minute, day + hour, 3 * day, 40 * day];
  let at = 0;
  return Array.from({ length: many }, (_, i) => {
    // The first ones are the same in every run: each size forwards and then back.
    const size = sizes[Math.floor(i < 2 * sizes.length ? i / 2 : random() * sizes.length)] ?? day;
    const isBack = i < 2 * sizes.length ? i % 2 === 1 : random() < 0.5;
    const jump = isBack ? -size * 1.5 : size;
    // So that nothing is older than its retention because of the jumps.
    const bounded = Math.abs(at + jump) > 50 * day ? -Math.sign(at) * size : jump;
    at += bounded;
    return bounded;
  });
}

/** A workspace with what the proof uses, made through a server. */
async function newStage(store: Store) {
  const { workspaceId, rootKey: secret } = await createWorkspace(store, { name: 'Clocks' }, commandLine);
  const rootKey = await authenticateRootKey(store, secret);
  const newApi = async (perUser: object) =>
    (await createApi(store, workspaceId, { name: 'API', policy: { perUser } }, commandLine)).apiId;
  const limited = await newApi({ ratelimit: { limit: 4, duration: hour } });
  const quotaed = await newApi({ quota: { limit: 9, period: 'day', timeZone: 'UTC' } });
  const { apiId } = await createApi(store, workspaceId, { name: 'API' }, commandLine);
  const slug = 'clocks';
  await createPortal(store, workspaceId, { slug, apiIds: [apiId, limited, quotaed] }, commandLine);
  // Disabling a portal ends its sessions, so the one that changes is another one.
  const changing = 'changing';
  await createPortal(store, workspaceId, { slug: changing, apiIds: [] }, commandLine);
  return { workspaceId, changing, secret, rootKey, apiId, limited, quotaed, slug };
}

type Stage = Awaited<ReturnType<typeof newStage>>;

const permissions = ['create_key', 'read_key', 'delete_key', 'read_analytics'].map((action) => `api.*.${action}`);

const link = (store: Store, { rootKey, slug }: Stage, externalId: string) =>
  createSession(store, rootKey, { slug, externalId, permissions, preview: false }, {});

/** A session that ends at a time of the clock of Redis. All times are in ms since the run began. */
interface Followed {
  name: string;
  externalId: string;
  handle: string;
  state: 'pending' | 'active';
  lifeMs: number;
  /** When it began, by the right time and by the clock of Redis. */
  begun: { passed: number; byRedis: number };
  /** The latest time of the clock of Redis since it began. */
  latest: number;
}

/** Follows sessions: pending ones, and those that were exchanged. */
function followSessions({ time, newServer }: World, stage: Stage, report: ClockReport) {
  const followed: Followed[] = [];
  /** The sessions of each user, in the order of their creation. */
  const created = new Map<string, string[]>();
  const { workspaceId, slug } = stage;
  time.onChange(() => {
    for (const one of followed) one.latest = Math.max(one.latest, time.byRedis());
  });
  const handleOf = (prefix: 'pst' | 'ps', text: string) => sessionRef(prefix, text)?.handle ?? '';

  return {
    created,
    async begin(): Promise<void> {
      const store = newServer();
      // Each creation can remove ended sessions from the lists of the same user.
      const externalId = 'user';
      const pending = await link(store, stage, externalId);
      const spent = await link(store, stage, externalId);
      const { token } = await exchangeSession(store, spent.sessionId, {});
      const handles = [pending, spent].map(({ sessionId }) => handleOf('pst', sessionId));
      created.set(externalId, [...(created.get(externalId) ?? []), ...handles]);
      const now = { begun: { passed: time.passed(), byRedis: time.byRedis() }, latest: time.byRedis(), externalId };
      const [name, handle] = [`session ${report.sessions}`, handleOf('pst', pending.sessionId)];
      followed.push({ ...now, name, handle, state: 'pending', lifeMs: 900 * second });
      followed.push({ ...now, name: `browser ${name}`, handle: handleOf('ps', token), state: 'active', lifeMs: day });
      report.sessions += 2;
    },

    /** Compares what is there with the time. */
    async check(when: string): Promise<void> {
      const store = newServer();
      const users = [...created.keys()].map((externalId) => ({ externalId }));
      const lists = [{ slug }, ...users].map((index) =>
        walk((page) => store.sessions.list(workspaceId, index, page), 100),
      );
      // What is not in the lists of its portal and its user cannot be revoked.
      const listed = (await Promise.all(lists)).flat(2).map(({ handle }) => handle);
      const [passed, byRedis] = [time.passed(), time.byRedis()];
      for (const { name, handle, state, lifeMs, begun, latest } of followed) {
        const isThere = (await store.sessions.findByHandle(workspaceId, handle))?.state === state;
        const age = byRedis - begun.byRedis;
        if (!isThere && latest - begun.byRedis < lifeMs - slackMs) report.faults.push(`${name} ends too early ${when}`);
        if (!isThere) continue;
        const jumpedBack = passed - begun.passed - age;
        report.longestExcessMs = Math.max(report.longestExcessMs, passed - begun.passed - lifeMs - jumpedBack);
        if (age > lifeMs + slackMs) report.faults.push(`${name} is valid after its end ${when}`);
        if (listed.filter((one) => one === handle).length !== 2)
          report.faults.push(`${name} is valid, and not in the lists of its portal and its user ${when}`);
      }
    },
  };
}

/** The limits that calls can reach. Each call comes from a server that remembers nothing. */
async function limitsOf({ newServer }: World, stage: Stage, report: ClockReport): Promise<Limit[]> {
  const { rootKey, secret, apiId } = stage;
  const limited = (which: object) => newServer({ ...noRateLimits, ...which });
  const user = 'limited user';
  const session = async (store: Store) => {
    const { sessionId } = await link(store, stage, user);
    return exchangeSession(store, sessionId, {});
  };
  const { token } = await session(newServer());
  const caller = await authenticatePortalSession(newServer(), [token]);
  const own = await createKey(newServer(), caller, { apiId, ratelimit: { limit: 3, duration: minute } }, 100);
  const ofRate = await createKey(newServer(), caller, { apiId: stage.limited }, 100);
  const ofQuota = await createKey(newServer(), caller, { apiId: stage.quotaed }, 100);
  const verified = async (key: string) => {
    report.verifications++;
    return (await verifyKey(newServer(), rootKey, { key })).code === 'VALID';
  };
  return [
    {
      ...{ name: 'exchanges of an address', allowed: 5, windowMs: minute },
      call: () => isOk(limited({ exchange: 5 }).countExchange('192.0.2.1')),
    },
    {
      ...{ name: 'calls of a root key', allowed: 5, windowMs: minute },
      call: () => isOk(authenticateRootKey(limited({ rootKey: 5 }), secret)),
    },
    { ...{ name: 'the rate limit of a key', allowed: 3, windowMs: minute }, call: () => verified(own.key) },
    { ...{ name: 'the rate limit of a policy', allowed: 4, windowMs: hour }, call: () => verified(ofRate.key) },
    { ...{ name: 'the quota of a policy', allowed: 9, windowMs: day }, call: () => verified(ofQuota.key) },
  ];
}

/** Calls until the limit refuses, and returns how many calls it has allowed. They must not be more than it says. */
async function fill({ name, allowed, call }: Limit, report: ClockReport, when: string): Promise<number> {
  let done = 0;
  while (done <= allowed && (await call())) done++;
  report.limits++;
  if (done > allowed) report.faults.push(`${name} allows ${done} calls ${when}`);
  return done;
}

/** After one window, a limit must allow exactly as many calls as it says. */
async function refill(limit: Limit, report: ClockReport, when: string): Promise<void> {
  const { name, allowed } = limit;
  const done = await fill(limit, report, `one window ${when}`);
  if (done === 0) report.faults.push(`${name} is closed for longer than its window ${when}`);
  else if (done < allowed) report.faults.push(`${name} refuses after ${done} of ${allowed} calls one window ${when}`);
}

/** Control data changes in one server. Another one, which knows the old data, must notice at once. */
async function checkControl(
  { newServer }: World,
  stage: Stage,
  [one, other]: [Store, Store],
  report: ClockReport,
  when: string,
) {
  for (const enabled of [false, true]) {
    await updatePortal(one, stage.workspaceId, stage.changing, { enabled }, commandLine);
    if ((await isOk(link(other, { ...stage, slug: stage.changing }, 'user of control data'))) !== enabled)
      report.faults.push(`a portal that was ${enabled ? 'enabled' : 'disabled'} ${when} is not for another server`);
  }
  if (!(await isOk(link(newServer(), stage, 'user of control data')))) report.faults.push(`a new server fails ${when}`);
}

/** A request whose process has died is under way for 30 seconds at most. */
async function checkMarker(
  time: Time,
  store: Store,
  { rootKey }: Stage,
  jump: number,
  report: ClockReport,
): Promise<void> {
  const name = `${rootKey.rootKeyId}:test:${randomUUID()}`;
  await store.idempotency.begin(rootKey, name, 'req_1');
  await time.jump(jump);
  await store.idempotency.begin(rootKey, name, 'req_2');
  await time.pass(31 * second);
  if ((await store.idempotency.begin(rootKey, name, 'req_3')) !== undefined)
    report.faults.push(`a request whose process has died is still under way after a jump of ${jump / minute} minutes`);
  await store.idempotency.release(rootKey, name, 'req_3');
}

/** Lists of keys, page by page, while the clock jumps between the pages. */
async function checkPages(time: Time, store: Store, stage: Stage, jump: number, report: ClockReport): Promise<void> {
  const owner = { workspaceId: stage.workspaceId, externalId: 'limited user' };
  const all = () => true;
  const whole = await walk((page) => store.apiKeys.list(owner, page, all), 100);
  let pages = 0;
  const paged = await walk(async (page) => {
    if (pages++ === 1) await time.jump(jump);
    return store.apiKeys.list(owner, page, all);
  }, 1);
  const ids = (lists: typeof whole) => lists.flat().map(({ keyId }) => keyId);
  if (ids(whole).join() !== ids(paged).join()) report.faults.push('a jump between two pages changes the list');
}

/** Each session has one entry in the audit log, and those of a user are in the order in which they were created. */
async function checkAudit(
  store: Store,
  { workspaceId }: Stage,
  created: Map<string, string[]>,
  report: ClockReport,
): Promise<void> {
  for (const [externalId, handles] of created) {
    const filter = { action: 'session.create' as const, externalId };
    const entries = (await walk((page) => store.audit.list(workspaceId, filter, page), 3)).flat();
    const found = entries.map(({ resource }) => resource.id).toReversed();
    if (found.join() !== handles.join())
      report.faults.push(
        `the audit log has ${found.length} of ${handles.length} sessions of ${externalId}, or another order`,
      );
  }
}

/** All verifications of a key, in any day. */
async function countedOf({ opened }: World, { workspaceId, apiId, limited, quotaed }: Stage): Promise<number> {
  const owners = [apiId, limited, quotaed].map((id) => ({ externalId: 'limited user', apiId: id }));
  const now = Date.now();
  const buckets = await opened.store.usage.read(workspaceId, owners, 'day', {
    start: now - 70 * day,
    end: now + 70 * day,
  });
  return [...buckets.values()].flatMap((counts) => Object.values(counts)).reduce((sum, count) => sum + count, 0);
}

/**
 * How much more the quotas have than the records take, once they are swept. Redis removes records while the clock is ahead, whose bytes
 * count until their hour comes. So it may not be 0 meanwhile, but what is created and ends in the same time must not change it.
 */
async function surplusOf({ opened, sweep }: World, { workspaceId }: Stage): Promise<number> {
  for (const place of partitionsOf(workspaceId)) await sweep(keys.partitionQuota(place));
  const contents = await contentsOf(opened, workspaceId);
  return quotaIn(contents) - bytesIn(contents);
}

/** Runs it. @param change changes each script, to plant a fault. @throws MissingBinary */
export async function runClocks(jumps: number[], change?: (lua: string) => string): Promise<ClockReport> {
  const world = await startWorld(change);
  const { time, newServer } = world;
  const report: ClockReport = {
    ...{ jumps: 0, furthest: { back: 0, ahead: 0 }, sessions: 0, verifications: 0, limits: 0 },
    ...{ longestExcessMs: Number.NEGATIVE_INFINITY, faults: [] },
  };
  try {
    const stage = await newStage(newServer());
    const sessions = followSessions(world, stage, report);
    const servers: [Store, Store] = [newServer(), newServer()];
    const limits = await limitsOf(world, stage, report);

    time.onChange(() => {
      const ahead = (time.byRedis() - time.passed()) / day;
      report.furthest.back = Math.max(report.furthest.back, -ahead);
      report.furthest.ahead = Math.max(report.furthest.ahead, ahead);
    });
    for (const jump of jumps) {
      const when = `after a jump of ${Math.round(jump / minute)} minutes`;
      await sessions.begin();
      for (const limit of limits) await fill(limit, report, 'before a jump');
      await time.jump(jump);
      report.jumps++;
      await sessions.check(when);
      const surplus = await surplusOf(world, stage);
      await sessions.begin();
      await checkControl(world, stage, servers, report, when);
      for (const limit of limits) {
        await fill(limit, report, when);
        await time.pass(limit.windowMs + second);
        await refill(limit, report, when);
      }
      // What has ended leaves a quota with its hour.
      await time.pass(hour);
      const grown = (await surplusOf(world, stage)) - surplus;
      if (grown > 0) report.faults.push(`the quotas still have ${grown} bytes of records that have ended ${when}`);
      await sessions.begin();
      await sessions.check(`a day ${when}`);
      await checkMarker(time, newServer(), stage, jump, report);
      await checkPages(time, newServer(), stage, -jump, report);
    }
    const counted = await countedOf(world, stage);
    if (counted !== report.verifications)
      report.faults.push(`${counted} of ${report.verifications} verifications are counted`);
    await checkAudit(newServer(), stage, sessions.created, report);
    // Longer than the longest jump, so that everything that was created ahead of time has ended as well.
    await time.pass(110 * day);
    const left = await surplusOf(world, stage);
    if (left !== 0) report.faults.push(`the quotas have ${left} bytes more than the records in the end`);
    return report;
  } finally {
    await world.stop();
  }
}
