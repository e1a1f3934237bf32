import type { AuditActor, AuditEntry, AuditResource } from '../../../generated/client/types.gen.ts';
import type { Known } from '../../../generated/known-values.ts';
import { entryText } from './audit-entry.ts';
import { keys } from './keys.ts';
import type { Page, PageRequest } from './page.ts';
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
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** Which entries to list. */
export interface AuditFilter {
  action?: Known<'AuditAction'> | undefined;
  actorId?: string | undefined;
  externalId?: string | undefined;
  resourceId?: string | undefined;
  startTime?: number | undefined;
  endTime?: number | undefined;
}

/** The size of the audit log of each workspace: about `maxEntries` entries, none older than `maxAgeDays`. */
export interface AuditLimits {
  maxEntries: number;
  maxAgeDays: number;
}

/** How many entries one page reads at most: its cost must not grow with the log. */
const scanLimit = 1000;

const secondsPerDay = 86_400;

/** The arguments by which a script writes an audit entry. */
export interface AuditLog {
  args(record: AuditRecord): { auditEntry: string; auditMaxEntries: number; auditMaxAgeSeconds: number };
}

export const auditLog = ({ maxEntries, maxAgeDays }: AuditLimits): AuditLog => ({
  args: (record) => ({
    auditEntry: entryText(record),
    auditMaxEntries: maxEntries,
    auditMaxAgeSeconds: maxAgeDays * secondsPerDay,
  }),
});

function matches(entry: AuditEntry, { action, actorId, externalId, resourceId }: AuditFilter): boolean {
  return (
    (action === undefined || entry.action === action) &&
    (actorId === undefined || entry.actor.id === actorId) &&
    (externalId === undefined || entry.actor.externalId === externalId) &&
    (resourceId === undefined || entry.resource.id === resourceId)
  );
}

const entryOf = ({ id, message }: { id: string; message: Record<string, string> }): AuditEntry => ({
  auditId: id,
  time: Number(id.split('-')[0]),
  ...JSON.parse(message['entry'] ?? '{}'),
});

export function auditStore(redis: Redis, { maxAgeDays }: AuditLimits) {
  return {
    /**
     * One page of a workspace's audit log, newest first. Reads at most `scanLimit` entries, so a page may be short although
     * more follow.
     */
    async list(workspaceId: string, filter: AuditFilter, { limit, after }: PageRequest): Promise<Page<AuditEntry>> {
      // Trimming is approximate. Entries that are too old are left out.
      const oldest = Math.max(Date.now() - maxAgeDays * secondsPerDay * 1000, filter.startTime ?? 0);
      const newest = after === undefined ? String(filter.endTime ?? '+') : `(${after}`;
      const found = await redis.run((client) =>
        client.xRevRange(keys.audit(workspaceId), newest, String(oldest), { COUNT: scanLimit }),
      );
      const read = (found ?? []).map(entryOf);
      const items = read
        .filter((entry) => matches(entry, filter) && entry.time <= (filter.endTime ?? Number.MAX_SAFE_INTEGER))
        .slice(0, limit + 1);
      const last = items.length > limit ? items[limit - 1] : read.length === scanLimit ? read.at(-1) : undefined;
      return { items: items.slice(0, limit), ...(last !== undefined && { next: last.auditId }) };
    },

    /** The entries after an entry, oldest first. */
    async listSince(workspaceId: string, auditId: string): Promise<AuditEntry[]> {
      const found = await redis.run((client) =>
        client.xRange(keys.audit(workspaceId), `(${auditId}`, '+', { COUNT: scanLimit }),
      );
      return (found ?? []).map(entryOf);
    },
  };
}
