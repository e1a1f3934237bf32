import { isDeepStrictEqual } from 'node:util';
import type { AuditResource } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import type { AuditRecord, Author } from '../../store/audit.ts';

export type { Author };

/** A person at the command line, who is not identified. */
export const commandLine: Author = { actor: { type: 'cli' } };

/** The audit record of a change: the fields that changed, before and after. */
export function recordOf(
  { actor, ip, userAgent, requestId }: Author,
  action: Known<'AuditAction'>,
  resource: AuditResource,
  before?: object,
  after?: object,
): AuditRecord {
  const [was, is] = [before, after].map((state) => ({ ...state }) as Record<string, unknown>);
  const changed = (mine: Record<string, unknown> = {}, other: Record<string, unknown> = {}) =>
    Object.fromEntries(Object.entries(mine).filter(([name, value]) => !isDeepStrictEqual(value, other[name])));
  return {
    action,
    actor,
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
    ...(requestId !== undefined && { requestId }),
    resource,
    ...(before !== undefined && { before: changed(was, is) }),
    ...(after !== undefined && { after: changed(is, was) }),
  };
}
