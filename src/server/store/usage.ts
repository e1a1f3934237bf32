import { LRUCache } from 'lru-cache';
import { type ApiKeyRecord, apiIdOf, type RateLimit, recordOf, wordOfScopeSets } from './api-key-record.ts';
import { type CheckedControl, type ControlStore, controlOf, requireRootKey } from './control.ts';
import type { Api } from './control-data.ts';
import { forwardsOf } from './forwards.ts';
import { keys, usageDayOf, usageEntryOf, userOf } from './keys.ts';
import { textOfAddress } from './networks.ts';
import { type Partition, partitionOfHash, partitionsOf } from './partitions.ts';
import { isGoverned, noPolicy, periodNameOf, policyOfText, textOfApiPolicy, type UserPolicy } from './policies.ts';
import { type Outdated, type RootKeyToVerify, recordToVerify, type VerifiedRootKey } from './proof.ts';
import { countOnce, type RootKeyLimiter } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import type { OperationNeeds } from './scopes.ts';
import { bucketLengths, stored } from './scripts/usage.ts';
import { readDayField, readNumber, readSeries } from './usage-series.ts';

/** The length of a stored bucket. */
export type Resolution = keyof typeof bucketLengths;

/** The outcomes of verifications that are counted. */
export type OutcomeCode =
  | 'VALID'
  | 'RATE_LIMITED'
  | 'DISABLED'
  | 'EXPIRED'
  | 'USAGE_EXCEEDED'
  | 'INSUFFICIENT_PERMISSIONS'
  | 'FORBIDDEN';

/** The count of each outcome, by the start of the bucket in Unix ms. */
export type Buckets = Map<number, Partial<Record<OutcomeCode, number>>>;

/** Whose usage: that of a user in one API, or of one of their keys in it. */
export interface UsageOwner {
  externalId: string;
  apiId: string;
  keyId?: string;
}

/** The decision on a key, with its record if the key exists. */
export type Decision =
  | { code: 'NOT_FOUND' }
  | {
      code: OutcomeCode;
      record: ApiKeyRecord;
      /** The API of the key, and the policy of its user. */
      api: Api;
      userPolicy?: UserPolicy;
      /** Of the rate limits that hold, the one with the least left. */
      ratelimit?: RateLimit & LimitState;
      quota?: { limit: number } & LimitState;
    };

/** What is left of a limit, and when its next window or period begins, in Unix ms. */
interface LimitState {
  remaining: number;
  reset: number;
}

/** What a verification depends on besides its key. */
export interface VerificationRequest {
  /** The API that the key must be of. */
  apiId?: string | undefined;
  /** How much the verification consumes of each limit. */
  cost?: number | undefined;
  /** The key needs all scopes of one of these sets. */
  scopes?: readonly (readonly string[])[] | undefined;
  /** What the operation needs that the key is used for, instead of `scopes`. */
  operation?: OperationNeeds | undefined;
  /** The address from which the key is used, as domain/networks.ts returns it. */
  ip?: string | undefined;
}

/** A period of a quota and the one after it, in Unix ms. */
export interface Periods {
  start: number;
  end: number;
  nextEnd: number;
}

/** The periods at a time by their name, `<period>,<time zone>`. Without a time: at present. */
export type PeriodsOf = (name: string, at?: number) => Periods;

const dayMs = bucketLengths.day;

/** The length of the longest day, in ms: in Antarctica/Troll, clocks go back by two hours. */
export const longestDayMs = dayMs + 2 * 3_600_000;

/** How long minutes are stored after the end of their day, in ms. docs/evidence/memory.md has the reason. */
export const minutesStoredMs = stored.minutes;

/** How long a day is stored after its end, in ms. A window can begin with the day in which the retention begins. */
export const restTtlOf = (retentionDays: number): number => retentionDays * dayMs + longestDayMs;

const codes: OutcomeCode[] = [
  ...(['VALID', 'RATE_LIMITED', 'DISABLED', 'EXPIRED'] as const),
  ...(['USAGE_EXCEEDED', 'INSUFFICIENT_PERMISSIONS', 'FORBIDDEN'] as const),
];
const codeOf = new Map(codes.map((code) => [code.charAt(0), code]));

/** How long a report is remembered, in seconds: it can be repeated for as long. */
const reportTtlSeconds = 300;

/** Some verifications of a key in a report. */
export interface ReportedUse {
  /** SHA-256 of the key. */
  hash: string;
  count: number;
  /** The SHA-256 of the report, and the position of the key in it. */
  report: string;
  position: number;
}

/** How many entries of the index of work a process takes at once. */
const takenAtOnce = 50;

/** How many days one step reads, at most: Redis does nothing else meanwhile. */
const daysAtOnce = 31;

/** How long a process looks for work in a partition after it has verified a key there: longer than a minute stays in the log. */
const activeMs = 15 * 60_000;

/** The length of a bucket of this resolution, in ms. */
export const bucketMs = (resolution: Resolution): number => bucketLengths[resolution];

const startOfBucket = (time: number, resolution: Resolution) =>
  Math.floor(time / bucketMs(resolution)) * bucketMs(resolution);

/** Adds a count to the bucket that begins at `time`. */
function addTo(buckets: Buckets, time: number, letter: string, count: number): void {
  const code = codeOf.get(letter);
  if (code === undefined) return;
  const counts = buckets.get(time) ?? {};
  counts[code] = (counts[code] ?? 0) + count;
  buckets.set(time, counts);
}

/** Every second text with the one that follows it. */
const pairsOf = (texts: readonly string[]): [string, string][] =>
  texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1] ?? '']] : []));

/** The parts of a field of a log. The key id is '' if the key was deleted. */
export function parseLogged(field: string): { time: number; keyId: string; letter: string } {
  const [minute, , keyId = '', letter = ''] = field.split(' ');
  return { time: Number(minute) * bucketLengths.minute, keyId, letter };
}

/** The day and the API of a field of a log. */
function dayAndApiOf(field: string): string {
  const [minute, apiId] = field.split(' ');
  return `${Math.floor((Number(minute) * bucketLengths.minute) / dayMs)} ${apiId}`;
}

/** What a day stores for each resolution. */
const partOf = { minute: 'minutes', quarterHour: 'quarters', day: 'total' } as const;

/** The counts of a part of a day, by the start of their bucket in Unix ms. */
const countsIn = (resolution: Resolution, day: number, text: string): [time: number, count: number][] =>
  resolution === 'day'
    ? [[day * dayMs, readNumber(text)]]
    : readSeries(text).map(([position, count]) => [day * dayMs + position * bucketMs(resolution), count]);

/** The days of a window, in stretches that one step reads. */
function stretchesOf({ start, end }: { start: number; end: number }): { firstDay: number; lastDay: number }[] {
  const [first, last] = [Math.floor(start / dayMs), Math.floor((end - 1) / dayMs)];
  return Array.from({ length: Math.ceil((last - first + 1) / daysAtOnce) }, (_, i) => {
    const firstDay = first + i * daysAtOnce;
    return { firstDay, lastDay: Math.min(firstDay + daysAtOnce - 1, last) };
  });
}

/** What every script on the usage of a key takes. */
interface KeyScript {
  keys: { controlSeen: string; ofUsers: string };
  args: { controlVersion: string };
}

/** Runs a script on a key in a partition. `apis` are APIs that exist, the most likely one last. */
type KeyStep<Reply> = (
  common: KeyScript,
  place: Partition,
  apis: Api[],
) => Promise<Reply | Outdated | { outcome: 'unknown_api'; apiId: string }>;

/** What a process remembers of a key, so that its next verification is one round trip. */
interface Route {
  /** The number of the partition that has the record. */
  partition: number;
  apiId?: string;
  /** The name of the period of its user's quota. */
  period?: string;
}

/** How many keys a process remembers. */
const maxRoutes = 50_000;
/** How often a verification starts again because the policy of the user changes the period of the quota. */
const maxPeriods = 5;

/** What a verification needs of an API with a policy; scripts/keys.ts describes it. */
function governedText(api: Api | undefined, periodName: string | undefined, periodsOf: PeriodsOf, at?: number): string {
  if (api === undefined && periodName === undefined) return '';
  const { start, end, nextEnd } =
    periodName === undefined ? { start: 0, end: 0, nextEnd: 0 } : periodsOf(periodName, at);
  const policy = (api && textOfApiPolicy(api)) || noPolicy;
  return `${api?.apiId ?? '-'} ${policy} ${periodName ?? '-'} ${start} ${end} ${nextEnd}`;
}

/** What a script that was refused before it could decide replies with. */
type Undecided = Outdated | { outcome: 'unknown_api' | 'moved' };

export function usageStore(redis: Redis, control: ControlStore, limiter: RootKeyLimiter) {
  const forwards = forwardsOf(redis);
  /** The partitions that were lately active in this process, by their index of work, and when, by performance.now(). */
  const active = new Map<string, { place: Partition; usedAt: number }>();

  const routes = new LRUCache<string, Route>({ max: maxRoutes });
  const routeName = ({ workspaceId }: Partition, hash: string) => `${workspaceId} ${hash}`;

  /** Calls a step until it is done. */
  async function inSteps(step: (cursor: string) => Promise<{ outcome: 'more'; cursor: string } | { outcome: 'done' }>) {
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const reply = await step(cursor);
      cursor = reply.outcome === 'more' ? reply.cursor : undefined;
    }
  }

  /** Does what an entry of the index of work says. */
  function work(place: Partition, entry: string, restTtlMs: number): Promise<void> {
    const { externalId, apiId, day } = usageEntryOf(entry);
    const owner = { workspaceId: place.workspaceId, externalId };
    const usageWork = keys.usageWork(place);
    if (apiId !== undefined) {
      const usageDay = keys.usageDay(owner, apiId, day);
      return inSteps((cursor) =>
        redis.run((client) => client.forgetMinutes({ keys: { usageDay, usageWork }, args: { entry, cursor } })),
      );
    }
    const own = {
      usageLog: keys.usageLog(owner),
      usageDays: keys.usageDay(owner),
      usageTops: keys.usageTop(owner),
      usageApis: keys.usageApis(owner),
    };
    return inSteps((cursor) =>
      redis.run((client) =>
        client.rollUpUsage({ keys: { ...own, usageWork }, args: { user: entry, cursor, restTtlMs } }),
      ),
    );
  }

  /** A day of a user in an API, with what the log has of it. */
  async function readDay(workspaceId: string, externalId: string, apiId: string, day: number) {
    const usageLog = keys.usageLog({ workspaceId, externalId });
    const usageDay = keys.usageDay({ workspaceId, externalId }, apiId, day);
    const { logged, texts } = await redis.run((client) =>
      client.readUsageDay({ keys: { usageLog, usageDay }, args: { apiId, day } }),
    );
    /** By key id, and '' for all keys. */
    const owners = new Map<string, Record<Resolution, Buckets>>();
    const bucketsOf = (keyId: string) => {
      const own = owners.get(keyId) ?? { minute: new Map(), quarterHour: new Map(), day: new Map() };
      owners.set(keyId, own);
      return own;
    };
    const resolutions = Object.keys(bucketLengths) as Resolution[];
    for (const [field, count] of pairsOf(texts.slice(0, 2 * logged))) {
      const { time, keyId, letter } = parseLogged(field);
      for (const resolution of resolutions)
        for (const id of new Set(['', keyId]))
          addTo(bucketsOf(id)[resolution], startOfBucket(time, resolution), letter, Number(count));
    }
    for (const [field, value] of pairsOf(texts.slice(2 * logged))) {
      const own = bucketsOf(field.slice(1));
      const { total, ...series } = readDayField(value);
      addTo(own.day, day * dayMs, field.charAt(0), total);
      for (const resolution of ['minute', 'quarterHour'] as const)
        for (const [time, count] of countsIn(resolution, day, series[partOf[resolution] as 'minutes' | 'quarters']))
          addTo(own[resolution], time, field.charAt(0), count);
    }
    return [...owners].flatMap(([keyId, own]) => {
      const owner = keyId === '' ? { externalId, apiId } : { externalId, apiId, keyId };
      return resolutions
        .filter((resolution) => own[resolution].size > 0)
        .map((resolution) => ({ owner, resolution, buckets: own[resolution] }));
    });
  }

  /** The reply of a verification. Remembers where the key is, and what its next verification needs. */
  function remembered<Reply extends { outcome: string }>(
    reply: Reply,
    place: Partition,
    hash: string,
    period?: string,
  ): Reply {
    if (!('key' in reply)) return reply;
    const name = routeName(place, hash);
    const before = routes.get(name);
    const apiId = apiIdOf(String(reply.key));
    if (
      before?.partition === place.partition &&
      before.apiId === apiId &&
      (period ?? before.period) === before.period
    ) {
      return reply;
    }
    const last = period ?? before?.period;
    routes.set(name, { partition: place.partition, apiId, ...(last !== undefined && { period: last }) });
    return reply;
  }

  /** Runs a script on a key in one partition. Only the script reads the API of the key, so the process tells it which ones it knows. */
  async function inPlace<Reply extends { outcome: string }>(
    place: Partition,
    rootKey: RootKeyToVerify,
    script: KeyStep<Reply>,
    likely?: string,
  ) {
    const usageWork = keys.usageWork(place);
    active.set(usageWork, { place, usedAt: performance.now() });
    const run = (checked: CheckedControl, justRead?: Api) => {
      const api = justRead ?? (likely === undefined ? undefined : control.cachedApi(checked, likely));
      return script(
        {
          keys: { ...controlOf.keys(place), ofUsers: keys.ofUsers(place) },
          args: controlOf.args(checked),
        },
        place,
        api === undefined ? control.lastApis(checked) : [api],
      );
    };
    const reply = await control.run(place, { rootKeyHash: rootKey.hash }, requireRootKey, async (checked) => {
      const first = await run(checked);
      // Only the reply unknown_api has one.
      if (!('apiId' in first)) return first;
      const now = await control.at(place.workspaceId, checked.version, { apiId: first.apiId });
      if (now === undefined) return { outcome: 'outdated' as const, version: checked.version };
      // The keys of a deleted API are not removed yet.
      return now.api === undefined ? { outcome: 'NOT_FOUND' as const } : run(checked, now.api);
    });
    if (reply.outcome === 'unknown_api') throw new Error('an API that was just read is known');
    return reply as Exclude<Reply, Outdated | { outcome: 'unknown_api' }> | { outcome: 'NOT_FOUND' };
  }

  /**
   * Runs a script on a key whose API exists, in the partition where its record was last time, in the one that its SHA-256 names, or in
   * the one to which it is forwarded.
   *
   * @throws Problem key_not_found, workspace_not_found, workspace_disabled
   */
  async function withApi<Reply extends { outcome: string }>(
    hash: string,
    rootKey: RootKeyToVerify,
    script: KeyStep<Reply>,
  ): Promise<Exclude<Reply, Undecided> | { outcome: 'NOT_FOUND' }> {
    type Done = Exclude<Reply, Undecided> | { outcome: 'NOT_FOUND' };
    const named = { workspaceId: recordToVerify(rootKey).workspaceId, partition: partitionOfHash(hash) };
    const name = routeName(named, hash);
    const route = routes.get(name);
    if (route !== undefined && route.partition !== named.partition) {
      const there = await inPlace({ ...named, partition: route.partition }, rootKey, script, route.apiId);
      if (there.outcome !== 'NOT_FOUND') return there as Done;
      // The record is gone, or is one of another user now.
      routes.delete(name);
    }
    const first = await inPlace(named, rootKey, script, route?.apiId);
    // Only the reply moved has one.
    if (!('partition' in first)) return first as Done;
    const partition = Number(first.partition);
    const second = await inPlace({ ...named, partition }, rootKey, script);
    if (second.outcome === 'NOT_FOUND') await forwards.removeDangling(named, hash, partition);
    return second as Done;
  }

  return {
    /**
     * Decides on a key of the root key's workspace by its SHA-256, limits it and counts it, in one step and one round trip.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited, service_unavailable
     */
    async verify(
      rootKey: RootKeyToVerify,
      hash: string,
      periodsOf: PeriodsOf,
      { apiId = '', cost = 1, scopes = [], operation, ip }: VerificationRequest = {},
    ): Promise<Decision> {
      const { workspaceId } = recordToVerify(rootKey);
      await control.current(workspaceId, { rootKeyHash: rootKey.hash }, requireRootKey);
      await countOnce(limiter, workspaceId, rootKey);
      const address = ip === undefined ? '' : textOfAddress(ip);
      let known: Api[] = [];
      /** The API of the key, once the script has named it. */
      let named: string | undefined;
      const reply = await withApi(hash, rootKey, async (common, place, apis) => {
        known = apis;
        // What an operation needs depends on the API of the key, so the script then knows of no other one.
        const governed = operation === undefined ? apis.findLast(isGoverned) : apis.at(-1);
        const found = governed && operation?.(workspaceId, governed, governed.apiId === named);
        const needs = found instanceof Promise ? await found : (found ?? scopes);
        const wanted = wordOfScopeSets(needs);
        const isDecidable = operation === undefined || found !== undefined;
        const knownApis = operation === undefined ? apis.filter((api) => !isGoverned(api)).map((api) => api.apiId) : [];
        const route = routes.get(routeName(place, hash));
        const step = (periodName: string | undefined, at?: number) => {
          return redis.run((client) =>
            client.verifyApiKey({
              keys: { ...common.keys, record: keys.apiKey(place, hash) },
              args: {
                ...common.args,
                ...{
                  apiId,
                  asked: cost === 1 && wanted === '' && address === '' ? '' : `${cost} ${wanted} ${address}`,
                },
                knownApis: knownApis.join(' '),
                governed: governedText(isDecidable ? governed : undefined, periodName, periodsOf, at),
              },
            }),
          );
        };
        let period: string | undefined;
        let decided = await step(route?.period ?? periodNameOf(governed?.policy?.perUser?.quota));
        // More than once if the policy of the user changes in between.
        for (let i = 0; decided.outcome === 'unknown_period' && i < maxPeriods; i++) {
          period = decided.period;
          decided = await step(period, decided.at);
        }
        if (decided.outcome === 'unknown_api') named = decided.apiId;
        if (decided.outcome === 'unknown_period') throw new Error('the period of the quota kept changing');
        return remembered(decided, place, hash, period);
      });
      if (reply.outcome === 'NOT_FOUND') return { code: reply.outcome };
      const { outcome: code, key, userPolicy, limit, duration, remaining, reset } = reply;
      const record = recordOf(key);
      const api = known.find((one) => one.apiId === record.apiId);
      if (api === undefined) throw new Error('the API of a key that was decided on is known');
      const quota = { limit: reply.quotaLimit, remaining: reply.quotaRemaining, reset: reply.quotaReset };
      return {
        ...{ code, record, api },
        ...(userPolicy !== '' && { userPolicy: policyOfText(userPolicy) }),
        ...(remaining >= 0 && { ratelimit: { limit, duration, remaining, reset } }),
        ...(quota.remaining >= 0 && { quota }),
      };
    },

    /**
     * Adds VALID verifications to the usage of a key of the root key's workspace, if it exists and the report was not counted at
     * this position before. Returns how many it has added.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, service_unavailable
     */
    async report(rootKey: VerifiedRootKey, { hash, count, report, position }: ReportedUse): Promise<number> {
      const { rootKeyId } = rootKey;
      const { outcome } = await withApi(hash, rootKey, (common, place, apis) =>
        redis.run((client) =>
          client.reportApiKey({
            keys: { ...common.keys, apiKey: keys.apiKey(place, hash), report: keys.report(place, rootKeyId, report) },
            args: {
              ...common.args,
              knownApis: apis.map(({ apiId }) => apiId).join(' '),
              ...{ position, many: count, reportTtlSeconds },
            },
          }),
        ),
      );
      return outcome === 'ok' ? count : 0;
    },

    /**
     * Moves the counts of closed minutes from the logs of users to the records of their days, and removes minutes that are no
     * longer stored: what is due in the partitions in which this process has lately verified keys, or in one workspace. Any
     * number of processes can do it at the same time, and it can stop anywhere; a signal stops it after a page of work.
     */
    async rollUp(
      retentionDays: number,
      { workspaceId, signal }: { workspaceId?: string; signal?: AbortSignal } = {},
    ): Promise<void> {
      const restTtlMs = restTtlOf(retentionDays);
      const idleSince = performance.now() - activeMs;
      for (const [name, { usedAt }] of active) if (usedAt < idleSince) active.delete(name);
      const places =
        workspaceId === undefined ? [...active.values()].map(({ place }) => place) : partitionsOf(workspaceId);
      /** Does what is due in a partition, page by page. */
      const rollUpIn = async (place: Partition) => {
        for (let many = takenAtOnce; many === takenAtOnce && signal?.aborted !== true; ) {
          const { entries } = await redis.run((client) =>
            client.findUsageWork({ keys: { usageWork: keys.usageWork(place) }, args: { many: takenAtOnce } }),
          );
          await Promise.all(entries.map((entry) => work(place, entry, restTtlMs)));
          many = entries.length;
        }
      };
      const failures: unknown[] = [];
      // What fails in one partition holds up no other.
      for (const place of places) await rollUpIn(place).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },

    /** The buckets of these owners together, from `start` on and before `end`, in Unix ms. One round trip. */
    async read(
      workspaceId: string,
      owners: UsageOwner[],
      resolution: Resolution,
      { start, end }: { start: number; end: number },
    ): Promise<Buckets> {
      const wanted = owners.flatMap((owner) =>
        stretchesOf({ start, end }).map((stretch) => ({ ...owner, ...stretch })),
      );
      const found = await redis.run((client) =>
        Promise.all(
          wanted.map(({ externalId, apiId, keyId = '', firstDay, lastDay }) => {
            const usageLog = keys.usageLog({ workspaceId, externalId });
            const usageDays = keys.usageDay({ workspaceId, externalId }, apiId, '');
            const args = { apiId, keyId, part: partOf[resolution], firstDay, lastDay };
            return client.readUsage({ keys: { usageLog, usageDays }, args });
          }),
        ),
      );
      const buckets: Buckets = new Map();
      for (const [i, { logged, texts }] of found.entries()) {
        const { firstDay = 0, lastDay = 0 } = wanted[i] ?? {};
        const add = (time: number, letter: string, count: number) => {
          if (time >= start && time < end) addTo(buckets, time, letter, count);
        };
        for (const [field, count] of pairsOf(texts.slice(0, 2 * logged))) {
          const { time, letter } = parseLogged(field);
          // Another step reads the other days, with the log as it is then.
          if (time < firstDay * dayMs || time >= (lastDay + 1) * dayMs) continue;
          add(startOfBucket(time, resolution), letter, Number(count));
        }
        for (let j = 2 * logged; j < texts.length; j += 3) {
          const [day, letter = '', text = ''] = texts.slice(j, j + 3);
          for (const [time, count] of countsIn(resolution, Number(day), text)) add(time, letter, count);
        }
      }
      return buckets;
    },

    /** The most used keys on the days of a window, most used first. Reads `many` keys of each day. */
    async topKeys(
      workspaceId: string,
      owners: { externalId: string; apiId: string }[],
      window: { start: number; end: number },
      many: number,
    ): Promise<{ apiId: string; keyId: string }[]> {
      const wanted = owners.flatMap((owner) => stretchesOf(window).map((stretch) => ({ ...owner, ...stretch })));
      const found = await redis.run((client) =>
        Promise.all(
          wanted.map(({ externalId, apiId, firstDay, lastDay }) => {
            const usageLog = keys.usageLog({ workspaceId, externalId });
            const usageDays = keys.usageDay({ workspaceId, externalId }, apiId, '');
            const usageTops = keys.usageTop({ workspaceId, externalId }, apiId, '');
            return client.readTopKeys({
              keys: { usageLog, usageDays, usageTops },
              args: { apiId, firstDay, lastDay, many },
            });
          }),
        ),
      );
      const sums = new Map<string, { apiId: string; keyId: string; sum: number }>();
      for (const [i, { keysAndCounts }] of found.entries()) {
        const apiId = wanted[i]?.apiId ?? '';
        for (const [keyId, count] of pairsOf(keysAndCounts))
          sums.set(keyId, { apiId, keyId, sum: (sums.get(keyId)?.sum ?? 0) + Number(count) });
      }
      return [...sums.values()]
        .sort((a, b) => b.sum - a.sum)
        .slice(0, many)
        .map(({ apiId, keyId }) => ({ apiId, keyId }));
    },

    /** Every stored bucket of a workspace, in no order. Each verification before the first result is in it exactly once. */
    async *everything(
      workspaceId: string,
    ): AsyncGenerator<{ owner: UsageOwner; resolution: Resolution; buckets: Buckets }> {
      // Logs first: a count that leaves its log meanwhile is in a day that is found later.
      const done = new Set<string>();
      for await (const log of redis.scan(keys.everyUsageLog(workspaceId), 'hash')) {
        const externalId = userOf(log);
        const fields = await redis.run((client) => client.hKeys(log));
        for (const field of new Set(fields.map(dayAndApiOf))) {
          const [day, apiId = ''] = field.split(' ');
          done.add(keys.usageDay({ workspaceId, externalId }, apiId, Number(day)));
          yield* await readDay(workspaceId, externalId, apiId, Number(day));
        }
      }
      for await (const name of redis.scan(keys.everyUsageDay(workspaceId), 'hash')) {
        if (done.has(name)) continue;
        const { externalId, apiId, day } = usageDayOf(name);
        yield* await readDay(workspaceId, externalId, apiId, day);
      }
    },
  };
}
