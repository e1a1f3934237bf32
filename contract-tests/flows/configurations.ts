import { randomUUID } from 'node:crypto';
import type { Flow } from '../engine/check.ts';
import { manage, type Page } from '../engine/root-key-steps.ts';
import { dataOf } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** What takes several requests to see of portal configurations and APIs, which the same root key manages. */

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
const freshSlug = () => `portal-${randomUUID()}`;

const createPortal = async (trial: Trial, over: Record<string, unknown> = {}): Promise<Portal> =>
  dataOf<Portal>(await manage(trial, 'portal.createConfiguration', { slug: freshSlug(), ...over }));
const getPortal = async (trial: Trial, portalId: string): Promise<Portal> =>
  dataOf<Portal>(await manage(trial, 'portal.getConfiguration', { portal: portalId }));
const createApi = async (trial: Trial): Promise<string> =>
  dataOf<{ apiId: string }>(await manage(trial, 'apis.createApi', { name: 'Payments' })).apiId;

/** Walks a whole list, a few at a time, and returns the ids in their order. Stops where it is longer than any test's. */
async function walk(trial: Trial, operation: string, id: string, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 2000; pages++) {
    const answer = await manage(trial, operation, { limit, ...(cursor !== undefined && { cursor }) });
    const { data, pagination } = answer.body as Page<Record<string, string>>;
    trial.holds(data.length <= limit, `a page of at most ${limit} has ${data.length}`);
    seen.push(...data.map((item) => String(item[id])));
    trial.holds(
      pagination.hasMore === (pagination.cursor !== undefined),
      'there is a cursor where there is more, and only there',
    );
    if (!pagination.hasMore) return seen;
    ({ cursor } = pagination);
  }
  trial.holds(false, 'the list comes to an end');
  return seen;
}

/** A list gives each of its items once, while others come and go. */
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
    const first = (await manage(trial, operation, { limit: 2 })).body as Page<unknown>;
    trial.holds(first.data.length === 2 && first.pagination.hasMore, 'the first page of 2 is full, and there is more');
    // One that was there goes and another comes while the list is being read.
    const gone = await create(trial);
    await remove(trial, gone);
    const seen = await walk(trial, operation, id, 50);
    trial.holds(new Set(seen).size === seen.length, 'nothing comes twice');
    trial.holds(
      own.every((item) => seen.includes(item)),
      'everything that is there comes',
    );
    trial.holds(!seen.includes(gone), 'what is gone does not come');
  },
});

const portals: Flow[] = [
  {
    operation: 'portal.createConfiguration',
    name: 'a created portal can be read by its id and by its slug',
    async run(trial) {
      const made = await createPortal(trial, { name: 'Acme', returnUrl: 'https://app.acme.example' });
      const byId = await getPortal(trial, made.portalId);
      const bySlug = dataOf<Portal>(await manage(trial, 'portal.getConfiguration', { portal: made.slug }));
      trial.holds(JSON.stringify(byId) === JSON.stringify(made), 'by id it is as it was created');
      trial.holds(JSON.stringify(bySlug) === JSON.stringify(made), 'by slug it is the same');
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
      trial.holds(statuses.join() === [200, ...Array(9).fill(409)].join(), `one 200 and nine 409, not ${statuses}`);
    },
  },
  {
    operation: 'portal.updateConfiguration',
    name: 'sent fields change, absent fields stay, null clears, and the version increases by one',
    async run(trial) {
      const made = await createPortal(trial, { name: 'Acme', returnUrl: 'https://app.acme.example' });
      const { portalId, version } = made;
      await manage(trial, 'portal.updateConfiguration', { portal: portalId, version, name: 'New' });
      const changed = await getPortal(trial, portalId);
      trial.holds(changed.name === 'New', `name is "New", not "${changed.name}"`);
      trial.holds(changed.returnUrl === made.returnUrl, 'returnUrl has stayed');
      trial.holds(changed.version === version + 1, `version is ${version + 1}, not ${changed.version}`);
      await manage(trial, 'portal.updateConfiguration', {
        portal: portalId,
        version: changed.version,
        returnUrl: null,
      });
      const cleared = await getPortal(trial, portalId);
      trial.holds(!('returnUrl' in cleared) && cleared.name === 'New', 'returnUrl is cleared, name has stayed');
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
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => update(i)));
      const won = answers.filter(({ status }) => status === 200);
      trial.holds(won.length === 1, `one of ten wins, not ${won.length}`);
      trial.holds(answers.filter(({ status }) => status === 409).length === 9, 'the other nine answer 409');
      const [winner] = won.map((answer) => dataOf<Portal>(answer));
      const after = await getPortal(trial, portalId);
      trial.holds(after.name === winner?.name && after.version === version + 1, 'the portal is as the winner left it');
    },
  },
  {
    operation: 'portal.deleteConfiguration',
    name: 'a deleted portal is gone, its slug is free, and a second deletion is not found',
    async run(trial) {
      const { portalId, slug } = await createPortal(trial);
      await manage(trial, 'portal.deleteConfiguration', { portal: portalId });
      await manage(trial, 'portal.getConfiguration', { portal: portalId }, portalNotFound);
      await manage(trial, 'portal.getConfiguration', { portal: slug }, portalNotFound);
      await manage(trial, 'portal.deleteConfiguration', { portal: portalId }, portalNotFound);
      const again = await createPortal(trial, { slug });
      trial.holds(again.portalId !== portalId, 'the next portal of the slug has an id of its own');
    },
  },
  pages(
    'portal.listConfigurations',
    'portalId',
    async (trial) => (await createPortal(trial)).portalId,
    (trial, portalId) => manage(trial, 'portal.deleteConfiguration', { portal: portalId }),
  ),
];

const apis: Flow[] = [
  {
    operation: 'apis.deleteApi',
    name: 'a deleted API is gone, and a second deletion is not found',
    async run(trial) {
      const apiId = await createApi(trial);
      await manage(trial, 'apis.getApi', { apiId });
      await manage(trial, 'apis.deleteApi', { apiId });
      await manage(trial, 'apis.getApi', { apiId }, apiNotFound);
      await manage(trial, 'apis.deleteApi', { apiId }, apiNotFound);
    },
  },
  pages('apis.listApis', 'apiId', createApi, (trial, apiId) => manage(trial, 'apis.deleteApi', { apiId })),
];

export default [...portals, ...apis];
