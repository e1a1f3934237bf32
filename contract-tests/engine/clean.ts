/** Deletes what a run has created on the target. */
import type { ApiResponse } from './check-response.ts';
import type { Created } from './created.ts';
import { mapConcurrently } from './pool.ts';
import { send } from './send.ts';

/** What was deleted after a run, and what was not. */
export interface Cleaned {
  portals: number;
  apis: number;
  /** Users with all of their sessions, keys and settings. */
  users: number;
  /** Sessions of users that the target had before. */
  sessions: number;
  /** What is still there, one sentence each. */
  left: string[];
}

/** The lists of a target, and the field that identifies an item. */
const lists = {
  portals: ['portal.listConfigurations', 'portalId'],
  apis: ['apis.listApis', 'apiId'],
  users: ['identities.listIdentities', 'externalId'],
} as const;
type Kind = keyof typeof lists;

/** How many requests run at once. */
const concurrency = 8;

interface Page {
  data: Record<string, unknown>[];
  pagination?: { cursor?: string };
}

/** Prepares the deletion: reads what the target has before the run. `slug` is the portal that the run does not create. */
export async function prepareCleaning(
  baseUrl: string,
  rootKey: string,
  slug: string | undefined,
): Promise<(created: Created) => Promise<Cleaned>> {
  /** Undefined if no response comes. */
  const call = (
    operation: string,
    body: object,
    authorization = `Bearer ${rootKey}`,
  ): Promise<ApiResponse | undefined> =>
    send(baseUrl, { method: 'post', path: `/v2/${operation}` }, { authorization, body }).catch(() => undefined);

  /** All items of a list, or undefined if the target does not return it. */
  async function allOf(operation: string, filter: object = {}): Promise<Page['data'] | undefined> {
    const items: Page['data'] = [];
    const seen = new Set<string>();
    for (let cursor: string | undefined; ; ) {
      const response = await call(operation, { ...filter, limit: 100, ...(cursor && { cursor }) });
      const page = response?.body as Page | undefined;
      if (response?.status !== 200 || !Array.isArray(page?.data)) return undefined;
      items.push(...page.data.filter((item) => typeof item === 'object' && item !== null));
      cursor = page.pagination?.cursor;
      if (cursor === undefined) return items;
      // A list that begins again would never end.
      if (seen.has(cursor) || page.data.length === 0) return undefined;
      seen.add(cursor);
    }
  }
  const idsOf = async (kind: Kind): Promise<Set<string> | undefined> => {
    const items = await allOf(lists[kind][0]);
    return items && new Set(items.map((item) => String(item[lists[kind][1]])));
  };

  const kinds = Object.keys(lists) as Kind[];
  const before = Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, await idsOf(kind)]))) as Record<
    Kind,
    Set<string> | undefined
  >;
  const sessionsOfPortal = () => allOf('portal.listSessions', { slug });
  const sessionsBefore = new Set((await sessionsOfPortal())?.map(({ handle }) => handle));

  return async (created) => {
    const left: string[] = [];
    /** Calls an operation for each item, and returns how many it deleted. What is gone already is no failure. */
    async function deleteEach<T>(operation: string, items: Iterable<T>, request: (item: T) => [object, string?]) {
      const refused: (number | string)[] = [];
      const done = await mapConcurrently([...items], concurrency, async (item) => {
        const { status = 'no response' } = (await call(operation, ...request(item))) ?? {};
        if (status !== 200 && status !== 404) refused.push(status);
        return status === 200;
      });
      if (refused.length > 0)
        left.push(`${operation} returned ${[...new Set(refused)].join(', ')} for ${refused.length} items`);
      return done.filter(Boolean).length;
    }

    // Without the list it is not known which users were there before, so none is deleted.
    const isOld = (user: string) => before.users?.has(user) ?? true;
    const [old, fresh] = [[...created.users].filter(isOld), [...created.users].filter((user) => !isOld(user))];
    const users = await deleteEach('identities.deleteIdentity', fresh, (externalId) => [{ externalId }]);
    const portals = await deleteEach('portal.deleteConfiguration', created.portals, ([portal, by]) => [{ portal }, by]);
    const apis = await deleteEach('apis.deleteApi', created.apis, ([apiId, by]) => [{ apiId }, by]);
    // Sessions of other portals ended with these.
    const now = await sessionsOfPortal();
    if (now === undefined && old.length > 0) left.push(`sessions of ${old.join(', ')}, which expire`);
    const handles = (now ?? [])
      .filter(({ handle, externalId }) => !sessionsBefore.has(handle) && old.includes(String(externalId)))
      .map(({ handle }) => String(handle));
    const sessions = await deleteEach('portal.revokeSessions', handles, (handle) => [{ handle }]);

    for (const kind of kinds) {
      const now = await idsOf(kind);
      const then = before[kind];
      const own = kind === 'users' ? created.users : new Set(created[kind].keys());
      if (now === undefined || then === undefined) {
        if (own.size > 0) left.push(`${kind}, maybe: ${lists[kind][0]} returns no list to compare`);
        continue;
      }
      const more = [...now].filter((id) => !then.has(id));
      const known = more.filter((id) => own.has(id));
      if (known.length > 0) left.push(`${kind} that could not be deleted: ${known.join(', ')}`);
      if (more.length > known.length)
        left.push(`${kind} that another client may have created: ${more.filter((id) => !own.has(id)).join(', ')}`);
    }
    return { portals, apis, users, sessions, left };
  };
}
