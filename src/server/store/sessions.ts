import { invalidInput, Problem } from '../problem.ts';
import type { AuditLog, AuditRecord, Change } from './audit.ts';
import { choresOf } from './chores.ts';
import {
  type CheckedControl,
  type Control,
  type ControlStore,
  controlOf,
  requireEntry,
  requireRootKey,
  sessionOf,
} from './control.ts';
import type { Home } from './home.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { placeOf } from './page.ts';
import { type Owner, type Partition, partitionOf } from './partitions.ts';
import { portalLists } from './portal-lists.ts';
import type { Portal } from './portals.ts';
import { accepted, type Manager, type Proof, type RootKeyToVerify, recordToVerify, type SessionProof, type SessionRef } from './proof.ts';
import { countOnce, type RateLimits, type RootKeyLimiter, withinLimit } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import {
  credentialKey,
  type FoundSession,
  grantOf,
  partitionOfHandle,
  type Session,
  type SessionGrant,
  sessionReader,
} from './session-reader.ts';

/** How long a session id can be exchanged, in seconds. */
const sessionTtlSeconds = 900;
/** How long a browser session is valid, in seconds. */
export const browserSessionTtlSeconds = 86_400;
/** For how long an exchange can be repeated, in seconds. */
const repeatSeconds = 300;
/** After this time no session can still be active, in seconds. */
const longestLifeSeconds = sessionTtlSeconds + browserSessionTtlSeconds;
/** How many sessions a process adds to the list of a portal in one partition before it removes ended ones again. */
const sessionsBetween = 32;
/** The user in an audit entry whose caller does not know the user yet. */
const unknownUser = '"externalId":""';

/** An active browser session that Redis has verified during this call, with its portal. */
export interface AuthenticatedSession extends Session, SessionProof {
  /** The record of its handle. */
  record: string;
  portal: Portal;
}

/** Who is signed in with a browser: a user of a portal, several users, or nobody. */
export type SignedIn = { portalId: string; externalId: string } | 'several' | 'nobody';

const signedInUser = (user: SignedIn) =>
  typeof user === 'object' ? `${user.portalId}\n${JSON.stringify(user.externalId)}` : { several: 'several', nobody: '' }[user];

const refusedReturnUrl = () =>
  invalidInput({
    location: 'body.returnUrl',
    message: 'leads to an origin that the portal does not allow',
    fix: 'Add its origin to allowedReturnOrigins of the portal.',
  });

/** Whether a session of the portal may return to this origin: that of the portal's own return URL, or one on its list. */
const allowsReturnTo = ({ returnUrl, allowedReturnOrigins }: Portal, origin: string): boolean =>
  allowedReturnOrigins.includes(origin) || (returnUrl !== undefined && new URL(returnUrl).origin === origin);

/**
 * The control data by which a script in a partition accepts the caller.
 *
 * @throws Problem of a caller that is no longer valid
 */
function requireCaller(control: Control, proof: Proof): void {
  if ('ref' in proof) requireEntry(control, proof);
  else if ('verification' in proof) requireRootKey(control);
  else if (control.workspace === undefined) throw new Problem('unkey/data/workspace_not_found');
}

/** What a check of the caller needs to know. */
const wantedOf = (proof: Proof) => {
  if ('ref' in proof) return { portalId: proof.portalId };
  return 'verification' in proof ? { rootKeyHash: proof.hash } : {};
};

/** The usable portals that were used last, as `exchangeSession` takes them. */
function openPortals(control: ControlStore, checked: CheckedControl, pageOrigin: string): string {
  const open = control.lastEntries(checked).filter((entry) => {
    try {
      requireEntry({ ...checked, entry }, { epoch: entry.epoch, pageOrigin });
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

  return {
    ...sessionReader(redis, control),

    /**
     * Writes a session for the portal with this slug in the root key's workspace. Returns when it expires, in Unix ms.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, portal_config_not_found, forbidden, invalid_input,
     *   rate_limited, limit_exceeded, service_unavailable
     */
    async create(
      place: Partition,
      { hash, handle, grant }: { hash: string; handle: string; grant: SessionGrant },
      { proof: rootKey, entry }: Change<RootKeyToVerify>,
    ): Promise<number> {
      const { workspaceId } = recordToVerify(rootKey);
      const { slug, createdAt, returnUrl, externalId } = grant;
      const origin = returnUrl === undefined ? undefined : new URL(returnUrl).origin;
      const wanted = { rootKeyHash: rootKey.hash, slug };
      await countOnce(limiter, workspaceId, rootKey).catch(async (error: unknown) => {
        await control.current(workspaceId, { rootKeyHash: rootKey.hash }, requireRootKey);
        throw error;
      });
      const check = (now: Control) => {
        requireRootKey(now);
        if (now.entry === undefined) throw new Problem('unkey/data/portal_config_not_found');
        if (!now.entry.portal.enabled) throw new Problem('unkey/authorization/forbidden');
        if (origin !== undefined && !allowsReturnTo(now.entry.portal, origin)) throw refusedReturnUrl();
      };
      const write = (checked: CheckedControl) => {
        const { portal, epoch } = checked.entry ?? {};
        const portalId = String(portal?.portalId);
        const index = keys.portalSessions(place, portalId, String(epoch));
        const isSettling = chores.isDue(index);
        return audit.write(keys.sessionAudit(place), entry, async (args, logKey) => {
          const reply = await redis.run((client) =>
            client.createSession({
              keys: {
                ...controlOf.keys(place),
                ...logKey,
                session: keys.session(place, hash),
                handle: keys.handle(place, handle),
                handles: keys.handle(place, ''),
                quota: keys.partitionQuota(place),
                portalSessions: index,
                userSessions: keys.userSessions({ workspaceId, externalId }),
              },
              args: {
                ...controlOf.args(checked),
                ...args,
                ...quota.args,
                maxSessions,
                session: [portalId, epoch, handle, JSON.stringify(externalId), JSON.stringify(grant)].join('\n'),
                handleRecord: [portalId, epoch, 'pending', hash].join('\n'),
                ttlSeconds: sessionTtlSeconds,
                place: placeOf(createdAt, handle),
                deadBelow: placeOf(createdAt - longestLifeSeconds * 1000, ''),
                // Two hours more: the index of a portal gets it again after an hour at most.
                indexTtlSeconds: longestLifeSeconds + 7200,
                isSettling: Number(isSettling),
              },
            }),
          );
          if (reply.outcome === 'ok') chores.done(index, isSettling);
          return reply;
        });
      };
      const reply = quota.within(await control.run(place, wanted, check, write));
      if (reply.outcome === 'too_many_sessions') throw limitReached(`${maxSessions} sessions per user`);
      return reply.expiresAt;
    },

    /**
     * Turns a session into a browser session of the same workspace, once. Returns when that expires, in Unix ms, or why it
     * was not written. The same two again, within `repeatSeconds`, get the same reply. The session id is the proof.
     *
     * @param signedIn who is signed in with the browser, and must not be replaced by another user
     * @throws Problem portal_session_not_found, foreign_origin, workspace_disabled, forbidden, other_user_signed_in,
     *   service_unavailable
     */
    async exchange(
      session: SessionRef & { handle: string },
      browserSession: SessionRef,
      entry: AuditRecord,
      { pageOrigin = '', signedIn = 'nobody' }: { pageOrigin?: string | undefined; signedIn?: SignedIn } = {},
    ): Promise<{ expiresAt: number }> {
      const { workspaceId } = session;
      const named = { ...entry, actor: { ...entry.actor, externalId: '' } };
      const spend = (checked: CheckedControl) =>
        audit.write(keys.sessionAudit(session), named, (args, logKey) =>
          redis.run((client) =>
            client.exchangeSession({
              keys: {
                ...controlOf.keys(session),
                ...logKey,
                session: keys.session(session, session.hash),
                browserSession: keys.browserSession(session, browserSession.hash),
                handle: keys.handle(session, session.handle),
                quota: keys.partitionQuota(session),
              },
              args: {
                ...controlOf.args(checked),
                ...args,
                // Where the text of the user is in the entry. Only names of ours come before it.
                userAt: args.auditEntry.indexOf(unknownUser) + unknownUser.length - 2,
                ttlSeconds: browserSessionTtlSeconds,
                tokenHash: browserSession.hash,
                repeatableAboveSeconds: browserSessionTtlSeconds - repeatSeconds,
                openPortals: openPortals(control, checked, pageOrigin),
                signedInUser: signedInUser(signedIn),
              },
            }),
          ),
        );
      const reply = await control.run(
        session,
        {},
        () => {},
        async (checked) => {
          const first = await spend(checked);
          if (first.outcome !== 'unknown_portal') return first;
          const { portalId, epoch } = first;
          const now = await control.at(workspaceId, checked.version, { portalId });
          if (now === undefined) return { outcome: 'outdated' as const, version: checked.version };
          requireEntry(now, { epoch, pageOrigin });
          // This portal is among the last ones now.
          return spend(now as CheckedControl);
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
      const { workspaceId, hash } = ref;
      let isCounted = false;
      const read = async (checked: CheckedControl) => {
        const reply = await redis.run((client) =>
          client.findSession({
            keys: {
              ...controlOf.keys(ref),
              browserSession: keys.browserSession(ref, hash),
              sessionCalls: keys.sessionCalls(ref, hash),
            },
            args: { ...controlOf.args(checked), callLimit: isCounted ? 0 : limit },
          }),
        );
        if (reply.outcome !== 'ok') return reply;
        isCounted = true;
        const [portalId = '', epoch = '', handle = ''] = reply.session.split('\n', 3);
        const now = await control.at(workspaceId, checked.version, { portalId });
        if (now === undefined) return { outcome: 'outdated' as const, version: checked.version };
        const portal = requireEntry(now, { epoch, pageOrigin });
        return { ...reply, portal, portalId, epoch, handle };
      };
      const found = withinLimit(accepted(await control.run(ref, {}, () => {}, read)), limit);
      const { session, expiresAt, portal, portalId, epoch, handle } = found;
      const grant = grantOf(session);
      return {
        actor: { type: 'user', id: handle, externalId: grant.externalId },
        ref,
        pageOrigin,
        portalId,
        epoch,
        handle,
        record: [portalId, epoch, 'active', hash].join('\n'),
        grant,
        expiresAt,
        portal,
      } as AuthenticatedSession;
    },

    /** The portal of the session with this handle, pending or exchanged, or undefined. */
    async findPortal(workspaceId: string, handle: string): Promise<Portal | undefined> {
      const place = partitionOfHandle(workspaceId, handle);
      const record = place && (await redis.run((client) => client.get(keys.handle(place, handle))));
      if (record == null) return undefined;
      const portalId = String(record.split('\n', 1)[0]);
      return (await control.fresh(workspaceId, { portalId })).entry?.portal;
    },

    /**
     * Ends one session. 'changed' if it was exchanged in the meantime, 'not_found' if it had already ended.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async end(
      workspaceId: string,
      { handle, grant, record }: Pick<FoundSession, 'handle' | 'grant' | 'record'>,
      { proof, entry }: Change,
    ): Promise<'ok' | 'changed' | 'not_found'> {
      const owner: Owner = { workspaceId, externalId: grant.externalId };
      const place = partitionOf(owner);
      const [portalId = '', epoch = ''] = record.split('\n', 2);
      const end = (checked: CheckedControl) =>
        audit.write(keys.sessionAudit(place), entry, (args, logKey) =>
          redis.run((client) =>
            client.endSession({
              keys: {
                ...('ref' in proof
                  ? sessionOf.keys(proof)
                  : { ...controlOf.keys(place), browserSession: keys.browserSession(place, 'none') }),
                ...logKey,
                credential: credentialKey(place, record),
                handle: keys.handle(place, handle),
                portalSessions: keys.portalSessions(place, portalId, epoch),
                userSessions: keys.userSessions(owner),
                quota: keys.partitionQuota(place),
              },
              args: {
                ...controlOf.args(checked),
                ...args,
                callerType: proof.actor.type,
                place: placeOf(grant.createdAt, handle),
                recordRead: record,
              },
            }),
          ),
        );
      const reply = await control.run(place, wantedOf(proof), (now) => requireCaller(now, proof), end);
      return accepted(reply).outcome;
    },

    /**
     * Ends all sessions of a portal in one step. Returns how many its lists had.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async endAll(workspaceId: string, slug: string, change: Change<Manager>): Promise<number> {
      const { entry: now } = await control.fresh(workspaceId, { slug });
      if (now === undefined) return 0;
      const { portalId } = now.portal;
      const lists = portalLists(redis, workspaceId, portalId, now.epoch);
      const count = await lists.count();
      if (count === 0) return 0;
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
