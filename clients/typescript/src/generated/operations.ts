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
 * Create a single-use portal session.
 *
 * Your backend calls this when one of your users opens the portal. Redirect the user to `url` immediately: the session
 * id in it expires after 15 minutes and can be exchanged once.
 *
 * The permissions decide which tabs the user sees and what the user can do there. They cannot exceed the permissions
 * of the root key.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalCreateSession = (portico: Connection, body: CreateSessionRequest, options?: IdempotentCallOptions): Promise<CreateSessionResponse['data']> =>
  portico.call({ id: 'portal.createSession', method: 'POST', path: '/v2/portal.createSession', auth: 'rootKey', idempotent: true }, body, options);

/**
 * Exchange a session id for a browser session.
 *
 * The portal page calls this when the user opens the link. One atomic step consumes the session id and creates the
 * 24-hour browser session. If several requests exchange the same id at the same time, exactly one succeeds.
 *
 * The response body contains the token, for direct API calls. The `portal_session` cookie contains the same token. The
 * operation needs no credential other than the session id, and ignores every other credential: a link always opens the
 * portal as the user it was created for.
 *
 * To make a retry safe, send an `Idempotency-Key`. If the response is lost, repeat the request with the same session
 * id and the same key: the server returns the same token and does not create a second session.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalExchangeSession = (portico: Connection, body: ExchangeSessionRequest, options?: IdempotentCallOptions): Promise<ExchangeSessionResponse['data']> =>
  portico.call({ id: 'portal.exchangeSession', method: 'POST', path: '/v2/portal.exchangeSession', idempotent: true }, body, options);

/**
 * Get the current session.
 *
 * Returns what a portal page needs to render its frame: the user, the permissions, the visible tabs in order, whether
 * the session is a preview, when it ends, and the branding of the portal.
 *
 * The operation takes no input. An empty body and `{}` are equivalent.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetSession = (portico: Connection, body: GetSessionRequest = {}, options?: CallOptions): Promise<GetSessionResponse['data']> =>
  portico.call({ id: 'portal.getSession', method: 'POST', path: '/v2/portal.getSession', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * Log out.
 *
 * Ends the browser session on the server and clears the cookie. The server rejects the next call with this token, from
 * any client.
 *
 * The operation takes no input. An empty body and `{}` are equivalent.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalEndSession = (portico: Connection, body: EndSessionRequest = {}, options?: CallOptions): Promise<EndSessionResponse['data']> =>
  portico.call({ id: 'portal.endSession', method: 'POST', path: '/v2/portal.endSession', auth: 'sessionToken' }, body, options);

/**
 * Create a portal.
 *
 * Creates a portal in the workspace of the root key. The slug is unique in the workspace and cannot change: your
 * backend uses it to name the portal.
 *
 * `apiIds` lists the APIs whose keys users of this portal can manage. Each must be an API of the workspace.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalCreateConfiguration = (portico: Connection, body: CreateConfigurationRequest, options?: IdempotentCallOptions): Promise<ConfigurationResponse['data']> =>
  portico.call({ id: 'portal.createConfiguration', method: 'POST', path: '/v2/portal.createConfiguration', auth: 'rootKey', idempotent: true }, body, options);

/**
 * Get a portal.
 *
 * Returns one portal of the workspace of the root key, by id or slug. Send its `version` with your next update.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetConfiguration = (portico: Connection, body: GetConfigurationRequest, options?: CallOptions): Promise<ConfigurationResponse['data']> =>
  portico.call({ id: 'portal.getConfiguration', method: 'POST', path: '/v2/portal.getConfiguration', auth: 'rootKey', repeatable: true }, body, options);

/**
 * List portals.
 *
 * Lists the portals of the workspace of the root key, newest first, one page at a time. While `hasMore` is true, send
 * the `cursor` of the response to get the next page. If portals are created or deleted in between, no other portal is
 * repeated or skipped.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListConfigurations = (portico: Connection, body: ListRequest = {}, options?: CallOptions): Promise<PageOf<ListConfigurationsResponse>> =>
  portico.call({ id: 'portal.listConfigurations', method: 'POST', path: '/v2/portal.listConfigurations', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Update a portal.
 *
 * Changes the fields that you send and leaves the others unchanged; `null` clears a field. The request carries the
 * `version` that you read. If the portal has changed since then, the server returns 409 and writes nothing. Read the
 * portal again and repeat the update.
 *
 * If you disable a portal, all of its sessions end immediately. They stay ended when you enable it again.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalUpdateConfiguration = (portico: Connection, body: UpdateConfigurationRequest, options?: CallOptions): Promise<ConfigurationResponse['data']> =>
  portico.call({ id: 'portal.updateConfiguration', method: 'POST', path: '/v2/portal.updateConfiguration', auth: 'rootKey' }, body, options);

/**
 * Delete a portal.
 *
 * Deletes a portal and ends all of its sessions immediately. A new portal can use the same slug; sessions of the
 * deleted portal do not work there.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalDeleteConfiguration = (portico: Connection, body: GetConfigurationRequest, options?: CallOptions): Promise<DeleteConfigurationResponse['data']> =>
  portico.call({ id: 'portal.deleteConfiguration', method: 'POST', path: '/v2/portal.deleteConfiguration', auth: 'rootKey' }, body, options);

/**
 * Create an API.
 *
 * Creates an API. An API groups the keys of your users. A portal issues keys for the APIs in its `apiIds`.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisCreateApi = (portico: Connection, body: CreateApiRequest, options?: IdempotentCallOptions): Promise<SingleApiResponse['data']> =>
  portico.call({ id: 'apis.createApi', method: 'POST', path: '/v2/apis.createApi', auth: 'rootKey', idempotent: true }, body, options);

/**
 * Get an API.
 *
 * Returns one API of the workspace of the root key.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisGetApi = (portico: Connection, body: GetApiRequest, options?: CallOptions): Promise<SingleApiResponse['data']> =>
  portico.call({ id: 'apis.getApi', method: 'POST', path: '/v2/apis.getApi', auth: 'rootKey', repeatable: true }, body, options);

/**
 * List APIs.
 *
 * Lists the APIs of the workspace of the root key, newest first, one page at a time. While `hasMore` is true, send the
 * `cursor` of the response to get the next page.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisListApis = (portico: Connection, body: ListRequest = {}, options?: CallOptions): Promise<PageOf<ListApisResponse>> =>
  portico.call({ id: 'apis.listApis', method: 'POST', path: '/v2/apis.listApis', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Delete an API.
 *
 * Deletes an API. Portals with the API in their `apiIds` keep the id, but issue no more keys for it.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const apisDeleteApi = (portico: Connection, body: GetApiRequest, options?: CallOptions): Promise<DeleteApiResponse['data']> =>
  portico.call({ id: 'apis.deleteApi', method: 'POST', path: '/v2/apis.deleteApi', auth: 'rootKey' }, body, options);

/**
 * List the APIs of the portal and the actions that the user may take.
 *
 * Lists the APIs of the portal in the portal's order. Each has the actions that the permissions of the session allow
 * there. The list leaves out deleted APIs and APIs where the session has no permission.
 *
 * The operation takes no input. An empty body and `{}` are equivalent. All APIs are on one page.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListApis = (portico: Connection, body: ListPortalApisRequest = {}, options?: CallOptions): Promise<PageOf<ListPortalApisResponse>> =>
  portico.call({ id: 'portal.listApis', method: 'POST', path: '/v2/portal.listApis', auth: 'sessionToken', repeatable: true, answer: 'page' }, body, options);

/**
 * Get the OpenAPI document of the customer's API.
 *
 * Returns the OpenAPI document that the documentation tab of the portal shows, as JSON. The server fetches it from the
 * `openapiUrl` of the portal, with limits on size and time, and stores the last valid copy. If the copy is older than
 * five minutes, the server returns it and fetches the document again in the background. If that fails, the server
 * continues to return the copy, with `stale: true`. The server makes relative URLs in `servers` absolute.
 *
 * The operation takes no input. An empty body and `{}` are equivalent.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetOpenapiDocument = (portico: Connection, body: GetOpenapiDocumentRequest = {}, options?: CallOptions): Promise<GetOpenapiDocumentResponse['data']> =>
  portico.call({ id: 'portal.getOpenapiDocument', method: 'POST', path: '/v2/portal.getOpenapiDocument', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * List the user's keys.
 *
 * Lists the keys of the signed-in user in the APIs of the portal, newest first, one page at a time. It never lists
 * keys of other users. With `apiId`, the session needs `read_key` on that API. Without it, the list has the keys of
 * all APIs on which the session has `read_key`.
 *
 * `search` finds keys whose name contains the text; case does not matter. A page reads a limited number of keys, so
 * with a filter it can have fewer than `limit` keys, or none, although more follow. Continue with the cursor while
 * `hasMore` is true. A cursor is valid only for the same user and the same filters.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListKeys = (portico: Connection, body: ListKeysRequest = {}, options?: CallOptions): Promise<PageOf<ListKeysResponse>> =>
  portico.call({ id: 'portal.listKeys', method: 'POST', path: '/v2/portal.listKeys', auth: 'sessionToken', repeatable: true, answer: 'page' }, body, options);

/**
 * Create a key.
 *
 * Creates a key for the signed-in user in one of the APIs of the portal. Only this response contains the key: the
 * server stores its SHA-256 hash. The session needs `create_key` on the API.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalCreateKey = (portico: Connection, body: CreateKeyRequest, options?: CallOptions): Promise<NewKeyResponse['data']> =>
  portico.call({ id: 'portal.createKey', method: 'POST', path: '/v2/portal.createKey', auth: 'sessionToken' }, body, options);

/**
 * Update a key.
 *
 * Changes the fields that you send and leaves the others unchanged; `null` clears a field. If you disable a key, the
 * next verification rejects it. The same applies when a key expires. You cannot update a key that was rerolled. The
 * session needs `update_key` on the API of the key.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalUpdateKey = (portico: Connection, body: UpdateKeyRequest, options?: CallOptions): Promise<KeyResponse['data']> =>
  portico.call({ id: 'portal.updateKey', method: 'POST', path: '/v2/portal.updateKey', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * Delete a key.
 *
 * Deletes a key. The next verification returns `NOT_FOUND`. The past usage of the key stays in the usage of the user
 * until it expires. The session needs `delete_key` on the API of the key.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalDeleteKey = (portico: Connection, body: DeleteKeyRequest, options?: CallOptions): Promise<DeleteKeyResponse['data']> =>
  portico.call({ id: 'portal.deleteKey', method: 'POST', path: '/v2/portal.deleteKey', auth: 'sessionToken' }, body, options);

/**
 * Replace a key with a new one.
 *
 * Creates a new key with the settings and the expiry of the old key. The old key stays valid for `expiration`
 * milliseconds, or until its own expiry if that is earlier. With `expiration: 0`, the next verification rejects it.
 * You can reroll a key once, and only before it expires. The session needs `create_key` on the API of the key.
 *
 * The new key counts towards the limit of keys. The old key no longer counts.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalRerollKey = (portico: Connection, body: RerollKeyRequest, options?: CallOptions): Promise<NewKeyResponse['data']> =>
  portico.call({ id: 'portal.rerollKey', method: 'POST', path: '/v2/portal.rerollKey', auth: 'sessionToken' }, body, options);

/**
 * Get the usage of the user's keys.
 *
 * Returns how often the keys of the signed-in user were verified in a time window, by outcome: the totals, a series
 * without gaps, and the most used keys. It covers one key (`keyId`), or all keys in the APIs of the portal on which
 * the session has `read_analytics`.
 *
 * The series has one bucket per minute for windows of up to 3 hours, per hour for up to 4 days, and per day (UTC) for
 * longer windows. The server widens the window to whole buckets: `startTime` and `endTime` of the response are the
 * window it covers. The server stores minutes for two days. For a short window that starts earlier it returns hours,
 * and `granularity` says so. The server stores usage for a limited time, 90 days by default, and rejects a window that
 * starts earlier.
 *
 * With `Accept: text/csv`, the server returns the series as CSV.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetVerifications = (portico: Connection, body: GetVerificationsRequest, options?: CallOptions): Promise<GetVerificationsResponse['data']> =>
  portico.call({ id: 'portal.getVerifications', method: 'POST', path: '/v2/portal.getVerifications', auth: 'sessionToken', repeatable: true }, body, options);

/**
 * Get the usage of the user's keys, as CSV.
 *
 * Returns how often the keys of the signed-in user were verified in a time window, by outcome: the totals, a series
 * without gaps, and the most used keys. It covers one key (`keyId`), or all keys in the APIs of the portal on which
 * the session has `read_analytics`.
 *
 * The series has one bucket per minute for windows of up to 3 hours, per hour for up to 4 days, and per day (UTC) for
 * longer windows. The server widens the window to whole buckets: `startTime` and `endTime` of the response are the
 * window it covers. The server stores minutes for two days. For a short window that starts earlier it returns hours,
 * and `granularity` says so. The server stores usage for a limited time, 90 days by default, and rejects a window that
 * starts earlier.
 *
 * With `Accept: text/csv`, the server returns the series as CSV.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalGetVerificationsCsv = (portico: Connection, body: GetVerificationsRequest, options?: CallOptions): Promise<VerificationsCsv> =>
  portico.call({ id: 'portal.getVerifications', method: 'POST', path: '/v2/portal.getVerifications', auth: 'sessionToken', repeatable: true, answer: 'csv' }, body, options);

/**
 * Verify a key.
 *
 * Your API calls this for each request it receives. The response to a verification is always 200: `valid` says whether
 * to serve the request, and `code` says why. One atomic step checks the key, applies its rate limit and counts the
 * usage. The result is current: after a key is deleted, disabled, ended by a reroll, or has expired, the next call on
 * any server process rejects it.
 *
 * A key of another workspace, or of an API other than `apiId`, returns `NOT_FOUND`, the same as a key that does not
 * exist. The server does not count those verifications.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const keysVerifyKey = (portico: Connection, body: VerifyKeyRequest, options?: CallOptions): Promise<VerifyKeyResponse['data']> =>
  portico.call({ id: 'keys.verifyKey', method: 'POST', path: '/v2/keys.verifyKey', auth: 'rootKey' }, body, options);

/**
 * List active sessions.
 *
 * Lists sessions that have not ended, newest first: of one user (`externalId`), of one portal (`slug`), of one user in
 * one portal (both), or a single session (`handle`). Send at least one of the three. Revoked and expired sessions and
 * sessions that the user logged out of are not listed. The response contains no credentials.
 *
 * A page reads a limited number of records, so it can have fewer than `limit` sessions, or none, although more follow.
 * Continue while `hasMore` is true.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalListSessions = (portico: Connection, body: ListSessionsRequest = {}, options?: CallOptions): Promise<PageOf<ListSessionsResponse>> =>
  portico.call({ id: 'portal.listSessions', method: 'POST', path: '/v2/portal.listSessions', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Revoke sessions.
 *
 * Ends sessions immediately: of one user (`externalId`), of one portal (`slug`), of one user in one portal (both), or
 * a single session (`handle`). Send at least one of the three. The next call in each session returns
 * `portal_session_not_found`, and a link that is not yet opened stops working.
 *
 * If no session matches, the response is `revoked: 0`, whether or not such a session ever existed. With `slug` alone,
 * one step ends all sessions of the portal, and `revoked` also counts links of the last day that expired unopened.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const portalRevokeSessions = (portico: Connection, body: RevokeSessionsRequest = {}, options?: CallOptions): Promise<RevokeSessionsResponse['data']> =>
  portico.call({ id: 'portal.revokeSessions', method: 'POST', path: '/v2/portal.revokeSessions', auth: 'rootKey', repeatable: true }, body, options);

/**
 * List audit log entries.
 *
 * Lists who did what, and when, newest first: every session that was created, exchanged, ended or revoked, and every
 * change to portals, APIs, root keys and the workspace. An entry has the changed fields before and after the change.
 * It never has credentials.
 *
 * The operator's settings limit the age and the length of the log. The server applies filters while it reads, so a
 * page can have fewer than `limit` entries, or none, although more follow. Continue while `hasMore` is true.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const auditLogsListEntries = (portico: Connection, body: ListAuditEntriesRequest = {}, options?: CallOptions): Promise<PageOf<ListAuditEntriesResponse>> =>
  portico.call({ id: 'auditLogs.listEntries', method: 'POST', path: '/v2/auditLogs.listEntries', auth: 'rootKey', repeatable: true, answer: 'page' }, body, options);

/**
 * Check that the process is alive.
 *
 * Returns 200 while the process can respond, even if Redis is unavailable. If it does not respond, restart the
 * process.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const liveness = (portico: Connection, options?: CallOptions): Promise<AliveResponse['data']> =>
  portico.call({ id: 'liveness', method: 'GET', path: '/v2/liveness', repeatable: true }, undefined, options);

/**
 * Check that the server can serve requests.
 *
 * Returns 200 if the server can serve requests: every operation is compiled, the process is not about to stop, and
 * Redis accepts writes. Otherwise returns 503, for example if Redis responds but is a replica, is out of memory, is
 * loading data, or cannot persist. The check writes nothing to Redis.
 *
 * While the server returns 503, take it out of the load balancer. It becomes ready again without a restart, unless it
 * is about to stop.
 *
 * @throws PorticoError, PorticoUnreachable
 */
export const readiness = (portico: Connection, options?: CallOptions): Promise<ReadyResponse['data']> =>
  portico.call({ id: 'readiness', method: 'GET', path: '/v2/readiness', repeatable: true }, undefined, options);
