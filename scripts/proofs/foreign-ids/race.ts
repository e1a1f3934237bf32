/** Uses the ids of one workspace while they are being deleted: by their owner, by another user, and by another workspace. */
import { randomUUID } from 'node:crypto';
import { readSpec, specOperations } from '../../../contract-tests/engine/spec.ts';
import { exampleBody, namingFields, withField } from '../../../tests/support/naming-fields.ts';
import { until } from '../../../tests/support/redis.ts';
import { everythingIn } from '../../../tests/support/redis-contents.ts';
import type { TargetRedis } from '../../../tests/support/target-redis.ts';
import type { ProofServer } from '../model/server.ts';

const spec = await readSpec();
/** Every field of every operation that can name something, from the contract. */
const named = specOperations(spec).flatMap((operation) =>
  namingFields(spec, operation).map((field) => ({ operation, field, body: exampleBody(spec, operation) })),
);

/** What is deleted, and which fields can name it. */
const deletions = [
  { by: 'apis.deleteApi', as: 'apiId', fields: ['apiId', 'apiIds', 'resourceId'] },
  { by: 'portal.deleteConfiguration', as: 'portal', fields: ['portal', 'scopeSource', 'resourceId'] },
  { by: 'keys.deleteKey', as: 'keyId', fields: ['keyId', 'resourceId'] },
  { by: 'identities.deleteIdentity', as: 'externalId', fields: ['externalId'] },
] as const;

interface Reply {
  status: number;
  text: string;
  data: Record<string, string>;
}

/** The result of some rounds. */
export interface RaceResult {
  calls: number;
  /** What went wrong: a leak, a failure of the server, or something that is left. */
  faults: string[];
}

/** One round for each kind of deletion. The order of the calls is random. */
export async function raceDeletions(
  server: ProofServer,
  redis: Pick<TargetRedis, 'client'>,
  random: () => number,
  round: number,
): Promise<RaceResult> {
  const faults: string[] = [];
  let calls = 0;
  async function call(operation: string, bearer: string | undefined, body: object): Promise<Reply> {
    calls += 1;
    const headers = {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const response = await fetch(`${server.url}/v2/${operation}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status >= 500) faults.push(`${operation} returned ${response.status}`);
    return { status: response.status, text, data: JSON.parse(text).data ?? {} };
  }

  for (const { by, as, fields } of deletions) {
    const [owner, stranger] = await Promise.all([server.newWorld(), server.newWorld()]);
    const [rootKey, strangersKey] = [owner.rootKey.value, stranger.rootKey.value];
    const marker = `owned-${round}-${by}`;
    const user = `user-${round}-${by}`;
    const { apiId } = (await call('apis.createApi', rootKey, { name: marker })).data;
    const { portalId } = (
      await call('portal.createConfiguration', rootKey, { slug: 'theirs', name: marker, apiIds: [apiId] })
    ).data;
    const permissions = [
      ...['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((one) => `api.*.${one}`),
      'portal.*.read_account',
    ];
    const enter = async (externalId: string) => {
      const { sessionId } = (await call('portal.createSession', rootKey, { slug: 'theirs', externalId, permissions }))
        .data;
      return (await call('portal.exchangeSession', '', { sessionId })).data['token'];
    };
    const [own, other] = [await enter(user), await enter('another user')];
    const created = await call('portal.createKey', own, { apiId, name: marker, meta: { marker } });
    const { keyId } = created.data;
    if (keyId === undefined) throw new Error(`no key: ${JSON.stringify(created.text)}`);
    const id = { apiId, portal: portalId, keyId, externalId: user }[as] as string;

    const valueFor = (field: string): unknown => {
      if (field === 'apiIds') return [id];
      return field === 'scopeSource' ? { portal: id, kinds: ['tags'] } : id;
    };
    const uses = named
      .filter(({ operation, field }) => (fields as readonly string[]).includes(field) && operation.operationId !== by)
      .flatMap(({ operation, field, body }) => {
        const sent = withField(spec, operation, body, field, valueFor(field));
        const isOfUser = operation.security.some((way) => 'portalSessionBearer' in way);
        const send = (bearer: string | undefined, isForeign: boolean) => async () => {
          const { text } = await call(operation.operationId, bearer, sent);
          const seen = isForeign && text.includes(`"${marker}"`) && field !== 'externalId';
          if (seen) faults.push(`${operation.operationId} tells a stranger about ${field}`);
        };
        return isOfUser
          ? [send(own, false), send(other, field === 'keyId')]
          : [send(rootKey, false), send(strangersKey, true)];
      });
    const deletion = () => call(by, rootKey, { [as]: id });
    const all = [deletion, ...uses].map((start) => ({ start, at: random() })).toSorted((a, b) => a.at - b.at);
    await Promise.all(all.map(({ start }) => start()));

    // A call that came after the deletion of a user has created a new one.
    if (as === 'externalId') await Promise.all([deletion(), call(by, strangersKey, { [as]: id })]);
    const again = await deletion();
    if (again.status !== 404) faults.push(`${by} can be repeated: ${again.status}`);
    // The server removes the keys of an API after the response. The audit log and the portals that list an API may name it.
    const isGone = async () => {
      if (as === 'externalId') return !(await everythingIn({ redis: redis.client as never })).includes(user);
      return (await redis.client.keys(`*${id}*`)).length === 0;
    };
    await until('nothing is left', isGone, 5000).catch(() => faults.push(`${by} leaves something of ${as}`));
  }
  return { calls, faults };
}
