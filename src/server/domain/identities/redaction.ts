import type { AuditActor, AuditSubject } from '../../../../generated/client/types.gen.ts';

/** What identifies a user in the audit log, before and after their erasure. */
interface ErasedUser {
  externalId: string;
  identityId: string;
}

/** An entry as the log stores it. */
interface StoredEntry {
  actor: AuditActor;
  ip?: string;
  userAgent?: string;
  subject?: AuditSubject;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** Whether an entry is about the user. Older entries name the user only among the changed fields. */
const isAbout = ({ actor, subject, before, after }: StoredEntry, externalId: string): boolean =>
  [actor, subject, before, after].some((part) => part?.['externalId' as never] === externalId);

/**
 * An entry of the audit log as JSON, without the user: what they did stays, but not who they are, from where they did it, and what
 * they entered. Entries about others stay as they are.
 */
export function redactedEntry(text: string, { externalId, identityId }: ErasedUser): string {
  const entry: StoredEntry = JSON.parse(text);
  if (!isAbout(entry, externalId)) return text;
  const { actor, ip, userAgent, subject: _, before: __, after: ___, ...rest } = entry;
  const { externalId: ____, person: _____, portalId: ______, ...tool } = actor;
  const isUser = actor.type === 'user';
  return JSON.stringify({
    ...rest,
    actor: tool,
    ...(!isUser && ip !== undefined && { ip }),
    ...(!isUser && userAgent !== undefined && { userAgent }),
    subject: { identityId, erased: true },
  });
}
