import type { Case } from '../engine/case.ts';
import apisCreateApi from './apis.createApi.ts';
import apisDeleteApi from './apis.deleteApi.ts';
import apisGetApi from './apis.getApi.ts';
import apisGetScopes from './apis.getScopes.ts';
import apisListApis from './apis.listApis.ts';
import apisListKeys from './apis.listKeys.ts';
import apisUpdateApi from './apis.updateApi.ts';
import auditLogsListEntries from './auditLogs.listEntries.ts';
import identitiesDeleteIdentity from './identities.deleteIdentity.ts';
import identitiesGetIdentity from './identities.getIdentity.ts';
import identitiesListIdentities from './identities.listIdentities.ts';
import identitiesUpdateIdentity from './identities.updateIdentity.ts';
import keysCreateKey from './keys.createKey.ts';
import keysDeleteKey from './keys.deleteKey.ts';
import keysGetKey from './keys.getKey.ts';
import keysImportKeys from './keys.importKeys.ts';
import keysReportVerifications from './keys.reportVerifications.ts';
import keysRerollKey from './keys.rerollKey.ts';
import keysUpdateKey from './keys.updateKey.ts';
import keysVerifyKey from './keys.verifyKey.ts';
import keysVerifyKeys from './keys.verifyKeys.ts';
import liveness from './liveness.ts';
import portalCreateConfiguration from './portal.createConfiguration.ts';
import portalCreateKey from './portal.createKey.ts';
import portalCreateSession from './portal.createSession.ts';
import portalDeleteConfiguration from './portal.deleteConfiguration.ts';
import portalDeleteKey from './portal.deleteKey.ts';
import portalEndOtherSessions from './portal.endOtherSessions.ts';
import portalEndSession from './portal.endSession.ts';
import portalExchangeSession from './portal.exchangeSession.ts';
import portalGetConfiguration from './portal.getConfiguration.ts';
import portalGetLimits from './portal.getLimits.ts';
import portalGetOpenapiDocument from './portal.getOpenapiDocument.ts';
import portalGetSession from './portal.getSession.ts';
import portalGetVerifications from './portal.getVerifications.ts';
import portalListApis from './portal.listApis.ts';
import portalListAuditEntries from './portal.listAuditEntries.ts';
import portalListConfigurations from './portal.listConfigurations.ts';
import portalListKeys from './portal.listKeys.ts';
import portalListSessions from './portal.listSessions.ts';
import portalListUserSessions from './portal.listUserSessions.ts';
import portalRerollKey from './portal.rerollKey.ts';
import portalRevokeSessions from './portal.revokeSessions.ts';
import portalUpdateConfiguration from './portal.updateConfiguration.ts';
import portalUpdateKey from './portal.updateKey.ts';
import readiness from './readiness.ts';

/** All cases, in the order of the contract. */
export const cases: Case[] = [
  ...portalCreateSession,
  ...portalExchangeSession,
  ...portalGetSession,
  ...portalEndSession,
  ...portalListUserSessions,
  ...portalEndOtherSessions,
  ...portalListAuditEntries,
  ...portalCreateConfiguration,
  ...portalGetConfiguration,
  ...portalListConfigurations,
  ...portalUpdateConfiguration,
  ...portalDeleteConfiguration,
  ...apisCreateApi,
  ...apisGetApi,
  ...apisGetScopes,
  ...apisListApis,
  ...apisUpdateApi,
  ...apisDeleteApi,
  ...portalListSessions,
  ...portalRevokeSessions,
  ...identitiesGetIdentity,
  ...identitiesListIdentities,
  ...identitiesUpdateIdentity,
  ...identitiesDeleteIdentity,
  ...auditLogsListEntries,
  ...portalListApis,
  ...portalGetLimits,
  ...portalGetOpenapiDocument,
  ...portalListKeys,
  ...portalCreateKey,
  ...portalUpdateKey,
  ...portalDeleteKey,
  ...portalRerollKey,
  ...portalGetVerifications,
  ...keysCreateKey,
  ...keysGetKey,
  ...keysUpdateKey,
  ...keysDeleteKey,
  ...keysRerollKey,
  ...keysImportKeys,
  ...apisListKeys,
  ...keysVerifyKey,
  ...keysVerifyKeys,
  ...keysReportVerifications,
  ...liveness,
  ...readiness,
];
