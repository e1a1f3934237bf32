import type { ControlStore } from './control.ts';
import { keys } from './keys.ts';
import { merged, type Source } from './merge.ts';
import { type Page, type PageRequest, readPlaces } from './page.ts';
import { type Partition, partitionCount, partitionsOf } from './partitions.ts';
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

/** The list to read: that of a portal by its slug, or of a user. */
export type SessionIndex = { slug: string } | { externalId: string };

/** The grant in a session's value. */
export const grantOf = (value: string): SessionGrant => JSON.parse(value.split('\n').slice(4).join('\n'));

/** The key of the credential in the record of a handle. */
export function credentialKey(place: Partition, record: string): string {
  const [, , state, hash = ''] = record.split('\n');
  return state === 'pending' ? keys.session(place, hash) : keys.browserSession(place, hash);
}

/** The partition that a handle names, or undefined if it is none. */
export function partitionOfHandle(workspaceId: string, handle: string): Partition | undefined {
  const partition = Number.parseInt(handle.slice('sess_'.length, 'sess_'.length + 2), 16);
  return partition < partitionCount ? { workspaceId, partition } : undefined;
}

const handleOf = (place: string): string => place.slice(place.indexOf(':') + 1);

/** The session of a handle, or that it is over or has changed while it was read. */
type Read = FoundSession | 'over' | 'changed';

/** A handle in a list, with its place there. */
interface Listed {
  place: string;
  list: string;
}

/** Finds sessions by their handles, one by one or by the page. */
export function sessionReader(redis: Redis, control: ControlStore) {
  /** The sessions of these handles, in their order. Two round trips. */
  async function readOnce(workspaceId: string, handles: string[]): Promise<Read[]> {
    if (handles.length === 0) return [];
    const places = handles.map((handle) => partitionOfHandle(workspaceId, handle));
    const records = await redis.run((client) =>
      Promise.all(places.map((place, i) => place && client.get(keys.handle(place, String(handles[i]))))),
    );
    const portalIds = records.map((record) => record?.split('\n')[0] ?? '');
    return redis.run(async (client) => {
      const epochs = client.hmGet(keys.portalEpochs(workspaceId), portalIds);
      const portals = client.hmGet(keys.portals(workspaceId), portalIds);
      const values = records.map(async (record, i) => {
        const place = places[i];
        if (record == null || place === undefined) return undefined;
        const key = credentialKey(place, record);
        return Promise.all([client.get(key), client.pExpireTime(key)]);
      });
      const [epochNow, portalNow, found] = await Promise.all([epochs, portals, Promise.all(values)]);
      return records.map((record, i): Read => {
        const [value, expiresAt = 0] = found[i] ?? [];
        const [, epoch, state] = record?.split('\n') ?? [];
        if (record == null || portalNow[i] == null || epoch !== (epochNow[i] ?? '0')) return 'over';
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

  /** One page of a list that is in every partition: newest first, in one order. */
  async function readLists(lists: string[], { limit, after }: PageRequest): Promise<Page<Listed>> {
    const sources = lists.map((list): Source<Listed> => ({
      async read(last, size) {
        const from = last?.place ?? after;
        const page = await readPlaces(redis, list, { limit: size, ...(from !== undefined && { after: from }) });
        return page.items.map((place) => ({ place, list }));
      },
    }));
    const items: Listed[] = [];
    for await (const item of merged(sources, (a, b) => a.place > b.place)) {
      if (items.length === limit) return { items, next: String(items.at(-1)?.place) };
      items.push(item);
    }
    return { items };
  }

  /** The lists of an index: of a portal one in each partition, none for an unknown portal. */
  async function listsOf(workspaceId: string, index: SessionIndex): Promise<string[]> {
    if ('externalId' in index) return [keys.userSessions({ workspaceId, externalId: index.externalId })];
    const { entry } = await control.fresh(workspaceId, { slug: index.slug });
    if (entry === undefined) return [];
    return partitionsOf(workspaceId).map((place) => keys.portalSessions(place, entry.portal.portalId, entry.epoch));
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
    async list(workspaceId: string, index: SessionIndex, page: PageRequest): Promise<Page<FoundSession>> {
      const { items: listed, next } = await readLists(await listsOf(workspaceId, index), page);
      const found = await read(
        workspaceId,
        listed.map(({ place }) => handleOf(place)),
      );
      // The record of a handle has the TTL of the session, so a session without one has ended for good.
      const over = listed.filter((_, i) => found[i] === undefined);
      await redis.run((client) =>
        Promise.all(
          over.map(async ({ place, list }) => {
            const handle = handleOf(place);
            const partition = partitionOfHandle(workspaceId, handle);
            if (partition && (await client.exists(keys.handle(partition, handle))) === 0) await client.zRem(list, place);
          }),
        ),
      );
      return { items: found.filter((session) => session !== undefined), ...(next !== undefined && { next }) };
    },
  };
}
