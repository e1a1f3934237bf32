import { isDeepStrictEqual } from 'node:util';
import type { AuditActor, AuditResource } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import type { Author, Change } from '../../store/audit.ts';

export type { Author };

/** A change by its author, with its entry in the audit log: the fields that changed, before and after. */
export function changeOf<P extends { actor: AuditActor }>(
  { proof, ip, userAgent, requestId }: Author<P>,
  action: Known<'AuditAction'>,
  resource: AuditResource,
  before?: object,
  after?: object,
): Change<P> {
  const [was, is] = [before, after].map((state) => ({ ...state }) as Record<string, unknown>);
  const changed = (mine: Record<string, unknown> = {}, other: Record<string, unknown> = {}) =>
    Object.fromEntries(Object.entries(mine).filter(([name, value]) => !isDeepStrictEqual(value, other[name])));
  const entry = {
    action,
    actor: proof.actor,
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
    ...(requestId !== undefined && { requestId }),
    resource,
    ...(before !== undefined && { before: changed(was, is) }),
    ...(after !== undefined && { after: changed(is, was) }),
  };
  return { proof, entry };
}
