import { keys } from './keys.ts';
import { type Page, type PageRequest, readPlaces } from './page.ts';
import type { Redis } from './redis.ts';

/** What a session grants, and to whom. It never changes after the session is created. */
export interface SessionGrant {
  slug: string;
  externalId: string;
  permissions: string[];
  preview: boolean;
  /** The return URL of this session, instead of the portal's. */
  returnUrl?: string;
  /** Unix ms. */
  createdAt: number;
}

/** A session with the handle that names it without being a credential. */
export interface Session {
  handle: string;
  grant: SessionGrant;
  /** Unix ms. */
  expiresAt: number;
}

/** An active or pending session, as read by its handle. */
export interface FoundSession extends Session {
  state: 'pending' | 'active';
  /** The record of its handle. The session can be ended as long as the record is the same. */
  record: string;
}

/** The index to read: that of a portal, or of a user. */
export type SessionIndex = { slug: string } | { userHash: string };

/** The grant in a session's value. */
export const grantOf = (value: string): SessionGrant => JSON.parse(value.split('\n').slice(3).join('\n'));

/** The key of the credential in the record of a handle. */
export function credentialKey(workspaceId: string, record: string): string {
  const [, , state, hash = ''] = record.split('\n');
  return state === 'pending' ? keys.session(workspaceId, hash) : keys.browserSession(workspaceId, hash);
}

const handleOf = (place: string): string => place.slice(place.indexOf(':') + 1);

/** The session of a handle, or that it is over or has changed while it was read. */
type Read = FoundSession | 'over' | 'changed';

/** Finds sessions by their handles, one by one or by the page. */
export function sessionReader(redis: Redis) {
  const indexKey = (workspaceId: string, index: SessionIndex) =>
    'slug' in index ? keys.portalSessions(workspaceId, index.slug) : keys.userSessions(workspaceId, index.userHash);

  /** The sessions of these handles, in their order. Two round trips. */
  async function readOnce(workspaceId: string, handles: string[]): Promise<Read[]> {
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
      return records.map((record, i): Read => {
        const [value, expiresAt = 0] = found[i] ?? [];
        const [, epoch, state] = record?.split('\n') ?? [];
        if (record === null || portalNow[i] == null || epoch !== (epochNow[i] ?? '0')) return 'over';
        if (value == null) return 'changed';
        const stateNow = state === 'pending' ? state : 'active';
        return { handle: handles[i] ?? '', grant: grantOf(value), expiresAt, state: stateNow, record };
      });
    });
  }

  /**
   * The active and pending sessions of these handles, in their order; undefined for one that has ended. A session whose
   * handle exists without its credential has just been exchanged or ended. A second read decides, because there is no third
   * state that it could change to.
   */
  async function read(workspaceId: string, handles: string[]): Promise<(FoundSession | undefined)[]> {
    const first = await readOnce(workspaceId, handles);
    const changed = handles.filter((_, i) => first[i] === 'changed');
    const second = new Map((await readOnce(workspaceId, changed)).map((session, i) => [changed[i], session]));
    return handles.map((handle, i) => {
      const session = first[i] === 'changed' ? second.get(handle) : first[i];
      return typeof session === 'object' ? session : undefined;
    });
  }

  return {
    /** The active or pending session with this handle, or undefined. */
    async findByHandle(workspaceId: string, handle: string): Promise<FoundSession | undefined> {
      return (await read(workspaceId, [handle]))[0];
    },

    /**
     * One page of the active and pending sessions in an index, newest first. Reads as many entries as a page has, so a page
     * may be short although more follow. Removes ended sessions from the index.
     */
    async list(workspaceId: string, index: SessionIndex, { limit, after }: PageRequest): Promise<Page<FoundSession>> {
      const key = indexKey(workspaceId, index);
      const { items: places, next } = await readPlaces(redis, key, { limit, ...(after !== undefined && { after }) });
      const found = await read(workspaceId, places.map(handleOf));
      // The record of a handle has the TTL of the session, so a session without one has ended for good.
      const dead = places.filter((_, i) => found[i] === undefined);
      if (dead.length > 0) {
        const handles = dead.map((place) => keys.handle(workspaceId, handleOf(place)));
        const records = await redis.run((client) => client.mGet(handles));
        const gone = dead.filter((_, i) => records[i] === null);
        if (gone.length > 0) await redis.run((client) => client.zRem(key, gone));
      }
      return { items: found.filter((session) => session !== undefined), ...(next !== undefined && { next }) };
    },
  };
}
