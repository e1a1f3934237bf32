// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.

import type {
  PortalCreateSessionData,
  PortalCreateSessionResponses,
  PortalExchangeSessionData,
  PortalExchangeSessionResponses,
  PortalGetSessionData,
  PortalGetSessionResponses,
  PortalEndSessionData,
  PortalEndSessionResponses,
  PortalListUserSessionsData,
  PortalListUserSessionsResponses,
  PortalEndOtherSessionsData,
  PortalEndOtherSessionsResponses,
  PortalListAuditEntriesData,
  PortalListAuditEntriesResponses,
  PortalCreateConfigurationData,
  PortalCreateConfigurationResponses,
  PortalGetConfigurationData,
  PortalGetConfigurationResponses,
  PortalListConfigurationsData,
  PortalListConfigurationsResponses,
  PortalUpdateConfigurationData,
  PortalUpdateConfigurationResponses,
  PortalDeleteConfigurationData,
  PortalDeleteConfigurationResponses,
  ApisCreateApiData,
  ApisCreateApiResponses,
  ApisGetApiData,
  ApisGetApiResponses,
  ApisListApisData,
  ApisListApisResponses,
  ApisUpdateApiData,
  ApisUpdateApiResponses,
  ApisGetScopesData,
  ApisGetScopesResponses,
  ApisDeleteApiData,
  ApisDeleteApiResponses,
  PortalListApisData,
  PortalListApisResponses,
  PortalGetLimitsData,
  PortalGetLimitsResponses,
  PortalGetOpenapiDocumentData,
  PortalGetOpenapiDocumentResponses,
  PortalListKeysData,
  PortalListKeysResponses,
  PortalCreateKeyData,
  PortalCreateKeyResponses,
  PortalUpdateKeyData,
  PortalUpdateKeyResponses,
  PortalDeleteKeyData,
  PortalDeleteKeyResponses,
  PortalRerollKeyData,
  PortalRerollKeyResponses,
  PortalGetVerificationsData,
  PortalGetVerificationsResponses,
  KeysCreateKeyData,
  KeysCreateKeyResponses,
  KeysGetKeyData,
  KeysGetKeyResponses,
  KeysUpdateKeyData,
  KeysUpdateKeyResponses,
  KeysDeleteKeyData,
  KeysDeleteKeyResponses,
  KeysRerollKeyData,
  KeysRerollKeyResponses,
  KeysImportKeysData,
  KeysImportKeysResponses,
  ApisListKeysData,
  ApisListKeysResponses,
  KeysVerifyKeyData,
  KeysVerifyKeyResponses,
  KeysVerifyKeysData,
  KeysVerifyKeysResponses,
  KeysReportVerificationsData,
  KeysReportVerificationsResponses,
  PortalListSessionsData,
  PortalListSessionsResponses,
  PortalRevokeSessionsData,
  PortalRevokeSessionsResponses,
  IdentitiesGetIdentityData,
  IdentitiesGetIdentityResponses,
  IdentitiesListIdentitiesData,
  IdentitiesListIdentitiesResponses,
  IdentitiesUpdateIdentityData,
  IdentitiesUpdateIdentityResponses,
  IdentitiesDeleteIdentityData,
  IdentitiesDeleteIdentityResponses,
  AuditLogsListEntriesData,
  AuditLogsListEntriesResponses,
  LivenessData,
  LivenessResponses,
  ReadinessData,
  ReadinessResponses,
} from './client/types.gen.ts';

/** The version of the contract, and of the client. */
export const version = '0.1.0';

/**
 * The limits of a request body: its size, its depth, its fields and items in total, the items of one list, and the length of a text
 * or of the name of a field.
 */
export interface BodyLimits {
  bytes: number;
  levels: number;
  values: number;
  itemsPerList: number;
  characters: number;
}

/** The limits of the body of an operation that has none of its own. */
export const bodyLimits: BodyLimits = { bytes: 102400, levels: 32, values: 1000, itemsPerList: 1000, characters: 4096 };

/**
 * Every operation of the contract: its method and path, its authentication, and whether it takes a body. `permission` is
 * the permission that a root key needs, with `permissionPerApi` for all APIs or for that of the call. `idempotent` means that the operation takes an Idempotency-Key, `crossOrigin` that
 * pages of other origins can call it. `bodyLimits` are those of its body, if they differ.
 */
export const operations = {
  'portal.createSession': { method: 'post', path: '/v2/portal.createSession', auth: 'rootKey', body: 'required', permission: 'portal.*.create_session', idempotent: true },
  'portal.exchangeSession': { method: 'post', path: '/v2/portal.exchangeSession', auth: 'none', body: 'required', crossOrigin: true },
  'portal.getSession': { method: 'post', path: '/v2/portal.getSession', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.endSession': { method: 'post', path: '/v2/portal.endSession', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.listUserSessions': { method: 'post', path: '/v2/portal.listUserSessions', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.endOtherSessions': { method: 'post', path: '/v2/portal.endOtherSessions', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.listAuditEntries': { method: 'post', path: '/v2/portal.listAuditEntries', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.createConfiguration': { method: 'post', path: '/v2/portal.createConfiguration', auth: 'rootKey', body: 'required', permission: 'portal.*.create_configuration', idempotent: true },
  'portal.getConfiguration': { method: 'post', path: '/v2/portal.getConfiguration', auth: 'rootKey', body: 'required', permission: 'portal.*.read_configuration' },
  'portal.listConfigurations': { method: 'post', path: '/v2/portal.listConfigurations', auth: 'rootKey', body: 'optional', permission: 'portal.*.read_configuration' },
  'portal.updateConfiguration': { method: 'post', path: '/v2/portal.updateConfiguration', auth: 'rootKey', body: 'required', permission: 'portal.*.update_configuration' },
  'portal.deleteConfiguration': { method: 'post', path: '/v2/portal.deleteConfiguration', auth: 'rootKey', body: 'required', permission: 'portal.*.delete_configuration' },
  'apis.createApi': { method: 'post', path: '/v2/apis.createApi', auth: 'rootKey', body: 'required', permission: 'api.*.create_api', idempotent: true },
  'apis.getApi': { method: 'post', path: '/v2/apis.getApi', auth: 'rootKey', body: 'required', permission: 'api.*.read_api' },
  'apis.listApis': { method: 'post', path: '/v2/apis.listApis', auth: 'rootKey', body: 'optional', permission: 'api.*.read_api' },
  'apis.updateApi': { method: 'post', path: '/v2/apis.updateApi', auth: 'rootKey', body: 'required', permission: 'api.*.update_api' },
  'apis.getScopes': { method: 'post', path: '/v2/apis.getScopes', auth: 'rootKey', body: 'required', permission: 'api.*.read_api' },
  'apis.deleteApi': { method: 'post', path: '/v2/apis.deleteApi', auth: 'rootKey', body: 'required', permission: 'api.*.delete_api' },
  'portal.listApis': { method: 'post', path: '/v2/portal.listApis', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.getLimits': { method: 'post', path: '/v2/portal.getLimits', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.getOpenapiDocument': { method: 'post', path: '/v2/portal.getOpenapiDocument', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.listKeys': { method: 'post', path: '/v2/portal.listKeys', auth: 'portalSession', body: 'optional', crossOrigin: true },
  'portal.createKey': { method: 'post', path: '/v2/portal.createKey', auth: 'portalSession', body: 'required', crossOrigin: true, idempotent: true },
  'portal.updateKey': { method: 'post', path: '/v2/portal.updateKey', auth: 'portalSession', body: 'required', crossOrigin: true },
  'portal.deleteKey': { method: 'post', path: '/v2/portal.deleteKey', auth: 'portalSession', body: 'required', crossOrigin: true },
  'portal.rerollKey': { method: 'post', path: '/v2/portal.rerollKey', auth: 'portalSession', body: 'required', crossOrigin: true, idempotent: true },
  'portal.getVerifications': { method: 'post', path: '/v2/portal.getVerifications', auth: 'portalSession', body: 'required', crossOrigin: true },
  'keys.createKey': { method: 'post', path: '/v2/keys.createKey', auth: 'rootKey', body: 'required', permission: 'api.*.create_key', permissionPerApi: true, idempotent: true },
  'keys.getKey': { method: 'post', path: '/v2/keys.getKey', auth: 'rootKey', body: 'required', permission: 'api.*.read_key', permissionPerApi: true },
  'keys.updateKey': { method: 'post', path: '/v2/keys.updateKey', auth: 'rootKey', body: 'required', permission: 'api.*.update_key', permissionPerApi: true },
  'keys.deleteKey': { method: 'post', path: '/v2/keys.deleteKey', auth: 'rootKey', body: 'required', permission: 'api.*.delete_key', permissionPerApi: true },
  'keys.rerollKey': { method: 'post', path: '/v2/keys.rerollKey', auth: 'rootKey', body: 'required', permission: 'api.*.create_key', permissionPerApi: true, idempotent: true },
  'keys.importKeys': { method: 'post', path: '/v2/keys.importKeys', auth: 'rootKey', body: 'required', permission: 'api.*.import_key', permissionPerApi: true, bodyLimits: { bytes: 1048576, levels: 32, values: 12000, itemsPerList: 500, characters: 4096 } },
  'apis.listKeys': { method: 'post', path: '/v2/apis.listKeys', auth: 'rootKey', body: 'required', permission: 'api.*.read_key', permissionPerApi: true },
  'keys.verifyKey': { method: 'post', path: '/v2/keys.verifyKey', auth: 'rootKey', body: 'required', permission: 'api.*.verify_key' },
  'keys.verifyKeys': { method: 'post', path: '/v2/keys.verifyKeys', auth: 'rootKey', body: 'required', permission: 'api.*.verify_key', bodyLimits: { bytes: 102400, levels: 32, values: 12000, itemsPerList: 100, characters: 4096 } },
  'keys.reportVerifications': { method: 'post', path: '/v2/keys.reportVerifications', auth: 'rootKey', body: 'required', permission: 'api.*.verify_key' },
  'portal.listSessions': { method: 'post', path: '/v2/portal.listSessions', auth: 'rootKey', body: 'required', permission: 'portal.*.read_session' },
  'portal.revokeSessions': { method: 'post', path: '/v2/portal.revokeSessions', auth: 'rootKey', body: 'required', permission: 'portal.*.revoke_session' },
  'identities.getIdentity': { method: 'post', path: '/v2/identities.getIdentity', auth: 'rootKey', body: 'required', permission: 'identity.*.read_identity' },
  'identities.listIdentities': { method: 'post', path: '/v2/identities.listIdentities', auth: 'rootKey', body: 'optional', permission: 'identity.*.read_identity' },
  'identities.updateIdentity': { method: 'post', path: '/v2/identities.updateIdentity', auth: 'rootKey', body: 'required', permission: 'identity.*.update_identity' },
  'identities.deleteIdentity': { method: 'post', path: '/v2/identities.deleteIdentity', auth: 'rootKey', body: 'required', permission: 'identity.*.delete_identity' },
  'auditLogs.listEntries': { method: 'post', path: '/v2/auditLogs.listEntries', auth: 'rootKey', body: 'optional', permission: 'audit_log.*.read_entry' },
  'liveness': { method: 'get', path: '/v2/liveness', auth: 'none', body: 'none' },
  'readiness': { method: 'get', path: '/v2/readiness', auth: 'none', body: 'none' },
} as const;

/** The operationId of one operation. */
export type OperationId = keyof typeof operations;

/** The operations that have no further effect when they are called again with the same body (`x-repeatable`). */
export const repeatableOperations = [
  'portal.getSession',
  'portal.listUserSessions',
  'portal.endOtherSessions',
  'portal.listAuditEntries',
  'portal.getConfiguration',
  'portal.listConfigurations',
  'apis.getApi',
  'apis.listApis',
  'apis.updateApi',
  'apis.getScopes',
  'portal.listApis',
  'portal.getLimits',
  'portal.getOpenapiDocument',
  'portal.listKeys',
  'portal.updateKey',
  'portal.getVerifications',
  'keys.getKey',
  'keys.updateKey',
  'keys.importKeys',
  'apis.listKeys',
  'portal.listSessions',
  'portal.revokeSessions',
  'identities.getIdentity',
  'identities.listIdentities',
  'identities.updateIdentity',
  'auditLogs.listEntries',
  'liveness',
  'readiness',
] as const satisfies readonly OperationId[];

/** The operations that accept an `Idempotency-Key`. */
export const idempotencyKeyOperations = [
  'portal.createSession',
  'portal.exchangeSession',
  'portal.createConfiguration',
  'apis.createApi',
  'portal.createKey',
  'portal.rerollKey',
  'keys.createKey',
  'keys.rerollKey',
  'keys.reportVerifications',
] as const satisfies readonly OperationId[];

interface Types<Request extends { body?: unknown }, Responses extends { 200: { data: unknown } }> {
  body: NonNullable<Request['body']>;
  data: Responses[200]['data'];
  pagination: Responses[200] extends { pagination: infer Pagination } ? Pagination : undefined;
}

/** The body, the `data` and the `pagination` of each operation. Only lists have `pagination`. */
export type OperationTypes = {
  'portal.createSession': Types<PortalCreateSessionData, PortalCreateSessionResponses>;
  'portal.exchangeSession': Types<PortalExchangeSessionData, PortalExchangeSessionResponses>;
  'portal.getSession': Types<PortalGetSessionData, PortalGetSessionResponses>;
  'portal.endSession': Types<PortalEndSessionData, PortalEndSessionResponses>;
  'portal.listUserSessions': Types<PortalListUserSessionsData, PortalListUserSessionsResponses>;
  'portal.endOtherSessions': Types<PortalEndOtherSessionsData, PortalEndOtherSessionsResponses>;
  'portal.listAuditEntries': Types<PortalListAuditEntriesData, PortalListAuditEntriesResponses>;
  'portal.createConfiguration': Types<PortalCreateConfigurationData, PortalCreateConfigurationResponses>;
  'portal.getConfiguration': Types<PortalGetConfigurationData, PortalGetConfigurationResponses>;
  'portal.listConfigurations': Types<PortalListConfigurationsData, PortalListConfigurationsResponses>;
  'portal.updateConfiguration': Types<PortalUpdateConfigurationData, PortalUpdateConfigurationResponses>;
  'portal.deleteConfiguration': Types<PortalDeleteConfigurationData, PortalDeleteConfigurationResponses>;
  'apis.createApi': Types<ApisCreateApiData, ApisCreateApiResponses>;
  'apis.getApi': Types<ApisGetApiData, ApisGetApiResponses>;
  'apis.listApis': Types<ApisListApisData, ApisListApisResponses>;
  'apis.updateApi': Types<ApisUpdateApiData, ApisUpdateApiResponses>;
  'apis.getScopes': Types<ApisGetScopesData, ApisGetScopesResponses>;
  'apis.deleteApi': Types<ApisDeleteApiData, ApisDeleteApiResponses>;
  'portal.listApis': Types<PortalListApisData, PortalListApisResponses>;
  'portal.getLimits': Types<PortalGetLimitsData, PortalGetLimitsResponses>;
  'portal.getOpenapiDocument': Types<PortalGetOpenapiDocumentData, PortalGetOpenapiDocumentResponses>;
  'portal.listKeys': Types<PortalListKeysData, PortalListKeysResponses>;
  'portal.createKey': Types<PortalCreateKeyData, PortalCreateKeyResponses>;
  'portal.updateKey': Types<PortalUpdateKeyData, PortalUpdateKeyResponses>;
  'portal.deleteKey': Types<PortalDeleteKeyData, PortalDeleteKeyResponses>;
  'portal.rerollKey': Types<PortalRerollKeyData, PortalRerollKeyResponses>;
  'portal.getVerifications': Types<PortalGetVerificationsData, PortalGetVerificationsResponses>;
  'keys.createKey': Types<KeysCreateKeyData, KeysCreateKeyResponses>;
  'keys.getKey': Types<KeysGetKeyData, KeysGetKeyResponses>;
  'keys.updateKey': Types<KeysUpdateKeyData, KeysUpdateKeyResponses>;
  'keys.deleteKey': Types<KeysDeleteKeyData, KeysDeleteKeyResponses>;
  'keys.rerollKey': Types<KeysRerollKeyData, KeysRerollKeyResponses>;
  'keys.importKeys': Types<KeysImportKeysData, KeysImportKeysResponses>;
  'apis.listKeys': Types<ApisListKeysData, ApisListKeysResponses>;
  'keys.verifyKey': Types<KeysVerifyKeyData, KeysVerifyKeyResponses>;
  'keys.verifyKeys': Types<KeysVerifyKeysData, KeysVerifyKeysResponses>;
  'keys.reportVerifications': Types<KeysReportVerificationsData, KeysReportVerificationsResponses>;
  'portal.listSessions': Types<PortalListSessionsData, PortalListSessionsResponses>;
  'portal.revokeSessions': Types<PortalRevokeSessionsData, PortalRevokeSessionsResponses>;
  'identities.getIdentity': Types<IdentitiesGetIdentityData, IdentitiesGetIdentityResponses>;
  'identities.listIdentities': Types<IdentitiesListIdentitiesData, IdentitiesListIdentitiesResponses>;
  'identities.updateIdentity': Types<IdentitiesUpdateIdentityData, IdentitiesUpdateIdentityResponses>;
  'identities.deleteIdentity': Types<IdentitiesDeleteIdentityData, IdentitiesDeleteIdentityResponses>;
  'auditLogs.listEntries': Types<AuditLogsListEntriesData, AuditLogsListEntriesResponses>;
  'liveness': Types<LivenessData, LivenessResponses>;
  'readiness': Types<ReadinessData, ReadinessResponses>;
};
