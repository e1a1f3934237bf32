// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.

import type {
  AliveResponse,
  ConfigurationResponse,
  CreateApiRequest,
  CreateConfigurationRequest,
  CreateKeyRequest,
  CreateSessionRequest,
  CreateSessionResponse,
  DeleteApiResponse,
  DeleteConfigurationResponse,
  DeleteKeyRequest,
  DeleteKeyResponse,
  EndSessionRequest,
  EndSessionResponse,
  ExchangeSessionRequest,
  ExchangeSessionResponse,
  GetApiRequest,
  GetConfigurationRequest,
  GetOpenapiDocumentRequest,
  GetOpenapiDocumentResponse,
  GetSessionRequest,
  GetSessionResponse,
  GetVerificationsRequest,
  GetVerificationsResponse,
  KeyResponse,
  ListApisResponse,
  ListAuditEntriesRequest,
  ListAuditEntriesResponse,
  ListConfigurationsResponse,
  ListKeysRequest,
  ListKeysResponse,
  ListPortalApisRequest,
  ListPortalApisResponse,
  ListRequest,
  ListSessionsRequest,
  ListSessionsResponse,
  NewKeyResponse,
  ReadyResponse,
  RerollKeyRequest,
  RevokeSessionsRequest,
  RevokeSessionsResponse,
  SingleApiResponse,
  UpdateConfigurationRequest,
  UpdateKeyRequest,
  VerificationsCsv,
  VerifyKeyRequest,
  VerifyKeyResponse,
} from '../../../../generated/client/types.gen.ts';
import type { CallOptions, Connection, IdempotentCallOptions, PageOf } from '../connection.ts';

/**
 * Mint a single-use portal session.
 *
 * Called by your backend when one of your users wants to open the portal. Redirect the user to `url` at once:
 * the session id in it lives for 15 minutes and can be exchanged exactly once.
 *
 * The permissions decide which tabs the user sees and what they may do there. They can never exceed what the
 * root key itself holds.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalCreateSession = (portico: Connection, body: CreateSessionRequest, options?: IdempotentCallOptions): Promise<CreateSessionResponse['data']> =>
  portico.call({ id: 'portal.createSession', method: 'POST', path: '/v2/portal.createSession', auth: 'rootKey', idempotent: true }, body, options);

/**
 * Exchange a session id for a browser session.
 *
 * Called by the portal page once the user's browser has opened the link. The session id is consumed and the
 * 24-hour browser session is created in one atomic step: of any number of concurrent exchanges of one id
 * exactly one succeeds.
 *
 * The token is returned in the body, for direct API calls, and as the `portal_session` cookie. No credential
 * but the session id is needed, and any that is sent is ignored: a link always opens as the person it was
 * minted for.
 *
 * An answer can get lost on its way. Send an `Idempotency-Key` with the exchange, and send both again: that is
 * answered with the same token, and never with a second session.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalExchangeSession = (portico: Connection, body: ExchangeSessionRequest, options?: IdempotentCallOptions): Promise<ExchangeSessionResponse['data']> =>
  portico.call({ id: 'portal.exchangeSession', method: 'POST', path: '/v2/portal.exchangeSession', idempotent: true }, body, options);

/**
 * Who is signed in, and what they may see.
 *
 * Everything a portal page needs to draw its frame: the user, their permissions, the visible tabs in their
 * order, whether this is a preview, when the session ends, and how the portal is branded.
 *
 * Takes no input. An empty body and `{}` are the same.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetSession = (portico: Connection, body: GetSessionRequest = {}, options?: CallOptions): Promise<GetSessionResponse['data']> =>
  portico.call({ id: 'portal.getSession', method: 'POST', path: '/v2/portal.getSession', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * Log out.
 *
 * Ends the browser session on the server, not only in the browser: the next call with its token, from wherever,
 * is refused. The cookie is cleared.
 *
 * Takes no input. An empty body and `{}` are the same.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalEndSession = (portico: Connection, body: EndSessionRequest = {}, options?: CallOptions): Promise<EndSessionResponse['data']> =>
  portico.call({ id: 'portal.endSession', method: 'POST', path: '/v2/portal.endSession', auth: 'sessionToken' }, body, options);

/**
 * Make a portal.
 *
 * Makes a portal in the root key's workspace. Its slug is unique there, and stays: links and your backend name the
 * portal by it.
 *
 * `apiIds` names the APIs whose keys users of this portal may manage; each must be an API of the workspace.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalCreateConfiguration = (portico: Connection, body: CreateConfigurationRequest, options?: IdempotentCallOptions): Promise<ConfigurationResponse['data']> =>
  portico.call({ id: 'portal.createConfiguration', method: 'POST', path: '/v2/portal.createConfiguration', auth: 'rootKey', idempotent: true }, body, options);

/**
 * Read one portal.
 *
 * One portal of the root key's workspace, by its id or its slug. The `version` in it is what an update must carry.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetConfiguration = (portico: Connection, body: GetConfigurationRequest, options?: CallOptions): Promise<ConfigurationResponse['data']> =>
  portico.call({ id: 'portal.getConfiguration', method: 'POST', path: '/v2/portal.getConfiguration', auth: 'rootKey', repeatable: true }, body, options);

/**
 * List the portals.
 *
 * The portals of the root key's workspace, newest first, a page at a time. While there is more, send the `cursor` of
 * the answer to get the next page; portals that come and go in between neither repeat nor hide others.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListConfigurations = (portico: Connection, body: ListRequest = {}, options?: CallOptions): Promise<PageOf<ListConfigurationsResponse>> =>
  portico.call({ id: 'portal.listConfigurations', method: 'POST', path: '/v2/portal.listConfigurations', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Change a portal.
 *
 * Changes what is sent and keeps the rest; `null` clears. The update carries the `version` that it was made from: if
 * someone else has changed the portal since, it is refused and nothing is lost. Read the portal again, and repeat.
 *
 * Switching a portal off ends all of its sessions at once. Switching it on again does not bring them back.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalUpdateConfiguration = (portico: Connection, body: UpdateConfigurationRequest, options?: CallOptions): Promise<ConfigurationResponse['data']> =>
  portico.call({ id: 'portal.updateConfiguration', method: 'POST', path: '/v2/portal.updateConfiguration', auth: 'rootKey' }, body, options);

/**
 * Delete a portal.
 *
 * Deletes a portal and ends all of its sessions at once. Its slug can be used again, by a new portal that none of the
 * old sessions belong to.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalDeleteConfiguration = (portico: Connection, body: GetConfigurationRequest, options?: CallOptions): Promise<DeleteConfigurationResponse['data']> =>
  portico.call({ id: 'portal.deleteConfiguration', method: 'POST', path: '/v2/portal.deleteConfiguration', auth: 'rootKey' }, body, options);

/**
 * Make an API.
 *
 * Makes an API: the space that the API keys of your users live in. A portal hands out keys for the APIs it names in
 * `apiIds`.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisCreateApi = (portico: Connection, body: CreateApiRequest, options?: IdempotentCallOptions): Promise<SingleApiResponse['data']> =>
  portico.call({ id: 'apis.createApi', method: 'POST', path: '/v2/apis.createApi', auth: 'rootKey', idempotent: true }, body, options);

/**
 * Read one API.
 *
 * One API of the root key's workspace.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisGetApi = (portico: Connection, body: GetApiRequest, options?: CallOptions): Promise<SingleApiResponse['data']> =>
  portico.call({ id: 'apis.getApi', method: 'POST', path: '/v2/apis.getApi', auth: 'rootKey', repeatable: true }, body, options);

/**
 * List the APIs.
 *
 * The APIs of the root key's workspace, newest first, a page at a time. While there is more, send the `cursor` of the
 * answer to get the next page.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisListApis = (portico: Connection, body: ListRequest = {}, options?: CallOptions): Promise<PageOf<ListApisResponse>> =>
  portico.call({ id: 'apis.listApis', method: 'POST', path: '/v2/apis.listApis', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Delete an API.
 *
 * Deletes an API. Portals that name it in `apiIds` keep the id and hand out nothing for it.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisDeleteApi = (portico: Connection, body: GetApiRequest, options?: CallOptions): Promise<DeleteApiResponse['data']> =>
  portico.call({ id: 'apis.deleteApi', method: 'POST', path: '/v2/apis.deleteApi', auth: 'rootKey' }, body, options);

/**
 * List the APIs of the portal, and what the user may do in each.
 *
 * The APIs that the portal hands out keys for, in the portal's own order, each with the actions that the session's
 * permissions allow there. An API in which the session may do nothing is left out, and so is one that is gone.
 *
 * Takes no input. An empty body and `{}` are the same. All APIs come on one page.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListApis = (portico: Connection, body: ListPortalApisRequest = {}, options?: CallOptions): Promise<PageOf<ListPortalApisResponse>> =>
  portico.call({ id: 'portal.listApis', method: 'POST', path: '/v2/portal.listApis', auth: 'sessionToken', repeatable: true, answer: 'page' }, body, options);

/**
 * Get the OpenAPI document of the customer's API.
 *
 * The OpenAPI document that the portal's documentation tab shows, as JSON. The server fetches it from the portal's
 * `openapiUrl`, within limits of size and time, and keeps the last good copy: one that is older than five minutes is
 * fetched again behind the answer, and where that fails the copy goes on being served, marked as stale. Addresses of
 * `servers` that are relative are made absolute.
 *
 * Takes no input. An empty body and `{}` are the same.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetOpenapiDocument = (portico: Connection, body: GetOpenapiDocumentRequest = {}, options?: CallOptions): Promise<GetOpenapiDocumentResponse['data']> =>
  portico.call({ id: 'portal.getOpenapiDocument', method: 'POST', path: '/v2/portal.getOpenapiDocument', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * List the user's keys.
 *
 * The keys of the signed-in user in the APIs of their portal, newest first, a page at a time. Never anyone else's.
 * Needs `read_key` on the API that is asked for; without `apiId` the keys of all APIs that the session may read.
 *
 * `search` finds keys whose name contains the text, in any case. A page looks at a bounded number of keys however many
 * there are, so with a filter it may be shorter than `limit`, or empty, while `hasMore` is still true: go on with the
 * cursor. A cursor belongs to the user and to the filters it was made with.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListKeys = (portico: Connection, body: ListKeysRequest = {}, options?: CallOptions): Promise<PageOf<ListKeysResponse>> =>
  portico.call({ id: 'portal.listKeys', method: 'POST', path: '/v2/portal.listKeys', auth: 'sessionToken', repeatable: true, answer: 'page' }, body, options);

/**
 * Make a key.
 *
 * Makes a key for the signed-in user in one of the portal's APIs. The key itself is in this answer and in no other: what
 * is kept is its SHA-256. Needs `create_key` on the API.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalCreateKey = (portico: Connection, body: CreateKeyRequest, options?: CallOptions): Promise<NewKeyResponse['data']> =>
  portico.call({ id: 'portal.createKey', method: 'POST', path: '/v2/portal.createKey', auth: 'sessionToken' }, body, options);

/**
 * Change a key.
 *
 * Changes what is sent and keeps the rest; `null` clears. A key that is switched off, or whose expiry is over, is refused
 * from its very next verification on. A key that was rerolled cannot be changed any more. Needs `update_key` on the key's
 * API.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalUpdateKey = (portico: Connection, body: UpdateKeyRequest, options?: CallOptions): Promise<KeyResponse['data']> =>
  portico.call({ id: 'portal.updateKey', method: 'POST', path: '/v2/portal.updateKey', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * Delete a key.
 *
 * Deletes a key: its very next verification finds nothing. What it was used for stays in the user's usage until that ages
 * out. Needs `delete_key` on the key's API.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalDeleteKey = (portico: Connection, body: DeleteKeyRequest, options?: CallOptions): Promise<DeleteKeyResponse['data']> =>
  portico.call({ id: 'portal.deleteKey', method: 'POST', path: '/v2/portal.deleteKey', auth: 'sessionToken' }, body, options);

/**
 * Replace a key by a fresh one.
 *
 * Makes a new key with the settings and the expiry of the old one. The old key goes on for `expiration` milliseconds, or
 * until its own expiry where that comes first; with 0 it is refused from its very next verification on. A key can be
 * rerolled once, and not after its expiry. Needs `create_key` on the key's API.
 *
 * The new key counts towards the limit of keys, the one that it replaces does not.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalRerollKey = (portico: Connection, body: RerollKeyRequest, options?: CallOptions): Promise<NewKeyResponse['data']> =>
  portico.call({ id: 'portal.rerollKey', method: 'POST', path: '/v2/portal.rerollKey', auth: 'sessionToken' }, body, options);

/**
 * How the user's keys were used.
 *
 * How often the signed-in user's keys were verified in a window of time, by outcome: the sums, a series without gaps, and
 * the keys that were used most. For all keys in the portal's APIs on which the session has `read_analytics`, or for one key.
 *
 * The series has buckets of a minute for windows of up to 3 hours, of an hour for up to 4 days, else of a day (UTC). The
 * window is widened to whole buckets: `startTime` and `endTime` of the answer say what it covers. Minutes are kept for two
 * days; a short window that lies further back is answered by the hour, and `granularity` says so. The server keeps usage
 * for a limited time (90 days where its operator has not said otherwise); a window that begins earlier is refused.
 *
 * With `Accept: text/csv` the series comes as CSV.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetVerifications = (portico: Connection, body: GetVerificationsRequest, options?: CallOptions): Promise<GetVerificationsResponse['data']> =>
  portico.call({ id: 'portal.getVerifications', method: 'POST', path: '/v2/portal.getVerifications', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * How the user's keys were used, as CSV.
 *
 * How often the signed-in user's keys were verified in a window of time, by outcome: the sums, a series without gaps, and
 * the keys that were used most. For all keys in the portal's APIs on which the session has `read_analytics`, or for one key.
 *
 * The series has buckets of a minute for windows of up to 3 hours, of an hour for up to 4 days, else of a day (UTC). The
 * window is widened to whole buckets: `startTime` and `endTime` of the answer say what it covers. Minutes are kept for two
 * days; a short window that lies further back is answered by the hour, and `granularity` says so. The server keeps usage
 * for a limited time (90 days where its operator has not said otherwise); a window that begins earlier is refused.
 *
 * With `Accept: text/csv` the series comes as CSV.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetVerificationsCsv = (portico: Connection, body: GetVerificationsRequest, options?: CallOptions): Promise<VerificationsCsv> =>
  portico.call({ id: 'portal.getVerifications', method: 'POST', path: '/v2/portal.getVerifications', auth: 'sessionToken', repeatable: true, answer: 'csv' }, body, options);

/**
 * Is this key good?
 *
 * Called by your API for each request it serves. The answer is always 200; `valid` says whether to serve, `code` why not.
 * The decision, the key's rate limit and the counting of the usage are one atomic step, on the state of that moment: a key
 * that was deleted, switched off, rerolled away or has expired is refused by the very next call, on every process.
 *
 * A key of another workspace, or of another API than `apiId`, is `NOT_FOUND`, as one that never was. Those count for nobody.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const keysVerifyKey = (portico: Connection, body: VerifyKeyRequest, options?: CallOptions): Promise<VerifyKeyResponse['data']> =>
  portico.call({ id: 'keys.verifyKey', method: 'POST', path: '/v2/keys.verifyKey', auth: 'rootKey' }, body, options);

/**
 * List live sessions.
 *
 * The sessions that are alive, newest first: of one user (`externalId`), of one portal (`slug`), of one user in one
 * portal (both), or one alone (`handle`). At least one of the three is needed. One that is revoked, expired or logged
 * out is not in the list, and nothing in it is a credential.
 *
 * A page costs the same however many sessions are alive, so it can be shorter than `limit`, even empty, while there is
 * more: go on as long as `hasMore` is true.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListSessions = (portico: Connection, body: ListSessionsRequest = {}, options?: CallOptions): Promise<PageOf<ListSessionsResponse>> =>
  portico.call({ id: 'portal.listSessions', method: 'POST', path: '/v2/portal.listSessions', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * End sessions.
 *
 * Ends sessions at once: of one user (`externalId`), of one portal (`slug`), of one user in one portal (both), or one
 * alone (`handle`). At least one of the three is needed. The next call of each is refused with
 * `portal_session_not_found`, and a link that was not opened yet opens nothing.
 *
 * Where there is nothing to end the answer is `revoked: 0`, whether or not it ever existed. For a `slug` alone all of
 * the portal's sessions end in one step, and `revoked` counts also those links of the last day that had expired
 * unopened.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalRevokeSessions = (portico: Connection, body: RevokeSessionsRequest = {}, options?: CallOptions): Promise<RevokeSessionsResponse['data']> =>
  portico.call({ id: 'portal.revokeSessions', method: 'POST', path: '/v2/portal.revokeSessions', auth: 'rootKey', repeatable: true }, body, options);

/**
 * Read the audit log.
 *
 * Who did what, and when: every mint, exchange, log out, revocation, and every change of portals, APIs, root keys and the
 * workspace, newest first. It holds what changed, before and after, and never a credential.
 *
 * The log is bounded in age and length by the operator's settings. Filters are applied while reading, so a page can be
 * shorter than `limit`, even empty, while there is more: go on as long as `hasMore` is true.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const auditLogsListEntries = (portico: Connection, body: ListAuditEntriesRequest = {}, options?: CallOptions): Promise<PageOf<ListAuditEntriesResponse>> =>
  portico.call({ id: 'auditLogs.listEntries', method: 'POST', path: '/v2/auditLogs.listEntries', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Is the process alive?
 *
 * Answers as long as the process can answer at all, whatever the state of Redis. Restart the process when it
 * does not.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const liveness = (portico: Connection, options?: CallOptions): Promise<AliveResponse['data']> =>
  portico.call({ id: 'liveness', method: 'GET', path: '/v2/liveness', repeatable: true }, undefined, options);

/**
 * Can the process serve requests?
 *
 * Answers 200 where requests can be served: every operation is compiled, the process is not about to stop, and
 * Redis would take a write. 503 while one of these does not hold, so also where Redis answers but is a replica,
 * out of memory, loading, or cannot persist. Nothing is written.
 *
 * Take the process out of the load balancer while it answers 503. It becomes ready again by itself, unless it is
 * about to stop.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const readiness = (portico: Connection, options?: CallOptions): Promise<ReadyResponse['data']> =>
  portico.call({ id: 'readiness', method: 'GET', path: '/v2/readiness', repeatable: true }, undefined, options);
