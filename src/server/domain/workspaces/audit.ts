import { isDeepStrictEqual } from 'node:util';
import type { AuditActor, AuditResource, AuditSubject } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import type { Author, Change } from '../../store/audit.ts';

export type { Author };

/** The fields of one state that the other does not have, or has with another value. */
function changed(one: object, other: object = {}): Record<string, unknown> {
  const others: Record<string, unknown> = { ...other };
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(one)) {
    if (!isDeepStrictEqual(value, others[name])) fields[name] = value;
  }
  return fields;
}

/**
 * A change by its author, with its entry in the audit log: the fields that changed, before and after.
 *
 * @param subject the user whom it affects, if the author is not that user: their own log and their erasure find the entry by it
 */
export function changeOf<P extends { actor: AuditActor }>(
  { proof, ip, userAgent, requestId }: Author<P>,
  action: Known<'AuditAction'>,
  resource: AuditResource,
  before?: object,
  after?: object,
  subject?: AuditSubject,
): Change<P> {
  const entry = {
    action,
    actor: proof.actor,
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
    ...(requestId !== undefined && { requestId }),
    resource,
    ...(subject !== undefined && { subject }),
    ...(before !== undefined && { before: changed(before, after) }),
    ...(after !== undefined && { after: changed(after, before) }),
  };
  return { proof, entry };
}
