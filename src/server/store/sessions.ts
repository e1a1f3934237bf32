import { invalidInput, Problem } from '../problem.ts';
import type { AuditArgs, AuditLog, AuditRecord, Change } from './audit.ts';
import { borrowedBytes } from './borrowed-bytes.ts';
import { choresOf } from './chores.ts';
import {
  type CheckedControl,
  type Control,
  type ControlStore,
  callerOf,
  controlOf,
  type PortalNow,
  requireEntry,
  requireRootKey,
} from './control.ts';
import type { Portal } from './control-data.ts';
import type { Home } from './home.ts';
import { identityOf, whileNotErased } from './identities.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { placeOf } from './page.ts';
import { partitionOf } from './partitions.ts';
import { portalLists } from './portal-lists.ts';
import {
  accepted,
  type Manager,
  type RootKeyToVerify,
  recordToVerify,
  type SessionProof,
  type SessionRef,
} from './proof.ts';
import { borrowedCalls, countOnce, type RateLimits, type RootKeyLimiter } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { browserSessionTtlSeconds, longestLifeSeconds, notExchanged, sessionOverhead } from './scripts/sessions.ts';
import { type FoundSession, partsOf, type Session, type SessionGrant, sessionReader } from './session-reader.ts';

export { browserSessionTtlSeconds };

/** How many sessions a process adds to the list of a portal in one partition before it removes ended ones again. */
const sessionsBetween = 32;
/** The user in an audit entry whose caller does not know the user yet. */
const unknownUser = '"externalId":""';

/** The user, the portal and the person of a session, as an audit entry has them after `"externalId":`. */
function whoOf({ externalId, actor }: SessionGrant, portalId: string): string {
  const person = actor === undefined ? '' : `,"person":${JSON.stringify(actor)}`;
  return `${JSON.stringify(externalId)},"portalId":"${portalId}"${person}`;
}

/** An active browser session that Redis has verified during this call, with its portal. */
export interface AuthenticatedSession extends Session, SessionProof {
  portal: Portal;
}

/** A session as its link shows it: nothing is verified but that the id is or was one. */
export interface LinkedSession {
  portal: Portal;
  grant: SessionGrant;
  /** Whether the link was exchanged. */
  isUsed: boolean;
}

/** Who is signed in with a browser: a user of a portal, several users, or nobody. */
export type SignedIn = { portalId: string; externalId: string } | 'several' | 'nobody';

const signedInUser = (user: SignedIn) =>
  typeof user === 'object'
    ? `${user.portalId}\n${JSON.stringify(user.externalId)}`
    : { several: 'several', nobody: '' }[user];

const refusedReturnUrl = () =>
  invalidInput({
    location: 'body.returnUrl',
    message: 'leads to an origin that the portal does not allow',
    fix: 'Add its origin to allowedReturnOrigins of the portal.',
  });

/** Whether a session of the portal may return to this origin: that of the portal's own return URL, or one on its list. */
const allowsReturnTo = ({ returnUrl, allowedReturnOrigins }: Portal, origin: string): boolean =>
  allowedReturnOrigins.includes(origin) || (returnUrl !== undefined && new URL(returnUrl).origin === origin);

/** The usable portals among those that were used last and the one that was just read, as `exchangeSession` takes them. */
function openPortals(
  control: ControlStore,
  checked: CheckedControl,
  pageOrigin: string,
  justRead?: PortalNow,
  requirePortal: (portal: Portal) => void = () => {},
): string {
  // Others may have been used since it was read, so it need not be among the last ones any more.
  const entries = [...control.lastEntries(checked), ...(justRead === undefined ? [] : [justRead])];
  const open = entries.filter((entry) => {
    try {
      requirePortal(requireEntry({ ...checked, entry }, { epoch: entry.epoch, pageOrigin }));
      return true;
    } catch {
      return false;
    }
  });
  return `\n${open.map(({ portal, epoch }) => `${portal.portalId} ${epoch}\n`).join('')}`;
}

export function sessionStore(
  redis: Redis,
  audit: AuditLog,
  home: Home,
  control: ControlStore,
  limiter: RootKeyLimiter,
  { session: limit }: RateLimits,
  quota: Quota,
  { sessionsPerUser: maxSessions }: StoreLimits,
) {
  const chores = choresOf(sessionsBetween);
  const borrowed = borrowedCalls(limit);
  const bytesLent = borrowedBytes();

  return {
    ...sessionReader(redis, control),

    /**
     * Writes a session for the portal with this slug in the root key's workspace, and the record of a user who has none. Returns when
     * it expires, in Unix ms.
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, portal_config_not_found, forbidden, invalid_input,
     *   identity_deletion_in_progress, rate_limited, limit_exceeded, service_unavailable
     */
    async create(
      ref: SessionRef,
      grant: SessionGrant,
      { proof: rootKey, entry }: Change<RootKeyToVerify>,
    ): Promise<{ expiresAt: number; hostname?: string }> {
      const { workspaceId } = recordToVerify(rootKey);
      const { slug, createdAt, returnUrl, externalId } = grant;
      const origin = returnUrl === undefined ? undefined : new URL(returnUrl).origin;
      const owner = { workspaceId, externalId };
      const wanted = { rootKeyHash: rootKey.hash, slug };
      await control.current(workspaceId, { rootKeyHash: rootKey.hash }, requireRootKey);
      await countOnce(limiter, workspaceId, rootKey);
      const check = (now: Control) => {
        requireRootKey(now);
        if (now.entry === undefined) throw new Problem('unkey/data/portal_config_not_found');
        if (!now.entry.portal.enabled) throw new Problem('unkey/authorization/forbidden');
        if (origin !== undefined && !allowsReturnTo(now.entry.portal, origin)) throw refusedReturnUrl();
      };
      let hostname: string | undefined;
      const write = (checked: CheckedControl) => {
        // It was checked.
        const { portal, epoch } = checked.entry as PortalNow;
        const { portalId } = portal;
        hostname = portal.hostname;
        const portalSessions = keys.portalSessions(ref, portalId, epoch);
        const isSettling = chores.isDue(portalSessions);
        const session = [
          `${ref.hash} ${notExchanged}`,
          `${portalId} ${epoch}`,
          whoOf(grant, portalId),
          JSON.stringify(grant),
        ].join('\n');
        const about = { ...entry, subject: { externalId, portalId } };
        const bytes = Buffer.byteLength(session) + sessionOverhead;
        // A failover can lose what was lent over the last connection.
        const lender = `${redis.connection()} ${keys.partitionQuota(ref)}`;
        const run = async (lent: string, args: AuditArgs, logKey: { audit: string }) => {
          const reply = await redis.run((client) =>
            client.createSession({
              keys: {
                ...controlOf.keys(ref),
                ...logKey,
                session: keys.session(ref, ref.handle),
                quota: keys.partitionQuota(ref),
                portalSessions,
                userSessions: keys.userSessions(owner),
                ...identityOf.keys(owner),
              },
              args: {
                ...controlOf.args(checked),
                ...args,
                quotaBytes: quota.args.quotaBytes,
                maxSessions,
                ...identityOf.args(owner, createdAt),
                session,
                ...{ bytes, lent },
                place: placeOf(createdAt, ref.handle),
                deadBelow: isSettling ? placeOf(createdAt - longestLifeSeconds * 1000, '') : '',
              },
            }),
          );
          if (reply.outcome === 'ok') chores.done(portalSessions, isSettling);
          return reply;
        };
        return bytesLent.write(lender, bytes, (lent) =>
          audit.write(keys.sessionAudit(ref), about, (args, logKey) => run(lent, args, logKey)),
        );
      };
      const create = () => control.run(ref, wanted, check, write);
      let reply = await create();
      if (reply.outcome === 'quota_exceeded') {
        // Some of the bytes may be of sessions that have ended.
        await redis.run((client) => client.sweepQuota({ keys: { quota: keys.partitionQuota(ref) } }));
        reply = await create();
      }
      if (reply.outcome === 'too_many_sessions') throw limitReached(`${maxSessions} sessions per user`);
      const { expiresAt } = whileNotErased(quota.within(reply));
      return { expiresAt, ...(hostname !== undefined && { hostname }) };
    },

    /**
     * Turns a session into a browser session of the same workspace, once. Returns when that expires, in Unix ms, or why it
     * was not written. The same two again, within `repeatSeconds`, get the same reply. The session id is the proof.
     *
     * @param signedIn who is signed in with the browser, and must not be replaced by another user
     * @param requirePortal throws if the portal cannot be used where the request was sent
     * @throws Problem portal_session_not_found, foreign_origin, workspace_disabled, forbidden, other_user_signed_in,
     *   service_unavailable
     */
    async exchange(
      session: SessionRef,
      browserSession: SessionRef,
      entry: AuditRecord,
      {
        pageOrigin = '',
        signedIn = 'nobody',
        requirePortal = () => {},
      }: {
        pageOrigin?: string | undefined;
        signedIn?: SignedIn;
        requirePortal?: ((portal: Portal) => void) | undefined;
      } = {},
    ): Promise<{ expiresAt: number }> {
      const { workspaceId, handle } = session;
      const named = { ...entry, actor: { ...entry.actor, externalId: '' } };
      const spend = (checked: CheckedControl, justRead?: PortalNow) =>
        audit.write(keys.sessionAudit(session), named, (args, logKey) => {
          // Where the text of the user is in the entry. Only names of ours come before it.
          const userAt = args.auditEntry.indexOf(unknownUser) + unknownUser.length - 2;
          return redis.run((client) =>
            client.exchangeSession({
              keys: {
                ...controlOf.keys(session),
                ...logKey,
                record: keys.session(session, handle),
                quota: keys.partitionQuota(session),
              },
              args: {
                ...controlOf.args(checked),
                ...args,
                auditEntry: args.auditEntry.slice(0, userAt),
                restOfEntry: args.auditEntry.slice(userAt + 2),
                sessionHash: session.hash,
                tokenHash: browserSession.hash,
                openPortals: openPortals(control, checked, pageOrigin, justRead, requirePortal),
                signedInUser: signedInUser(signedIn),
              },
            }),
          );
        });
      const reply = await control.run(
        session,
        {},
        () => {},
        async (checked) => {
          const first = await spend(checked);
          if (first.outcome !== 'unknown_portal') return first;
          const [portalId = '', epoch = ''] = first.portal.split(' ');
          const now = await control.at(workspaceId, checked.version, { portalId });
          if (now === undefined) return { outcome: 'outdated' as const, version: checked.version };
          requirePortal(requireEntry(now, { epoch, pageOrigin }));
          return spend(checked, now.entry);
        },
      );
      if (reply.outcome === 'other_user') throw new Problem('unkey/authentication/other_user_signed_in');
      if (reply.outcome === 'unknown_portal') throw new Error('a portal that was just read is known');
      return accepted(reply);
    },

    /**
     * Verifies a browser session, and counts the call.
     *
     * @param pageOrigin the origin of the page that sends the request, if it is a page of another origin than the portal
     * @throws Problem portal_session_not_found, foreign_origin, workspace_disabled, forbidden, rate_limited,
     *   service_unavailable
     */
    async verify(ref: SessionRef, pageOrigin = ''): Promise<AuthenticatedSession> {
      const { workspaceId, hash, handle } = ref;
      const callingSession = keys.session(ref, handle);
      let isCounted = false;
      /** The portal of a session, at the version of the control data with which the session was read. */
      const entryOf = async (checked: CheckedControl, { portalId, epoch }: { portalId: string; epoch: string }) => {
        const now = await control.at(workspaceId, checked.version, { portalId });
        return now && { portal: requireEntry(now, { epoch, pageOrigin }), epoch };
      };
      const outdated = ({ version }: CheckedControl) => ({ outcome: 'outdated' as const, version });

      /** Reads the session and the version of its partition in one step. */
      const readOnly = async (checked: CheckedControl) => {
        const [version, session] = await redis.run((client) => client.mGet([keys.controlSeen(ref), callingSession]));
        if ((version ?? '0') !== checked.version) return { outcome: 'outdated' as const, version: version ?? '0' };
        if (session?.slice(0, hash.length) !== hash) return { outcome: 'session_not_found' as const };
        return { outcome: 'ok' as const, session };
      };
      /** Reads the session, counts the call and borrows more. */
      const readAndCount = async (checked: CheckedControl, justRead?: PortalNow) => {
        const { args, accept } = borrowed.ask(hash);
        const reply = await redis.run((client) =>
          client.findSession({
            keys: { ...controlOf.keys(ref), callingSession, calls: keys.sessionCalls(ref, handle) },
            args: {
              ...controlOf.args(checked),
              tokenHash: hash,
              openPortals: openPortals(control, checked, pageOrigin, justRead),
              ...args,
            },
          }),
        );
        if (reply.outcome === 'rate_limited' || reply.outcome === 'ok') accept(reply);
        isCounted = reply.outcome === 'ok';
        return reply;
      };
      const read = async (checked: CheckedControl) => {
        let reply = isCounted || borrowed.knows(hash) ? await readOnly(checked) : await readAndCount(checked);
        if (reply.outcome === 'unknown_portal') {
          const [portalId = '', epoch = ''] = reply.portal.split(' ');
          const entry = await entryOf(checked, { portalId, epoch });
          if (entry === undefined) return outdated(checked);
          reply = await readAndCount(checked, entry);
        }
        if (reply.outcome === 'unknown_portal') throw new Error('a portal that was just read is known');
        if (reply.outcome === 'rate_limited') throw new Error('a call over the limit was accepted');
        if (reply.outcome !== 'ok') return reply;
        const parts = partsOf(reply.session);
        const entry = await entryOf(checked, parts);
        if (entry === undefined) return outdated(checked);
        // A page that the portal does not allow was refused before.
        if (!isCounted && !borrowed.take(hash)) return outdated(checked);
        return { outcome: reply.outcome, portal: entry.portal, ...parts };
      };
      const { outcome: _, ...found } = accepted(await control.run(ref, {}, () => {}, read));
      const { externalId, actor: person } = found.grant;
      const actor = {
        ...{ type: 'user', id: handle, externalId, portalId: found.portalId },
        ...(person !== undefined && { person }),
      } as const;
      return { ...found, actor, ref, pageOrigin, handle } as AuthenticatedSession;
    },

    /**
     * The session with this id and its portal, or undefined. After the exchange, Redis has the hash of the token and no longer that of the
     * id: then the handle in the id is enough. It is no credential, but nobody else has it.
     */
    async findLinked(ref: SessionRef): Promise<LinkedSession | undefined> {
      const { workspaceId, handle, hash } = ref;
      const reply = await redis.run((client) => client.readSession({ keys: { session: keys.session(ref, handle) } }));
      if (reply.outcome === 'not_found') return undefined;
      if (reply.outcome === 'pending' && reply.session.slice(0, hash.length) !== hash) return undefined;
      const { portalId, grant } = partsOf(reply.session);
      const { entry } = await control.fresh(workspaceId, { portalId });
      return entry && { portal: entry.portal, grant, isUsed: reply.outcome !== 'pending' };
    },

    /**
     * Ends one session, pending or active. False if it had already ended.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async end(
      workspaceId: string,
      { handle, grant, portalId, epoch }: Pick<FoundSession, 'handle' | 'grant' | 'portalId' | 'epoch'>,
      { proof, entry }: Change,
    ): Promise<boolean> {
      const owner = { workspaceId, externalId: grant.externalId };
      const place = partitionOf(owner);
      const end = (checked: CheckedControl) =>
        audit.write(keys.sessionAudit(place), entry, (args, logKey) => {
          const caller = callerOf.of(place, proof, checked);
          return redis.run((client) =>
            client.endSession({
              keys: {
                ...caller.keys,
                ...logKey,
                session: keys.session(place, handle),
                portalSessions: keys.portalSessions(place, portalId, epoch),
                userSessions: keys.userSessions(owner),
                quota: keys.partitionQuota(place),
              },
              args: { ...caller.args, ...args, place: placeOf(grant.createdAt, handle) },
            }),
          );
        });
      const reply = await control.run(place, callerOf.wanted(proof), (now) => callerOf.check(now, proof), end);
      return accepted(reply).outcome === 'ok';
    },

    /**
     * Ends all sessions of a portal in one step. Returns how many its lists had.
     *
     * @param even also if its lists have none: those of a backup may not have all
     * @throws Problem of a caller that is no longer valid
     */
    async endAll(workspaceId: string, slug: string, change: Change<Manager>, even?: 'without any'): Promise<number> {
      const { entry: now } = await control.fresh(workspaceId, { slug });
      const portalId = now?.portal.portalId ?? '';
      const lists = portalLists(redis, workspaceId, portalId, now?.epoch ?? '');
      const count = now === undefined ? 0 : await lists.count();
      if (now === undefined || (count === 0 && even === undefined)) {
        // Another call may have ended them just now, and not every partition knows of it.
        await control.publish(workspaceId);
        return 0;
      }
      const { outcome } = await home.change(workspaceId, change, (client, common) =>
        client.endPortalSessions({
          keys: { ...common.keys, portals: keys.portals(workspaceId), portalEpochs: keys.portalEpochs(workspaceId) },
          args: { ...common.args, portalId },
        }),
      );
      await lists.remove();
      return outcome === 'ok' ? count : 0;
    },
  };
}
