import type { OperationId } from '../../../generated/operations.ts';
import { apisCreateApi } from './apis.createApi.ts';
import { apisDeleteApi } from './apis.deleteApi.ts';
import { apisGetApi } from './apis.getApi.ts';
import { apisGetScopes } from './apis.getScopes.ts';
import { apisListApis } from './apis.listApis.ts';
import { apisListKeys } from './apis.listKeys.ts';
import { apisUpdateApi } from './apis.updateApi.ts';
import { auditLogsListEntries } from './auditLogs.listEntries.ts';
import { identitiesDeleteIdentity } from './identities.deleteIdentity.ts';
import { identitiesGetIdentity } from './identities.getIdentity.ts';
import { identitiesListIdentities } from './identities.listIdentities.ts';
import { identitiesUpdateIdentity } from './identities.updateIdentity.ts';
import { keysCreateKey } from './keys.createKey.ts';
import { keysDeleteKey } from './keys.deleteKey.ts';
import { keysGetKey } from './keys.getKey.ts';
import { keysImportKeys } from './keys.importKeys.ts';
import { keysReportVerifications } from './keys.reportVerifications.ts';
import { keysRerollKey } from './keys.rerollKey.ts';
import { keysUpdateKey } from './keys.updateKey.ts';
import { keysVerifyKey } from './keys.verifyKey.ts';
import { keysVerifyKeys } from './keys.verifyKeys.ts';
import { liveness } from './liveness.ts';
import type { Operation } from './operation.ts';
import { portalCreateConfiguration } from './portal.createConfiguration.ts';
import { portalCreateKey } from './portal.createKey.ts';
import { portalCreateSession } from './portal.createSession.ts';
import { portalDeleteConfiguration } from './portal.deleteConfiguration.ts';
import { portalDeleteKey } from './portal.deleteKey.ts';
import { portalEndOtherSessions } from './portal.endOtherSessions.ts';
import { portalEndSession } from './portal.endSession.ts';
import { portalExchangeSession } from './portal.exchangeSession.ts';
import { portalGetConfiguration } from './portal.getConfiguration.ts';
import { portalGetLimits } from './portal.getLimits.ts';
import { portalGetOpenapiDocument } from './portal.getOpenapiDocument.ts';
import { portalGetSession } from './portal.getSession.ts';
import { portalGetVerifications } from './portal.getVerifications.ts';
import { portalListApis } from './portal.listApis.ts';
import { portalListAuditEntries } from './portal.listAuditEntries.ts';
import { portalListConfigurations } from './portal.listConfigurations.ts';
import { portalListKeys } from './portal.listKeys.ts';
import { portalListSessions } from './portal.listSessions.ts';
import { portalListUserSessions } from './portal.listUserSessions.ts';
import { portalRerollKey } from './portal.rerollKey.ts';
import { portalRevokeSessions } from './portal.revokeSessions.ts';
import { portalUpdateConfiguration } from './portal.updateConfiguration.ts';
import { portalUpdateKey } from './portal.updateKey.ts';
import { readiness } from './readiness.ts';

/** Every operation of the contract; a forgotten one does not compile. */
export const operationHandlers: { [Id in OperationId]: Operation<Id> } = {
  'portal.createSession': portalCreateSession,
  'portal.exchangeSession': portalExchangeSession,
  'portal.getSession': portalGetSession,
  'portal.endSession': portalEndSession,
  'portal.listUserSessions': portalListUserSessions,
  'portal.endOtherSessions': portalEndOtherSessions,
  'portal.listAuditEntries': portalListAuditEntries,
  'portal.createConfiguration': portalCreateConfiguration,
  'portal.getConfiguration': portalGetConfiguration,
  'portal.listConfigurations': portalListConfigurations,
  'portal.updateConfiguration': portalUpdateConfiguration,
  'portal.deleteConfiguration': portalDeleteConfiguration,
  'apis.createApi': apisCreateApi,
  'apis.getApi': apisGetApi,
  'apis.getScopes': apisGetScopes,
  'apis.listApis': apisListApis,
  'apis.updateApi': apisUpdateApi,
  'apis.deleteApi': apisDeleteApi,
  'portal.listSessions': portalListSessions,
  'portal.revokeSessions': portalRevokeSessions,
  'identities.getIdentity': identitiesGetIdentity,
  'identities.listIdentities': identitiesListIdentities,
  'identities.updateIdentity': identitiesUpdateIdentity,
  'identities.deleteIdentity': identitiesDeleteIdentity,
  'auditLogs.listEntries': auditLogsListEntries,
  'portal.listApis': portalListApis,
  'portal.getLimits': portalGetLimits,
  'portal.getOpenapiDocument': portalGetOpenapiDocument,
  'portal.listKeys': portalListKeys,
  'portal.createKey': portalCreateKey,
  'portal.updateKey': portalUpdateKey,
  'portal.deleteKey': portalDeleteKey,
  'portal.rerollKey': portalRerollKey,
  'portal.getVerifications': portalGetVerifications,
  'keys.createKey': keysCreateKey,
  'keys.getKey': keysGetKey,
  'keys.updateKey': keysUpdateKey,
  'keys.deleteKey': keysDeleteKey,
  'keys.rerollKey': keysRerollKey,
  'keys.importKeys': keysImportKeys,
  'apis.listKeys': apisListKeys,
  'keys.verifyKey': keysVerifyKey,
  'keys.verifyKeys': keysVerifyKeys,
  'keys.reportVerifications': keysReportVerifications,
  liveness,
  readiness,
};
