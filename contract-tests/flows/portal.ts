import type { CaseResponse, Fixture } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import { createSession, dataOf, signIn, urlIn } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** Flows of the portal's pages, and of requests from other origins. */

interface ListedApi {
  apiId: string;
  actions: string[];
}

const createApi = async (trial: Trial, name: string): Promise<string> =>
  dataOf<{ apiId: string }>(await callWithRootKey(trial, 'apis.createApi', { name })).apiId;

/** The APIs of a portal with these permissions, one `id: action,action` per line. */
async function seenApis(trial: Trial, slug: string, permissions: string[]): Promise<string> {
  const { token } = await signIn(trial, { slug, permissions });
  const response = await trial.call('portal.listApis', { authorization: `Bearer ${token}` }, { status: 200 });
  return dataOf<ListedApi[]>(response)
    .map(({ apiId, actions }) => `${apiId}: ${actions}`)
    .join('\n');
}

const apis: Flow[] = [
  {
    operation: 'portal.listApis',
    name: 'the APIs are listed in the order of the portal, each with exactly the allowed actions, and no other API',
    async run(trial) {
      const [one, two, gone, other] = [
        await createApi(trial, 'One'),
        await createApi(trial, 'Two'),
        await createApi(trial, 'Gone'),
        await createApi(trial, 'Of no portal'),
      ];
      const slug = `portal-${newId()}`;
      await callWithRootKey(trial, 'portal.createConfiguration', { slug, apiIds: [one, gone, two] });
      await callWithRootKey(trial, 'apis.deleteApi', { apiId: gone });
      const both = ['api.*.read_analytics', `api.${two}.delete_key`, `api.${two}.read_key`, `api.${other}.read_key`];
      const seen = await seenApis(trial, slug, both);
      const right = `${one}: read_analytics\n${two}: read_key,delete_key,read_analytics`;
      trial.assert(seen === right, `${both} shows ${right}, not ${seen}`);
      const alone = await seenApis(trial, slug, [`api.${two}.create_key`, `api.${gone}.create_key`]);
      trial.assert(alone === `${two}: create_key`, `an API without allowed actions is not listed, as in ${alone}`);
      const nothing = await seenApis(trial, slug, ['api.*.something_else', 'portal.*.read_key']);
      trial.assert(nothing === '', `a user without key permissions gets no APIs, not ${nothing}`);
      const swapped = { portal: slug, version: 1, apiIds: [two, one] };
      await callWithRootKey(trial, 'portal.updateConfiguration', swapped);
      const after = await seenApis(trial, slug, ['api.*.read_key']);
      trial.assert(
        after === `${two}: read_key\n${one}: read_key`,
        `the APIs have the order of the portal, not ${after}`,
      );
    },
  },
];

interface Shown {
  document: { info: object; servers?: { url: string }[]; host?: string };
}

const get = (trial: Trial, { token }: Fixture, promised: CaseResponse) =>
  trial.call('portal.getOpenapiDocument', { authorization: `Bearer ${token}` }, promised);
const noDocument = { status: 404, error: 'unkey/data/openapi_document_not_found' };
const unavailable = { status: 502, error: 'unkey/data/openapi_document_unavailable' };

const documents: Flow[] = [
  {
    operation: 'portal.getOpenapiDocument',
    name: 'the document has absolute server URLs',
    async run(trial) {
      const { document } = dataOf<Shown>(await get(trial, await trial.arrange('portalWithDocument'), { status: 200 }));
      const { servers = [], host } = document;
      trial.assert(servers.length > 0 || host !== undefined, 'the document has at least one server');
      // A variable in braces can have any value.
      const relative = servers.filter(({ url }) => !/^([a-z][a-z\d+.-]*:|\{)/i.test(url));
      trial.assert(relative.length === 0, `no server is relative, as ${relative[0]?.url} is`);
    },
  },
  {
    operation: 'portal.getOpenapiDocument',
    name: 'the ETag of a document stays the same, and a caller that sends it gets no document',
    async run(trial) {
      const fixture = await trial.arrange('portalWithDocument');
      const first = await get(trial, fixture, { status: 200 });
      const etag = String(first.headers['etag']);
      const ask = (known: string, promised: CaseResponse) =>
        trial.call(
          'portal.getOpenapiDocument',
          { authorization: `Bearer ${fixture.token}`, headers: { 'If-None-Match': known } },
          promised,
        );
      for (const known of [etag, `"other", ${etag}`]) {
        const unchanged = await ask(known, { status: 304 });
        trial.assert(unchanged.headers['etag'] === etag, `the ETag is still ${etag}, not ${unchanged.headers['etag']}`);
      }
      const again = await ask(etag.replace(/.{4}"$/, 'zzzz"'), { status: 200 });
      trial.assert(again.headers['etag'] === etag, `the ETag is still ${etag}, not ${again.headers['etag']}`);
    },
  },
  {
    operation: 'portal.getOpenapiDocument',
    name: "a user cannot get another portal's document",
    async run(trial) {
      const documented = await trial.arrange('portalWithDocument');
      const { headers } = await get(trial, documented, { status: 200 });
      await get(trial, await trial.arrange('portalWithoutDocument'), noDocument);
      const stranger = await trial.arrange('portalWithoutDocument');
      await trial.call(
        'portal.getOpenapiDocument',
        { authorization: `Bearer ${stranger.token}`, headers: { 'If-None-Match': String(headers['etag']) } },
        noDocument,
      );
      await get(trial, await trial.arrange('portalWithUnavailableDocument'), unavailable);
      await get(trial, documented, { status: 200 });
    },
  },
  {
    operation: 'portal.getOpenapiDocument',
    name: 'a document is not shown after its URL has changed',
    async run(trial) {
      const documented = await trial.arrange('portalWithDocument');
      await get(trial, documented, { status: 200 });
      const { openapiUrl: dead } = await trial.arrange('portalWithUnavailableDocument');
      const { slug: portal } = documented;
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal, version: 1, openapiUrl: dead });
      await get(trial, documented, unavailable);
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal, version: 2, openapiUrl: null });
      await get(trial, documented, noDocument);
    },
  },
];

const foreign = 'https://evil.example';

const origins: Flow[] = [
  {
    operation: 'portal.getSession',
    name: "a session is accepted from the portal's own pages and from non-browser clients",
    async run(trial) {
      const { created } = await createSession(trial);
      const exchanged = await trial.call(
        'portal.exchangeSession',
        { body: { sessionId: created.sessionId } },
        { status: 200 },
      );
      const { token } = dataOf<{ token: string }>(exchanged);
      const { origin } = urlIn(trial, created.url);
      const pages: Record<string, string>[] = [
        {},
        { 'Sec-Fetch-Site': 'same-origin', Origin: origin },
        { 'Sec-Fetch-Site': 'none' },
        { Origin: origin },
      ];
      for (const headers of pages)
        for (const credential of [{ cookie: token }, { authorization: `Bearer ${token}` }])
          await trial.call('portal.getSession', { ...credential, headers }, { status: 200 });
    },
  },
  {
    operation: 'portal.endSession',
    name: 'a page of another origin, even a sibling subdomain or in an old browser, cannot log the user out with the cookie or the token',
    async run(trial) {
      const { token } = await signIn(trial);
      const refused = { status: 403, error: 'unkey/authorization/foreign_origin' };
      const pages: Record<string, string>[] = [
        { 'Sec-Fetch-Site': 'cross-site', Origin: foreign },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.acme.example' },
        { Origin: foreign },
        { Origin: 'null' },
      ];
      for (const headers of pages)
        for (const credential of [{ cookie: token }, { authorization: `Bearer ${token}` }])
          await trial.call('portal.endSession', { ...credential, headers }, refused);
      await trial.call('portal.getSession', { cookie: token }, { status: 200 });
    },
  },
];

export default [...apis, ...documents, ...origins];
