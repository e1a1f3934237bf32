/**
 * What an audit log says that was changed after a backup was made, by resource: only the last state of each counts. So changes can be
 * made again in any order, and again after a kill, with the same outcome.
 */
import type { AuditEntry } from '../../../../generated/client/types.gen.ts';

/** What happened to one resource. */
export interface Replay {
  type: string;
  id: string;
  /** When it was created, in Unix ms: after the backup, the backup does not have it. */
  createdAt?: number;
  /** Whether it was deleted, revoked or erased. */
  isDeleted: boolean;
  /** The last value of each field that was changed; null for one that was cleared. */
  changes: Record<string, unknown>;
  /** Fields whose last value is too long for an entry. */
  unknown: Set<string>;
  /** When a key ends that was rerolled, in Unix ms. */
  endsAt?: number;
  /** The user of an identity. */
  externalId?: string;
}

/** The entries of sessions change nothing: all sessions end. */
export const isOfSession = ({ action }: Pick<AuditEntry, 'action'>): boolean => action.startsWith('session.');

/** How store/audit-entry.ts writes a value that is too long. */
const isSize = (value: unknown) => typeof value === 'string' && /^\(\d+ bytes\)$/.test(value);

/** The fields that an entry has because of the change itself. */
const ofChange = new Set(['updatedAt', 'version', 'createdAt', 'lastUsedAt', 'start']);

function addChanges(replay: Replay, { before = {}, after = {} }: AuditEntry): void {
  const cleared = Object.keys(before).filter((name) => !(name in after));
  for (const [name, value] of [...Object.entries(after), ...cleared.map((name) => [name, null] as const)]) {
    if (ofChange.has(name)) continue;
    if (isSize(value)) {
      replay.unknown.add(name);
      delete replay.changes[name];
    } else {
      replay.unknown.delete(name);
      replay.changes[name] = partsOf(value, before[name]);
    }
  }
}

/** Of branding, the parts that were cleared are null. Everything else is replaced as a whole. */
function partsOf(value: unknown, before: unknown): unknown {
  const isBranding = typeof value === 'object' && value !== null && 'primaryColor' in value;
  if (!isBranding || typeof before !== 'object' || before === null) return value;
  return { ...Object.fromEntries(Object.keys(before).map((name) => [name, null])), ...value };
}

const blank = (type: string, id: string): Replay => ({ type, id, isDeleted: false, changes: {}, unknown: new Set() });

/** How each action of the contract changes what is known of its resource. */
function add(replay: Replay, entry: AuditEntry): void {
  const verb = entry.action.split('.')[1];
  if (verb === 'create' || verb === 'import') {
    replay.createdAt = entry.time;
    addChanges(replay, entry);
  } else if (verb === 'update') addChanges(replay, entry);
  else if (verb === 'delete' || verb === 'revoke') replay.isDeleted = true;
  else if (verb === 'reroll') {
    const [expires, overlap] = [entry.before?.['expires'], entry.after?.['expiration']].map(Number) as [number, number];
    const end = entry.time + (overlap || 0);
    replay.endsAt = Math.min(end, expires || end, replay.endsAt ?? end);
  }
  const externalId = entry.subject?.externalId;
  if (externalId !== undefined) replay.externalId = externalId;
}

/**
 * The changes of these entries by resource.
 *
 * @param entries in any order, and each any number of times
 * @param since the entries before it are not needed, in Unix ms
 */
export function replaysOf(entries: readonly AuditEntry[], since: number): Replay[] {
  const place = ({ auditId }: AuditEntry) => auditId.split('-').map(Number) as [number, number];
  const inOrder = entries
    .filter((entry) => entry.time > since && !isOfSession(entry))
    .toSorted((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
  const replays = new Map<string, Replay>();
  for (const entry of inOrder) {
    const { type, id } = entry.resource;
    const replay = replays.get(id) ?? blank(type, id);
    add(replay, entry);
    replays.set(id, replay);
    // Nothing else says that this key was created.
    const successor = entry.after?.['successor'];
    if (typeof successor === 'string') replays.set(successor, { ...blank(type, successor), createdAt: entry.time });
  }
  return [...replays.values()];
}
