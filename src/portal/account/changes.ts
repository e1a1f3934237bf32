import type { UserAuditEntry } from '../../../generated/client/types.gen.ts';

/** A field that an action has changed. A missing value means that the field was not there before, or is not there any more. */
export interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

/** Fields that change with every change. */
const ignored = ['updatedAt', 'version'];
/** Fields whose parts say nothing alone. */
const whole = ['ratelimit'];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compares by value. The server writes fields in a fixed order. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The changed fields of an entry that has a state before and after. Parts of a nested field have a path: `meta.team`. */
export function changesOf({ before, after }: Pick<UserAuditEntry, 'before' | 'after'>): Change[] {
  if (before === undefined || after === undefined) return [];
  return differences(before, after, '');
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>, path: string): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !ignored.includes(name) && !isSame(before[name], after[name]))
    .flatMap((name) => {
      const [old, now] = [before[name], after[name]];
      const field = `${path}${name}`;
      return isRecord(old) && isRecord(now) && !whole.includes(name)
        ? differences(old, now, `${field}.`)
        : [{ field, before: old, after: now }];
    });
}

/** What an entry is about: the name of the resource if it has one, or its id. Sessions have no name that a person knows. */
export function subjectOf({ before, after, resource }: UserAuditEntry): string | undefined {
  if (resource.type === 'session') return undefined;
  const { name, start } = { ...before, ...after };
  return [name, start].find((text): text is string => typeof text === 'string' && text !== '') ?? resource.id;
}

/** The name of the message for an action: `key.create` → `key_create`. A message name has no dot. */
export const messageOf = (action: string): string => action.replaceAll('.', '_');
