import type { FirstTab } from '../../../generated/client/types.gen.ts';
import type { ControlStore } from './control.ts';
import { keys } from './keys.ts';
import { merged, type Source } from './merge.ts';
import { type Page, type PageRequest, readPlaces } from './page.ts';
import { type Partition, partitionCount, partitionsOf } from './partitions.ts';
import type { Person } from './proof.ts';
import type { Redis } from './redis.ts';

/** What a session grants, and to whom. It never changes after the session is created. */
export interface SessionGrant {
  slug: string;
  externalId: string;
  /** Who uses the session, if several people share the account. */
  actor?: Person;
  permissions: string[];
  preview: boolean;
  /** The return URL of this session, instead of the portal's. */
  returnUrl?: string;
  /** The language of the user, as a tag of BCP 47. */
  locale?: string;
  /** The tab that the link opens, instead of the first one. */
  tab?: FirstTab;
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
  /** The portal of the session, and its epoch when the session was created. */
  portalId: string;
  epoch: string;
}

/** The list to read: that of a portal by its slug, or of a user. */
export type SessionIndex = { slug: string } | { externalId: string };

/** What a session's value says; scripts/sessions.ts describes it. `expiresAt` is that of an active session, in Unix ms. */
export function partsOf(value: string) {
  const [credential = '', portal = '', , grant = '{}'] = value.split('\n', 4);
  const [portalId = '', epoch = ''] = portal.split(' ');
  return { portalId, epoch, grant: JSON.parse(grant) as SessionGrant, expiresAt: Number(credential.split(' ')[1]) };
}

/** The partition that a handle names, or undefined if it is none. */
function partitionOfHandle(workspaceId: string, handle: string): Partition | undefined {
  const partition = Number(handle.slice('sess_'.length, 'sess_'.length + 2));
  return partition < partitionCount ? { workspaceId, partition } : undefined;
}

const handleOf = (place: string): string => place.slice(place.indexOf(':') + 1);

/** A handle in a list, with its place there. */
interface Listed {
  place: string;
  list: string;
}

/** Finds sessions by their handles, one by one or by the page. */
export function sessionReader(redis: Redis, control: ControlStore) {
  /**
   * The active and pending sessions of these handles, in their order; undefined for one that has ended, and 'ended' if its record is
   * still there, because it has ended together with all of its portal. Two round trips.
   */
  async function read(workspaceId: string, handles: string[]): Promise<(FoundSession | 'ended' | undefined)[]> {
    if (handles.length === 0) return [];
    const found = await redis.run((client) =>
      Promise.all(
        handles.map(async (handle) => {
          const place = partitionOfHandle(workspaceId, handle);
          if (place === undefined) return undefined;
          const reply = await client.readSession({ keys: { session: keys.session(place, handle) } });
          if (reply.outcome === 'not_found') return undefined;
          const { outcome: state, session, expiresAt } = reply;
          return { ...partsOf(session), handle, state, expiresAt };
        }),
      ),
    );
    const portalIds = found.map((session) => session?.portalId ?? '');
    const [epochs, portals, [version, published]] = await redis.run((client) =>
      Promise.all([
        client.hmGet(keys.portalEpochs(workspaceId), portalIds),
        client.hmGet(keys.portals(workspaceId), portalIds),
        client.mGet([keys.control(workspaceId), keys.published(workspaceId)]),
      ]),
    );
    const sessions = found.map((session, i) =>
      session !== undefined && (portals[i] == null || session.epoch !== (epochs[i] ?? '0')) ? 'ended' : session,
    );
    // A partition that does not know of the new epoch yet still serves the session, and this caller leaves it at that.
    if (sessions.includes('ended') && version !== published) await control.publish(workspaceId);
    return sessions;
  }

  /** One page of a list that is in every partition: newest first, in one order. */
  async function readLists(lists: string[], { limit, after }: PageRequest): Promise<Page<Listed>> {
    const sources = lists.map(
      (list): Source<Listed> => ({
        async read(last, size) {
          const from = last?.place ?? after;
          const page = await readPlaces(redis, list, { limit: size, ...(from !== undefined && { after: from }) });
          return page.items.map((place) => ({ place, list }));
        },
      }),
    );
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
      const [found] = await read(workspaceId, [handle]);
      return found === 'ended' ? undefined : found;
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
      // A session that has ended never comes back. The list of its user has it as long as its record exists, for an erasure.
      const over = listed.filter((_, i) => found[i] === undefined);
      if (over.length > 0) {
        await redis.run((client) => Promise.all(over.map(({ place, list }) => client.zRem(list, place))));
      }
      return {
        items: found.filter((session) => session !== undefined && session !== 'ended'),
        ...(next !== undefined && { next }),
      };
    },
  };
}
