/** Defects of the portal's operations. */
import { randomUUID } from 'node:crypto';
import { envelope, failsWith, type Mutant, onCall, onReply, succeeds, withData, withHeaders } from './mutant.ts';
import type { Defect, Reply } from './proxy.ts';

const listApis = 'portal.listApis';
const getDocument = 'portal.getOpenapiDocument';
const stateful = (name: string, breaks: RegExp, createDefect: () => Defect): Mutant => ({ name, breaks, createDefect });

type Api = { apiId: string; name: string; actions: string[] };
const apisOf = (reply: Reply) => [envelope(reply).data].flat() as unknown as Api[];
const withApis = (reply: Reply, data: Api[]) => ({ body: { ...envelope(reply), data } });
const everything = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];

/** Returns the last document of any portal in place of this error. */
const leaking = (name: string, breaks: RegExp, code: string) =>
  stateful(name, breaks, () => {
    let last: Reply | undefined;
    return {
      onReply(reply, call) {
        if (succeeds(getDocument)(reply, call)) last = reply;
        if (call.operation !== getDocument || last === undefined || !failsWith(code)(reply)) return reply;
        return { ...last, body: { ...envelope(last), meta: envelope(reply).meta } };
      },
    };
  });

export const portalMutants: Mutant[] = [
  onReply('the APIs have actions that the session lacks', /exactly the allowed actions/, succeeds(listApis), (reply) =>
    withApis(
      reply,
      apisOf(reply).map((api) => ({ ...api, actions: everything })),
    ),
  ),
  onReply('the APIs lack delete_key', /exactly the allowed actions/, succeeds(listApis), (reply) =>
    withApis(
      reply,
      apisOf(reply).map((api) => ({ ...api, actions: api.actions.filter((action) => action !== 'delete_key') })),
    ),
  ),
  onReply('the APIs are ordered by id', /exactly the allowed actions/, succeeds(listApis), (reply) =>
    withApis(
      reply,
      apisOf(reply).toSorted((a, b) => (a.apiId < b.apiId ? -1 : 1)),
    ),
  ),
  stateful('APIs of no portal are shown', /no other API/, () => {
    const made: Api[] = [];
    return {
      onReply(reply, call) {
        const { data } = envelope(reply);
        if (succeeds('apis.createApi')(reply, call)) {
          made.push({ apiId: String(data?.['apiId']), name: String(data?.['name']), actions: ['read_key'] });
        }
        if (!succeeds(listApis)(reply, call)) return reply;
        const own = apisOf(reply);
        const others = made.filter(({ apiId }) => !own.some((api) => api.apiId === apiId));
        return { ...reply, ...withApis(reply, [...own, ...others].slice(0, 100)) };
      },
    };
  }),
  leaking(
    "another portal's document is shown if the portal has none",
    /cannot get another portal/,
    'openapi_document_not_found',
  ),
  leaking(
    "another portal's document is shown if the own one is unavailable",
    /cannot get another portal/,
    'openapi_document_unavailable',
  ),
  leaking('the document of the old URL is shown', /not shown after its URL/, 'openapi_document_unavailable'),
  onReply('the ETag is another one each time', /the ETag of a document stays/, succeeds(getDocument), (reply) =>
    withHeaders(reply, { etag: `W/"${randomUUID()}"` }),
  ),
  onReply('the document has no ETag', /getOpenapiDocument › 200 has ETag/, succeeds(getDocument), (reply) =>
    withHeaders(reply, { etag: undefined }),
  ),
  onCall(
    'a caller that has the document gets it again',
    /has the document gets 304/,
    (call) => call.operation === getDocument,
    ({ headers: { 'if-none-match': _, ...headers } }) => ({ headers }),
  ),
  onCall(
    'a caller that has another document gets none',
    /has another document gets this one/,
    (call) => call.operation === getDocument && call.headers['if-none-match'] !== undefined,
    ({ headers }) => ({ headers: { ...headers, 'if-none-match': '*' } }),
  ),
  onReply(
    'a page of another origin cannot read the document',
    /can read the document and its ETag/,
    (_, call) => call.operation === getDocument,
    (reply) => withHeaders(reply, { 'access-control-allow-origin': undefined }),
  ),
  onReply('servers stay relative', /absolute server URLs/, succeeds(getDocument), (reply) => {
    const document = envelope(reply).data?.['document'] as object;
    return withData(reply, { document: { ...document, servers: [{ url: '/v1' }] } });
  }),
  onReply('a fresh document is marked as stale', /marked as fresh/, succeeds(getDocument), (reply) =>
    withData(reply, { stale: true }),
  ),
];
