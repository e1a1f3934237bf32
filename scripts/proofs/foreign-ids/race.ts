/** Uses the ids of one workspace while they are being deleted, on several servers: by their owner, and by strangers of each kind. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { readSpec, specOperations } from '../../../contract-tests/engine/spec.ts';
import { type Body, exampleBody, namingFields, withField } from '../../../tests/support/naming-fields.ts';
import { until } from '../../../tests/support/redis.ts';
import { everythingIn } from '../../../tests/support/redis-contents.ts';
import type { TargetRedis } from '../../../tests/support/target-redis.ts';

const spec = await readSpec();
/** Every field of every operation that can name something, from the contract. */
const named = specOperations(spec).flatMap((operation) =>
  namingFields(spec, operation).map((field) => ({ operation, field, body: exampleBody(spec, operation) })),
);

/** What is deleted, and which fields can name it. A cursor is used during each deletion. */
const deletions = [
  { by: 'apis.deleteApi', as: 'apiId', fields: ['apiId', 'apiIds', 'resourceId'] },
  { by: 'portal.deleteConfiguration', as: 'portal', fields: ['portal', 'slug', 'scopeSource', 'resourceId'] },
  { by: 'keys.deleteKey', as: 'keyId', fields: ['keyId', 'resourceId'] },
  { by: 'identities.deleteIdentity', as: 'externalId', fields: ['externalId'] },
  { by: 'portal.revokeSessions', as: 'handle', fields: ['handle', 'actorId', 'resourceId'] },
] as const;

/** The fields that no deletion concerns. */
const withoutDeletion = {
  sessionId: 'a credential, and no id',
  operationId: 'an operation in the document of the API that the same request names',
};

/** The fields of the contract that can name something, and that are neither raced nor listed as an exception. */
export const fieldsWithoutRace = (): string[] => {
  const known = new Set<string>([
    ...deletions.flatMap(({ fields }) => fields),
    'cursor',
    ...Object.keys(withoutDeletion),
  ]);
  return [...new Set(named.map(({ field }) => field))].filter((field) => !known.has(field));
};

/** An id that was never given, in the form of each field. */
const never: Record<string, unknown> = {
  apiId: 'api_neverWas000000000000',
  apiIds: ['api_neverWas000000000000'],
  portal: 'portal_neverWas000000000000',
  slug: 'never-was',
  scopeSource: { portal: 'portal_neverWas000000000000', kinds: ['tags'] },
  keyId: 'key_00neverWas000000000000',
  handle: `sess_${'0'.repeat(32)}`,
  actorId: `sess_${'0'.repeat(32)}`,
  resourceId: 'api_neverWas000000000000',
  cursor: 'bmV2ZXI.0123456789abcdef',
};

/** The body with a time range that the server has: that of an example is older than the retention. */
const timely = (body: Body): Body =>
  'startTime' in body ? { ...body, startTime: Date.now() - 3_600_000, endTime: Date.now() + 60_000 } : body;

interface Reply {
  status: number;
  text: string;
  data: Record<string, string>;
  /** The response without what differs between two equal requests. */
  shown: unknown;
  cursor: string | undefined;
}

/** Servers on one Redis, and new workspaces in them with their root keys. */
interface RacedServers {
  urls: string[];
  newWorld(): Promise<{ rootKey: { value?: string | undefined } }>;
  /** Another root key of the workspace that a root key belongs to. */
  newRootKey(rootKey: string, permissions: string[]): Promise<string>;
}

/** Somebody who tries what the owner has. */
interface Stranger {
  name: string;
  bearer: string | undefined;
  isUser: boolean;
  /** The deletions that end its session. */
  endedBy: string[];
  /** What it has no permission on, although it may see that it is there. */
  limitedIn: string[];
}

/** The time in which the calls of a race start, in ms: the deletion is about in the middle. */
const raceMs = 60;

/** The result of some rounds. */
export interface RaceResult {
  calls: number;
  /** What went wrong: a leak, a failure of the server, or something that is left. */
  faults: string[];
}

/**
 * One round for each kind of deletion. The order of the calls is random.
 *
 * @param patienceMs how long the server may take to remove what it removes after the response, in ms
 */
export async function raceDeletions(
  servers: RacedServers,
  redis: Pick<TargetRedis, 'client'>,
  random: () => number,
  round: number,
  patienceMs = 30_000,
): Promise<RaceResult> {
  const faults: string[] = [];
  let calls = 0;
  async function call(
    operation: string,
    bearer: string | undefined,
    body: object,
    idempotencyKey: string = randomUUID(),
  ): Promise<Reply> {
    // By turns, so that what one server changes is in the cache of another one.
    const url = servers.urls[calls++ % servers.urls.length];
    const headers = {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    };
    const response = await fetch(`${url}/v2/${operation}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status >= 500) faults.push(`${operation} returned ${response.status}`);
    const { meta: _, ...shown } = JSON.parse(text);
    const { data = {}, pagination } = shown;
    return { status: response.status, text, data, shown, cursor: pagination?.cursor };
  }

  /** A call before the race: on a busy machine it may have to be repeated. */
  async function arrange(operation: string, bearer: string | undefined, body: object): Promise<Reply> {
    const idempotencyKey = randomUUID();
    for (let left = 20; ; left--) {
      const before = faults.length;
      const reply = await call(operation, bearer, body, idempotencyKey);
      if (reply.status === 200) return reply;
      if (reply.status !== 503 || left === 0) throw new Error(`${operation}: ${reply.text}`);
      faults.length = before;
    }
  }

  for (const { by, as, fields } of deletions) {
    const [owner, stranger] = await Promise.all([servers.newWorld(), servers.newWorld()]);
    const [rootKey, strangersKey] = [owner.rootKey.value, stranger.rootKey.value];
    const marker = `owned-${round}-${by}`;
    const user = `user-${round}-${by}`;
    const { apiId } = (await arrange('apis.createApi', rootKey, { name: marker })).data;
    const { apiId: otherApi } = (await arrange('apis.createApi', rootKey, { name: 'other' })).data;
    const { portalId } = (
      await arrange('portal.createConfiguration', rootKey, { slug: 'theirs', name: marker, apiIds: [apiId, otherApi] })
    ).data;
    await arrange('portal.createConfiguration', rootKey, { slug: 'theirs-too', name: marker, apiIds: [otherApi] });
    const onApi = (named: string) =>
      ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((one) => `api.${named}.${one}`);
    const everything = [...onApi('*'), 'portal.*.read_account'];
    const enter = async (externalId: string, slug = 'theirs', permissions = everything) => {
      const { sessionId } = (await arrange('portal.createSession', rootKey, { slug, externalId, permissions })).data;
      return (await arrange('portal.exchangeSession', '', { sessionId })).data['token'];
    };
    const own = await enter(user);
    await enter(user);
    for (const externalId of [user, 'another user'])
      await arrange('identities.updateIdentity', rootKey, { externalId });
    await arrange('portal.createKey', own, { apiId, name: `${marker} too` });
    const created = await arrange('portal.createKey', own, { apiId, name: marker, meta: { marker } });
    const { keyId } = created.data;
    const listed = (await call('portal.listSessions', rootKey, { externalId: user })).data as unknown as Body[];
    const handle = String(listed[0]?.['handle']);
    const id = { apiId, portal: portalId, keyId, externalId: user, handle }[as] as string;

    const strangers: Stranger[] = [
      { name: 'another workspace', bearer: strangersKey, isUser: false, endedBy: [], limitedIn: [] },
      {
        name: 'a root key that is limited to another API',
        bearer: await servers.newRootKey(`${rootKey}`, [`api.${otherApi}.*`]),
        ...{ isUser: false, endedBy: [], limitedIn: ['keyId'] },
      },
      {
        name: 'another user of the portal',
        bearer: await enter('another user'),
        ...{ isUser: true, endedBy: ['portal.deleteConfiguration'], limitedIn: [] },
      },
      {
        name: 'the same user in another portal',
        bearer: await enter(user, 'theirs-too'),
        ...{ isUser: true, endedBy: ['identities.deleteIdentity'], limitedIn: [] },
      },
      {
        name: 'a session that is limited to another API',
        bearer: await enter(user, 'theirs', onApi(`${otherApi}`)),
        isUser: true,
        endedBy: ['portal.deleteConfiguration', 'identities.deleteIdentity'],
        limitedIn: ['apiId', 'keyId', 'cursor'],
      },
    ];
    /** Whether a response tells a stranger no more than the one for what never existed. */
    const isSilent = (stranger: Stranger, field: string, foreign: Reply, unknown: Reply): boolean => {
      if (foreign.status === unknown.status && isDeepStrictEqual(foreign.shown, unknown.shown)) return true;
      if (foreign.status === 401) return stranger.endedBy.includes(by);
      // Of a key or an API of its own workspace or portal, it may learn that it has no permission on it.
      const isRefused = foreign.status === 403 || foreign.status === 404 || field === 'cursor';
      return stranger.limitedIn.includes(field) && isRefused && !foreign.text.includes(marker);
    };

    /** A cursor of each list, after its first item. */
    const cursors = new Map<string, string>();
    const listBody = (body: Body): Body => ({ ...timely(body), ...('apiId' in body && { apiId }) });
    for (const { operation, field, body } of named) {
      if (field !== 'cursor') continue;
      const { operationId } = operation;
      const isOfUser = operation.security.some((way) => 'portalSessionBearer' in way);
      const filter = operationId === 'portal.listSessions' ? { externalId: user } : {};
      const first = await call(operationId, isOfUser ? own : rootKey, { ...listBody(body), ...filter, limit: 1 });
      if (first.cursor === undefined) throw new Error(`${operationId} has no second page: ${first.text}`);
      cursors.set(operationId, first.cursor);
    }

    const valueFor = (field: string, operationId: string): unknown => {
      if (field === 'cursor') return cursors.get(operationId);
      if (field === 'slug') return 'theirs';
      if (field === 'apiIds') return [id];
      return field === 'scopeSource' ? { portal: id, kinds: ['tags'] } : id;
    };
    /** Sessions that were created while their portal was being deleted. */
    const late: string[] = [];
    const uses: (() => Promise<void>)[] = [];
    for (const { operation, field, body: example } of named) {
      const { operationId } = operation;
      if (field !== 'cursor' && !(fields as readonly string[]).includes(field)) continue;
      // A new portal would have the slug from then on.
      if (operationId === 'portal.createConfiguration' && field === 'slug') continue;
      const isOfUser = operation.security.some((way) => 'portalSessionBearer' in way);
      const body = field === 'cursor' ? listBody(example) : timely(example);
      const filtered =
        operationId === 'portal.listSessions' && field === 'cursor' ? { ...body, externalId: user } : body;
      const bodyWith = (value: unknown) => withField(spec, operation, filtered, field, value);
      const sent = bodyWith(valueFor(field, operationId));

      const use = async () => {
        const { status, data } = await call(operationId, isOfUser ? own : rootKey, sent);
        if (field === 'slug' && status === 200 && data['sessionId'] !== undefined) late.push(data['sessionId']);
      };
      if (operationId !== by) uses.push(use);

      for (const stranger of strangers.filter(({ isUser }) => isUser === isOfUser)) {
        const { name, bearer } = stranger;
        // All users of a portal share its APIs, and each workspace has its own user of this name.
        if (field === 'externalId' || (field === 'apiId' && name === 'another user of the portal')) {
          uses.push(async () => void (await call(operationId, bearer, sent)));
          continue;
        }
        const attempt = async (value: unknown) => {
          const reply = await call(operationId, bearer, bodyWith(value));
          // A missing permission names the API of the request.
          return { ...reply, shown: JSON.stringify(reply.shown).replaceAll(String(value), '') };
        };
        const unknown = await attempt(never[field]);
        const tryForeign = async () => {
          const foreign = await attempt(valueFor(field, operationId));
          if (!isSilent(stranger, field, foreign, unknown)) faults.push(`${operationId} tells ${name} about ${field}`);
        };
        await tryForeign();
        uses.push(tryForeign);
      }
    }
    const deletion = () => call(by, rootKey, { [as]: id });
    const all = [{ start: deletion, at: raceMs / 2 }, ...uses.map((start) => ({ start, at: random() * raceMs }))];
    await Promise.all(
      all.map(async ({ start, at }) => {
        await sleep(at);
        await start();
      }),
    );

    // A call that came after the deletion of a user has created a new one.
    if (as === 'externalId') await Promise.all([deletion(), call(by, strangersKey, { [as]: id })]);
    const again = await deletion();
    const isRepeated = as === 'handle' ? again.shown : again.status;
    if (!isDeepStrictEqual(isRepeated, as === 'handle' ? { data: { revoked: 0 } } : 404))
      faults.push(`${by} can be repeated: ${again.status}`);
    for (const sessionId of late) {
      const { status } = await call('portal.exchangeSession', '', { sessionId });
      if (status === 200) faults.push(`a session is created in a portal that ${by} has deleted`);
    }
    // The server removes the keys of an API after the response. The audit log and the portals that list an API may name it.
    const isGone = async () => {
      if (as === 'externalId') return !(await everythingIn({ redis: redis.client as never })).includes(user);
      return (await redis.client.keys(`*${id}*`)).length === 0;
    };
    await until('nothing is left', isGone, patienceMs).catch(() => faults.push(`${by} leaves something of ${as}`));
  }
  return { calls, faults };
}
