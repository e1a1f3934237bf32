import { isDeepStrictEqual } from 'node:util';
import { fullPolicy } from '../cases/policy-common.ts';
import { wholeBranding } from '../cases/portal.createConfiguration.ts';
import type { Flow } from '../engine/check.ts';
import { newHostname, newId } from '../engine/ids.ts';
import { callWithRootKey, type Page } from '../engine/root-key-steps.ts';
import { createSession, dataOf, getSession, signIn, urlIn } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** Flows of portal configurations and APIs. */

interface Portal {
  portalId: string;
  slug: string;
  version: number;
  name?: string;
  returnUrl?: string;
  enabled: boolean;
}

const portalNotFound = { status: 404, error: 'unkey/data/portal_config_not_found' };
const apiNotFound = { status: 404, error: 'unkey/data/api_not_found' };
const freshSlug = () => `portal-${newId()}`;

const createPortal = async (trial: Trial, over: Record<string, unknown> = {}): Promise<Portal> =>
  dataOf<Portal>(await callWithRootKey(trial, 'portal.createConfiguration', { slug: freshSlug(), ...over }));
const getPortal = async (trial: Trial, portalId: string): Promise<Portal> =>
  dataOf<Portal>(await callWithRootKey(trial, 'portal.getConfiguration', { portal: portalId }));
const createApi = async (trial: Trial): Promise<string> =>
  dataOf<{ apiId: string }>(await callWithRootKey(trial, 'apis.createApi', { name: 'Payments' })).apiId;

/** Reads all pages of a list and returns the ids in order. Fails after 2,000 pages. */
async function walk(trial: Trial, operation: string, id: string, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 2000; pages++) {
    const response = await callWithRootKey(trial, operation, { limit, ...(cursor !== undefined && { cursor }) });
    const { data, pagination } = response.body as Page<Record<string, string>>;
    trial.assert(data.length <= limit, `a page of at most ${limit} has ${data.length}`);
    seen.push(...data.map((item) => String(item[id])));
    trial.assert(
      pagination.hasMore === (pagination.cursor !== undefined),
      'a page has a cursor exactly if hasMore is true',
    );
    if (!pagination.hasMore) return seen;
    ({ cursor } = pagination);
  }
  trial.assert(false, 'the list ends after at most 2,000 pages');
  return seen;
}

/** A list returns each item once while others are created and deleted. */
const pages = (
  operation: string,
  id: string,
  create: (trial: Trial) => Promise<string>,
  remove: (trial: Trial, id: string) => Promise<unknown>,
): Flow => ({
  operation,
  name: 'pages return every item once while others are created and deleted',
  async run(trial) {
    const own: string[] = [];
    for (let i = 0; i < 5; i++) own.push(await create(trial));
    const first = (await callWithRootKey(trial, operation, { limit: 2 })).body as Page<unknown>;
    trial.assert(
      first.data.length === 2 && first.pagination.hasMore,
      'the first page has 2 items, and hasMore is true',
    );
    // One item is created and deleted before the list is read.
    const gone = await create(trial);
    await remove(trial, gone);
    const seen = await walk(trial, operation, id, 50);
    trial.assert(new Set(seen).size === seen.length, 'no item is returned twice');
    trial.assert(
      own.every((item) => seen.includes(item)),
      'every created item is returned',
    );
    trial.assert(!seen.includes(gone), 'the deleted item is not returned');
  },
});

/** The settings that users see too. */
const seenByUsers = {
  name: 'Acme',
  returnUrl: 'https://app.acme.example/settings',
  supportUrl: 'https://help.acme.example/portal',
  embeddingOrigins: ['https://app.acme.example'],
  branding: wholeBranding,
};

/** Expects an operation to return each of these fields with this value. */
function expectFields(trial: Trial, operation: string, returned: object | undefined, fields: object): void {
  const seen = (returned ?? {}) as Record<string, unknown>;
  const wrong = Object.entries(fields).filter(([name, value]) => !isDeepStrictEqual(seen[name], value));
  trial.assert(wrong.length === 0, `${operation} returns as they were sent: ${wrong.map(([name]) => name).join()}`);
}

const portals: Flow[] = [
  {
    operation: 'portal.getConfiguration',
    name: 'every operation that returns a portal returns each of its settings as it was sent',
    async run(trial) {
      const sent = {
        ...seenByUsers,
        ...{ slug: freshSlug(), enabled: true, apiIds: [await createApi(trial)] },
        ...{ allowedReturnOrigins: ['https://app.acme.example'], allowedOrigins: ['https://keys.acme.example'] },
        openapiUrl: 'https://api.acme.example/openapi.json',
      };
      const { portalId, version } = await createPortal(trial, sent);
      expectFields(trial, 'getConfiguration', await getPortal(trial, portalId), sent);
      const { token } = await signIn(trial, { slug: sent.slug });
      expectFields(trial, 'getSession', (await getSession(trial, token)).portal, seenByUsers);
      const whole = { ...sent, hostname: newHostname() };
      const update = { portal: portalId, version, hostname: whole.hostname };
      const updated = dataOf<Portal>(await callWithRootKey(trial, 'portal.updateConfiguration', update));
      expectFields(trial, 'updateConfiguration', updated, whole);
      expectFields(trial, 'getConfiguration', await getPortal(trial, portalId), whole);
      const listed = await callWithRootKey(trial, 'portal.listConfigurations', { limit: 100 });
      const own = (listed.body as Page<Portal>).data.find((portal) => portal.portalId === portalId);
      expectFields(trial, 'listConfigurations', own, whole);
    },
  },
  {
    operation: 'portal.createConfiguration',
    name: 'a created portal can be read by its id and by its slug',
    async run(trial) {
      const made = await createPortal(trial, { name: 'Acme', returnUrl: 'https://app.acme.example' });
      const byId = await getPortal(trial, made.portalId);
      const bySlug = dataOf<Portal>(await callWithRootKey(trial, 'portal.getConfiguration', { portal: made.slug }));
      trial.assert(JSON.stringify(byId) === JSON.stringify(made), 'the portal read by id equals the created one');
      trial.assert(JSON.stringify(bySlug) === JSON.stringify(made), 'the portal read by slug equals the created one');
    },
  },
  {
    operation: 'portal.createConfiguration',
    name: 'only one of many concurrent requests gets the host name, and it is free again when its portal has given it up',
    async run(trial) {
      const { rootKey } = await trial.arrange('portal');
      const hostname = newHostname();
      const attempts = Array.from({ length: 8 }, () =>
        trial.attempt('portal.createConfiguration', {
          authorization: `Bearer ${rootKey}`,
          body: { slug: freshSlug(), hostname },
        }),
      );
      const replies = await Promise.all(attempts);
      const statuses = replies.map(({ status }) => status).sort();
      trial.assert(statuses.join() === [200, ...Array(7).fill(409)].join(), `one 200 and seven 409, not ${statuses}`);
      const won = replies.find(({ status }) => status === 200)?.body as { data: Portal };
      const { portalId, version } = won.data;
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal: portalId, version, hostname: null });
      const next = await createPortal(trial, { hostname });
      await callWithRootKey(trial, 'portal.deleteConfiguration', { portal: next.portalId });
      await createPortal(trial, { hostname });
    },
  },
  {
    operation: 'portal.createSession',
    name: 'the link of a portal with a host name leads there',
    async run(trial) {
      const hostname = newHostname();
      const { slug } = await createPortal(trial, { hostname });
      const { created } = await createSession(trial, { slug });
      const there = urlIn(trial, created.url).hostname;
      trial.assert(there === hostname, `the link leads to ${hostname}, not to ${there}`);
    },
  },
  {
    operation: 'portal.createConfiguration',
    name: 'only one of many concurrent requests gets the slug',
    async run(trial) {
      const { rootKey } = await trial.arrange('portal');
      const request = { authorization: `Bearer ${rootKey}`, body: { slug: freshSlug() } };
      const tries = Array.from({ length: 10 }, () => trial.attempt('portal.createConfiguration', request));
      const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
      trial.assert(statuses.join() === [200, ...Array(9).fill(409)].join(), `one 200 and nine 409, not ${statuses}`);
    },
  },
  {
    operation: 'portal.updateConfiguration',
    name: 'sent fields change, absent fields stay, null clears, and the version increases by one',
    async run(trial) {
      const made = await createPortal(trial, { name: 'Acme', returnUrl: 'https://app.acme.example' });
      const { portalId, version } = made;
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal: portalId, version, name: 'New' });
      const changed = await getPortal(trial, portalId);
      trial.assert(changed.name === 'New', `name is "New", not "${changed.name}"`);
      trial.assert(changed.returnUrl === made.returnUrl, 'returnUrl is unchanged');
      trial.assert(changed.version === version + 1, `version is ${version + 1}, not ${changed.version}`);
      await callWithRootKey(trial, 'portal.updateConfiguration', {
        portal: portalId,
        version: changed.version,
        returnUrl: null,
      });
      const cleared = await getPortal(trial, portalId);
      trial.assert(!('returnUrl' in cleared) && cleared.name === 'New', 'returnUrl is cleared, and name is unchanged');
    },
  },
  {
    operation: 'portal.updateConfiguration',
    name: 'only one of many concurrent updates with the same version succeeds',
    async run(trial) {
      const { rootKey } = await trial.arrange('portal');
      const { portalId, version } = await createPortal(trial);
      const update = (i: number) =>
        trial.attempt('portal.updateConfiguration', {
          authorization: `Bearer ${rootKey}`,
          body: { portal: portalId, version, name: `name ${i}` },
        });
      const responses = await Promise.all(Array.from({ length: 10 }, (_, i) => update(i)));
      const won = responses.filter(({ status }) => status === 200);
      trial.assert(won.length === 1, `one of ten updates succeeds, not ${won.length}`);
      trial.assert(responses.filter(({ status }) => status === 409).length === 9, 'the other nine return 409');
      const [winner] = won.map((response) => dataOf<Portal>(response));
      const after = await getPortal(trial, portalId);
      trial.assert(
        after.name === winner?.name && after.version === version + 1,
        'the portal has the name of the successful update',
      );
    },
  },
  {
    operation: 'portal.deleteConfiguration',
    name: 'a deleted portal is gone, its slug is free, and a second deletion is not found',
    async run(trial) {
      const { portalId, slug } = await createPortal(trial);
      await callWithRootKey(trial, 'portal.deleteConfiguration', { portal: portalId });
      await callWithRootKey(trial, 'portal.getConfiguration', { portal: portalId }, portalNotFound);
      await callWithRootKey(trial, 'portal.getConfiguration', { portal: slug }, portalNotFound);
      await callWithRootKey(trial, 'portal.deleteConfiguration', { portal: portalId }, portalNotFound);
      const again = await createPortal(trial, { slug });
      trial.assert(again.portalId !== portalId, 'the next portal with the slug has a new id');
    },
  },
  pages(
    'portal.listConfigurations',
    'portalId',
    async (trial) => (await createPortal(trial)).portalId,
    (trial, portalId) => callWithRootKey(trial, 'portal.deleteConfiguration', { portal: portalId }),
  ),
];

const apis: Flow[] = [
  {
    operation: 'apis.getApi',
    name: 'the prefix and the policy of an API are returned by getApi and listApis',
    async run(trial) {
      const sent = { name: 'Payments', prefix: 'pay_live', policy: fullPolicy };
      const { apiId } = dataOf<{ apiId: string }>(await callWithRootKey(trial, 'apis.createApi', sent));
      expectFields(trial, 'getApi', dataOf(await callWithRootKey(trial, 'apis.getApi', { apiId })), sent);
      const listed = await callWithRootKey(trial, 'apis.listApis', { limit: 100 });
      const own = (listed.body as Page<{ apiId: string }>).data.find((api) => api.apiId === apiId);
      expectFields(trial, 'listApis', own, sent);
    },
  },
  {
    operation: 'apis.deleteApi',
    name: 'a deleted API is gone, and a second deletion is not found',
    async run(trial) {
      const apiId = await createApi(trial);
      await callWithRootKey(trial, 'apis.getApi', { apiId });
      await callWithRootKey(trial, 'apis.deleteApi', { apiId });
      await callWithRootKey(trial, 'apis.getApi', { apiId }, apiNotFound);
      await callWithRootKey(trial, 'apis.deleteApi', { apiId }, apiNotFound);
    },
  },
  pages('apis.listApis', 'apiId', createApi, (trial, apiId) => callWithRootKey(trial, 'apis.deleteApi', { apiId })),
];

export default [...portals, ...apis];
