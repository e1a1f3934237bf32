import type { OperationId } from '../../generated/operations.ts';
import { liveness } from './liveness.ts';
import type { Operation } from './operation.ts';
import { portalCreateSession } from './portal.createSession.ts';
import { portalEndSession } from './portal.endSession.ts';
import { portalExchangeSession } from './portal.exchangeSession.ts';
import { portalGetSession } from './portal.getSession.ts';
import { readiness } from './readiness.ts';

/** Every operation of the contract; a forgotten one does not compile. */
export const operationHandlers: { [Id in OperationId]: Operation<Id> } = {
  'portal.createSession': portalCreateSession,
  'portal.exchangeSession': portalExchangeSession,
  'portal.getSession': portalGetSession,
  'portal.endSession': portalEndSession,
  liveness,
  readiness,
};
