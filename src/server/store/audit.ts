import type { AuditActor, AuditEntry, AuditResource, AuditSubject } from '../../../generated/client/types.gen.ts';
import type { Known } from '../../../generated/known-values.ts';
import { entryText } from './audit-entry.ts';
import { choresOf } from './chores.ts';
import { keys } from './keys.ts';
import { merged, type Source } from './merge.ts';
import type { Page, PageRequest } from './page.ts';
import { type Owner, partitionCount, partitionOf, partitionsOf } from './partitions.ts';
import type { Proof } from './proof.ts';
import type { Redis } from './redis.ts';

/** The request that makes a change, as far as the audit log stores it. */
export interface RequestSource {
  ip?: string;
  userAgent?: string;
  requestId?: string;
}

/** Who makes a change, as their proof says, and by which request. */
export interface Author<P = Proof> extends RequestSource {
  proof: P;
}

/** What a method that changes something takes: the proof of the caller, and the entry of the audit log that names them. */
export interface Change<P = Proof> {
  proof: P;
  entry: AuditRecord;
}

/** What the audit log stores about a change. Never a credential. */
export interface AuditRecord extends RequestSource {
  actor: AuditActor;
  action: Known<'AuditAction'>;
  resource: AuditResource;
  /** The user whom the action of a root key or of an operator affected. An entry is about one user. */
  subject?: AuditSubject;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** The time of the entries to list, in Unix ms. */
export interface AuditTimes {
  startTime?: number | undefined;
  endTime?: number | undefined;
}

/** Which entries to list. */
export interface AuditFilter extends AuditTimes {
  action?: Known<'AuditAction'> | undefined;
  actorId?: string | undefined;
  externalId?: string | undefined;
  resourceId?: string | undefined;
}

/** The size of the audit log of each workspace: about `maxEntries` entries, none older than `maxAgeDays`. */
export interface AuditLimits {
  maxEntries: number;
  maxAgeDays: number;
}

/** How many entries one page reads at most: its cost must not grow with the log. */
const scanLimit = 1000;

const secondsPerDay = 86_400;

/** How many entries a process adds to a log before it removes old ones again. */
const entriesBetween = 64;

/** The arguments by which a script writes an audit entry. */
export interface AuditArgs {
  auditEntry: string;
  auditMaxEntries: number;
  auditMaxAgeSeconds: number;
}

/** Writes audit entries, in the step that makes the change. */
export interface AuditLog {
  /**
   * Runs a script that adds an entry to a log. The log is at home for control data, and in a partition for sessions, so that each step
   * has it in its slot. Half of the maximum is for the log at home, and the rest for those in the partitions.
   *
   * @param log the key of the log
   */
  write<Reply extends { outcome: string }>(
    log: string,
    entry: AuditRecord,
    run: (args: AuditArgs, logKey: { audit: string }) => Promise<Reply>,
  ): Promise<Reply>;
}

const isOfPartition = (log: string) => /^portico:\{\d/.test(log);

export function auditLog({ maxEntries, maxAgeDays }: AuditLimits): AuditLog {
  const chores = choresOf(entriesBetween);
  return {
    async write(log, entry, run) {
      const isDue = chores.isDue(log);
      const share = isOfPartition(log) ? 2 * partitionCount : 2;
      const args = {
        auditEntry: entryText(entry),
        auditMaxEntries: Math.ceil(maxEntries / share),
        auditMaxAgeSeconds: isDue ? maxAgeDays * secondsPerDay : 0,
      };
      const reply = await run(args, { audit: log });
      if (reply.outcome === 'ok') chores.done(log, isDue);
      return reply;
    },
  };
}

function matches(entry: AuditEntry, { action, actorId, externalId, resourceId }: AuditFilter): boolean {
  return (
    (action === undefined || entry.action === action) &&
    (actorId === undefined || entry.actor.id === actorId) &&
    (externalId === undefined || (entry.actor.externalId ?? entry.subject?.externalId) === externalId) &&
    (resourceId === undefined || entry.resource.id === resourceId)
  );
}

/**
 * Where an entry is: its time and number in its log, and its log. Logs of different nodes can have entries of the same time and
 * number, so the id of an entry names its log as well.
 */
type Place = [time: number, number: number, log: number];

/** The last two digits of an id are the number of its log, so that ids have the order of places. */
const logsPerNumber = 100;

const auditIdOf = ([time, number, log]: Place): string => `${time}-${number * logsPerNumber + log}`;

const placeOfId = (auditId: string): Place => {
  const [time = 0, numberAndLog = 0] = auditId.split('-').map(Number);
  return [time, Math.floor(numberAndLog / logsPerNumber), numberAndLog % logsPerNumber];
};

/** Whether the first place is that of an earlier entry. */
const isEarlier = (a: Place, b: Place): boolean =>
  a[0] !== b[0] ? a[0] < b[0] : a[1] !== b[1] ? a[1] < b[1] : a[2] < b[2];

interface Found {
  place: Place;
  /** Its id in its own log. */
  id: string;
  entry: AuditEntry;
}

function foundIn(log: number, { id, message }: { id: string; message: Record<string, string> }): Found {
  const [time = 0, number = 0] = id.split('-').map(Number);
  const place: Place = [time, number, log];
  return { place, id, entry: { auditId: auditIdOf(place), time, ...JSON.parse(message['entry'] ?? '{}') } };
}

export function auditStore(redis: Redis, { maxAgeDays }: AuditLimits) {
  const oldestNow = () => Date.now() - maxAgeDays * secondsPerDay * 1000;
  /** The logs of a workspace. The last one is that of the control data. */
  const logsOf = (workspaceId: string) => [
    ...partitionsOf(workspaceId).map(keys.sessionAudit),
    keys.audit(workspaceId),
  ];

  /** Some logs of a workspace, with their numbers. */
  type Logs = [name: string, log: number][];

  /** One page of the entries that are wanted in these logs, newest first. Reads at most `scanLimit` entries. */
  async function listIn(
    logs: Logs,
    isWanted: (entry: AuditEntry) => boolean,
    { startTime, endTime }: AuditTimes,
    { limit, after }: PageRequest,
  ): Promise<Page<AuditEntry>> {
    // Trimming is approximate. Entries that are too old are left out.
    const oldest = Math.max(oldestNow(), startTime ?? 0);
    const start = after === undefined ? undefined : placeOfId(after);
    const bound = (log: number) => {
      if (start === undefined) return String(endTime ?? '+');
      return `${log < start[2] ? '' : '('}${start[0]}-${start[1]}`;
    };
    const sources = logs.map(
      ([name, log]): Source<Found> => ({
        async read(last, COUNT) {
          const newest = last === undefined ? bound(log) : `(${last.id}`;
          const found = await redis.run((client) => client.xRevRange(name, newest, String(oldest), { COUNT }));
          return (found ?? []).map((one) => foundIn(log, one));
        },
      }),
    );
    const items: AuditEntry[] = [];
    let read = 0;
    let last: AuditEntry | undefined;
    for await (const { entry } of merged(sources, (a, b) => isEarlier(b.place, a.place))) {
      if (read === scanLimit) break;
      const fits = isWanted(entry) && entry.time <= (endTime ?? Number.MAX_SAFE_INTEGER);
      if (fits && items.length === limit) {
        last = items.at(-1);
        break;
      }
      if (fits) items.push(entry);
      read += 1;
      if (read === scanLimit) last = entry;
    }
    return { items, ...(last !== undefined && { next: last.auditId }) };
  }

  return {
    /**
     * One page of a workspace's audit log, newest first. Reads at most `scanLimit` entries, so a page may be short although
     * more follow.
     */
    list: (workspaceId: string, filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>> =>
      listIn(
        logsOf(workspaceId).map((name, log) => [name, log]),
        (entry) => matches(entry, filter),
        filter,
        page,
      ),

    /** One page of the entries about a user that are wanted, newest first, under the same limit. Reads one log. */
    listOf(
      owner: Owner,
      isWanted: (entry: AuditEntry) => boolean,
      times: AuditTimes,
      page: PageRequest,
    ): Promise<Page<AuditEntry>> {
      const place = partitionOf(owner);
      return listIn([[keys.sessionAudit(place), place.partition]], isWanted, times, page);
    },

    /**
     * Follows the log: each call returns the entries since the last one, oldest first. The first call returns the latest `limit`. One that
     * fails can be repeated, and loses no entry.
     */
    follow(workspaceId: string, limit: number): () => Promise<AuditEntry[]> {
      const logs = logsOf(workspaceId);
      // Each log has its own last entry: the clocks of nodes differ.
      const last = logs.map(() => '0-0');
      let isFirst = true;
      return async () => {
        const parts = await Promise.all(
          logs.map(async (name, log) => {
            const found = await redis.run((client) =>
              isFirst
                ? client.xRevRange(name, '+', String(oldestNow()), { COUNT: limit })
                : client.xRange(name, `(${last[log]}`, '+', { COUNT: scanLimit }),
            );
            return (found ?? []).map((one) => foundIn(log, one));
          }),
        );
        for (const [log, found] of parts.entries()) {
          const newest = isFirst ? found[0] : found.at(-1);
          if (newest !== undefined) last[log] = newest.id;
        }
        const entries = parts.flat().sort((a, b) => (isEarlier(a.place, b.place) ? -1 : 1));
        const wanted = isFirst ? entries.slice(-limit) : entries;
        isFirst = false;
        return wanted.map(({ entry }) => entry);
      };
    },
  };
}
