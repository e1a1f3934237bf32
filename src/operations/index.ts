import type { OperationId } from '../../generated/operations.ts';
import { apisCreateApi } from './apis.createApi.ts';
import { apisDeleteApi } from './apis.deleteApi.ts';
import { apisGetApi } from './apis.getApi.ts';
import { apisListApis } from './apis.listApis.ts';
import { auditLogsListEntries } from './auditLogs.listEntries.ts';
import { liveness } from './liveness.ts';
import type { Operation } from './operation.ts';
import { portalCreateConfiguration } from './portal.createConfiguration.ts';
import { portalCreateSession } from './portal.createSession.ts';
import { portalDeleteConfiguration } from './portal.deleteConfiguration.ts';
import { portalEndSession } from './portal.endSession.ts';
import { portalExchangeSession } from './portal.exchangeSession.ts';
import { portalGetConfiguration } from './portal.getConfiguration.ts';
import { portalGetSession } from './portal.getSession.ts';
import { portalListConfigurations } from './portal.listConfigurations.ts';
import { portalListSessions } from './portal.listSessions.ts';
import { portalRevokeSessions } from './portal.revokeSessions.ts';
import { portalUpdateConfiguration } from './portal.updateConfiguration.ts';
import { readiness } from './readiness.ts';

/** Every operation of the contract; a forgotten one does not compile. */
export const operationHandlers: { [Id in OperationId]: Operation<Id> } = {
  'portal.createSession': portalCreateSession,
  'portal.exchangeSession': portalExchangeSession,
  'portal.getSession': portalGetSession,
  'portal.endSession': portalEndSession,
  'portal.createConfiguration': portalCreateConfiguration,
  'portal.getConfiguration': portalGetConfiguration,
  'portal.listConfigurations': portalListConfigurations,
  'portal.updateConfiguration': portalUpdateConfiguration,
  'portal.deleteConfiguration': portalDeleteConfiguration,
  'apis.createApi': apisCreateApi,
  'apis.getApi': apisGetApi,
  'apis.listApis': apisListApis,
  'apis.deleteApi': apisDeleteApi,
  'portal.listSessions': portalListSessions,
  'portal.revokeSessions': portalRevokeSessions,
  'auditLogs.listEntries': auditLogsListEntries,
  liveness,
  readiness,
};
