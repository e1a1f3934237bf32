import type { AuditLog, AuditRecord } from './audit.ts';
import { keys } from './keys.ts';
import { type Page, type PageRequest, placeOf, readPlaces } from './page.ts';
import type { Portal } from './portals.ts';
import type { Redis } from './redis.ts';
import type { Workspace } from './workspaces.ts';

/** How long a session id can be exchanged, in seconds. */
const sessionTtlSeconds = 900;
/** How long a browser session lives, in seconds. */
export const browserSessionTtlSeconds = 86_400;
/** After this nothing that was minted can be alive. */
const longestLifeSeconds = sessionTtlSeconds + browserSessionTtlSeconds;

/** What a session grants, and to whom. Fixed at the mint. */
export interface SessionGrant {
  slug: string;
  externalId: string;
  permissions: string[];
  preview: boolean;
  /** Where its user goes, instead of the portal's own return URL. */
  returnUrl?: string;
  /** Unix ms. */
  createdAt: number;
}

/** Where a credential's record is: its workspace and its SHA-256. */
interface Ref {
  workspaceId: string;
  hash: string;
}

/** What names a session without being a credential, and what it is worth. */
interface Session {
  handle: string;
  grant: SessionGrant;
  /** Unix ms. */
  expiresAt: number;
}

/** A live browser session with the portal and the workspace as they are now. */
export interface LiveSession extends Session {
  /** What is under its handle. */
  record: string;
  portal: Portal;
  workspace: Workspace;
}

/** A session that is alive, as it was read by its handle. */
export interface FoundSession extends Session {
  state: 'pending' | 'active';
  /** What was under its handle: it can be ended as long as that is still there. */
  record: string;
}

type Refusal = 'portal_not_found' | 'portal_disabled' | 'return_url_refused';

const grantOf = (value: string): SessionGrant => JSON.parse(value.split('\n').slice(3).join('\n'));
const credentialKey = (workspaceId: string, record: string): string => {
  const [, , state, hash = ''] = record.split('\n');
  return state === 'pending' ? keys.session(workspaceId, hash) : keys.browserSession(workspaceId, hash);
};

const handleOf = (place: string): string => place.slice(place.indexOf(':') + 1);

/** Which index to read: of a portal, or of a user. */
export type SessionIndex = { slug: string } | { userHash: string };

export function sessionStore(redis: Redis, audit: AuditLog) {
  const indexKey = (workspaceId: string, index: SessionIndex) =>
    'slug' in index ? keys.portalSessions(workspaceId, index.slug) : keys.userSessions(workspaceId, index.userHash);

  /** The live ones of these sessions, in their order; undefined for one that is not. Three round trips. */
  async function read(workspaceId: string, handles: string[]): Promise<(FoundSession | undefined)[]> {
    if (handles.length === 0) return [];
    const records = await redis.run((client) => client.mGet(handles.map((handle) => keys.handle(workspaceId, handle))));
    const portalIds = records.map((record) => record?.split('\n')[0] ?? '');
    return redis.run(async (client) => {
      const epochs = client.hmGet(keys.portalEpochs(workspaceId), portalIds);
      const portals = client.hmGet(keys.portals(workspaceId), portalIds);
      const values = records.map(async (record) => {
        if (record === null) return undefined;
        const key = credentialKey(workspaceId, record);
        return Promise.all([client.get(key), client.pExpireTime(key)]);
      });
      const [epochNow, portalNow, found] = await Promise.all([epochs, portals, Promise.all(values)]);
      return records.map((record, i) => {
        const [value, expiresAt = 0] = found[i] ?? [];
        const [, epoch, state] = record?.split('\n') ?? [];
        if (record === null || value == null || portalNow[i] == null || epoch !== (epochNow[i] ?? '0'))
          return undefined;
        const handle = handles[i] ?? '';
        return { handle, grant: grantOf(value), expiresAt, state: state as 'pending', record };
      });
    });
  }

  return {
    /** Writes a session for the portal with this slug. When it expires, in Unix ms, or why it was not written. */
    async create(
      { handle, grant, userHash }: { handle: string; grant: SessionGrant; userHash: string },
      { workspaceId, hash }: Ref,
      record: AuditRecord,
    ): Promise<number | Refusal> {
      const { slug, createdAt, returnUrl } = grant;
      const origin = returnUrl === undefined ? '' : new URL(returnUrl).origin;
      const [outcome, expiresAt] = await redis.run((client) =>
        client.createSession(
          [
            audit.key(workspaceId),
            keys.portalSlugs(workspaceId),
            keys.portals(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.session(workspaceId, hash),
            keys.handle(workspaceId, handle),
            keys.portalSessions(workspaceId, slug),
            keys.userSessions(workspaceId, userHash),
          ],
          [
            ...audit.args(record),
            slug,
            handle,
            JSON.stringify(grant),
            String(sessionTtlSeconds),
            hash,
            placeOf(createdAt, handle),
            placeOf(createdAt - longestLifeSeconds * 1000, ''),
            String(longestLifeSeconds),
            origin,
          ],
        ),
      );
      return outcome === 'ok' ? Number(expiresAt) : (outcome as Refusal);
    },

    /** Turns a session into a browser session of the same workspace, once. When that expires, in Unix ms, or why not. */
    async exchange(
      session: Ref & { handle: string },
      browserSession: Ref,
      record: AuditRecord,
    ): Promise<number | 'session_not_found' | 'workspace_disabled' | 'portal_disabled'> {
      const { workspaceId } = session;
      const [outcome, expiresAt] = await redis.run((client) =>
        client.exchangeSession(
          [
            audit.key(workspaceId),
            keys.session(workspaceId, session.hash),
            keys.browserSession(workspaceId, browserSession.hash),
            keys.portals(workspaceId),
            keys.workspace(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.handle(workspaceId, session.handle),
          ],
          [...audit.args(record), String(browserSessionTtlSeconds), browserSession.hash],
        ),
      );
      return outcome === 'ok' ? Number(expiresAt) : (outcome as 'session_not_found');
    },

    /** The live browser session, or undefined. */
    async find({ workspaceId, hash }: Ref): Promise<LiveSession | undefined> {
      const [outcome, session, expiresAt, portal, workspace] = await redis.run((client) =>
        client.findSession(
          [
            keys.browserSession(workspaceId, hash),
            keys.portals(workspaceId),
            keys.workspace(workspaceId),
            keys.portalEpochs(workspaceId),
          ],
          [],
        ),
      );
      if (outcome !== 'ok') return undefined;
      const value = String(session);
      const [portalId, epoch, handle = ''] = value.split('\n', 3);
      return {
        handle,
        record: [portalId, epoch, 'active', hash].join('\n'),
        grant: grantOf(value),
        expiresAt: Number(expiresAt),
        portal: JSON.parse(String(portal)),
        workspace: JSON.parse(String(workspace)),
      };
    },

    /** The live session with this handle, or undefined. */
    async findByHandle(workspaceId: string, handle: string): Promise<FoundSession | undefined> {
      return (await read(workspaceId, [handle]))[0];
    },

    /**
     * One page of the live sessions in an index, newest first. Looks at as many entries as a page has and no more, so a
     * page may be short while there is more; what is found dead leaves the index.
     */
    async list(workspaceId: string, index: SessionIndex, { limit, after }: PageRequest): Promise<Page<FoundSession>> {
      const key = indexKey(workspaceId, index);
      const { items: places, next } = await readPlaces(redis, key, { limit, ...(after !== undefined && { after }) });
      const found = await read(workspaceId, places.map(handleOf));
      // What is under a handle lives as long as the session, so where there is nothing any more, nothing comes back.
      const dead = places.filter((_, i) => found[i] === undefined);
      if (dead.length > 0) {
        const handles = dead.map((place) => keys.handle(workspaceId, handleOf(place)));
        const records = await redis.run((client) => client.mGet(handles));
        const gone = dead.filter((_, i) => records[i] === null);
        if (gone.length > 0) await redis.run((client) => client.zRem(key, gone));
      }
      return { items: found.filter((session) => session !== undefined), ...(next !== undefined && { next }) };
    },

    /** Ends one session. 'changed' where it was exchanged in the meantime, 'not_found' where it had already ended. */
    async end(
      workspaceId: string,
      { handle, grant, record }: Pick<FoundSession, 'handle' | 'grant' | 'record'>,
      userHash: string,
      auditRecord: AuditRecord,
    ): Promise<'ok' | 'changed' | 'not_found'> {
      const [outcome] = await redis.run((client) =>
        client.endSession(
          [
            audit.key(workspaceId),
            credentialKey(workspaceId, record),
            keys.handle(workspaceId, handle),
            keys.portalSessions(workspaceId, grant.slug),
            keys.userSessions(workspaceId, userHash),
          ],
          [...audit.args(auditRecord), placeOf(grant.createdAt, handle), record],
        ),
      );
      return outcome as 'ok';
    },

    /** Ends all sessions of a portal in one step, however many. How many its index knew. */
    async endAll(workspaceId: string, slug: string, record: AuditRecord): Promise<number> {
      const [, count] = await redis.run((client) =>
        client.endPortalSessions(
          [
            audit.key(workspaceId),
            keys.portalSlugs(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.portalSessions(workspaceId, slug),
          ],
          [...audit.args(record), slug],
        ),
      );
      return Number(count);
    },
  };
}
