import type { Case } from '../engine/case.ts';
import liveness from './liveness.ts';
import portalCreateSession from './portal.createSession.ts';
import portalEndSession from './portal.endSession.ts';
import portalExchangeSession from './portal.exchangeSession.ts';
import portalGetSession from './portal.getSession.ts';
import readiness from './readiness.ts';

/** Every case, in the order of the contract. */
export const cases: Case[] = [
  ...portalCreateSession,
  ...portalExchangeSession,
  ...portalGetSession,
  ...portalEndSession,
  ...liveness,
  ...readiness,
];
