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
  LivenessData,
  LivenessResponses,
  ReadinessData,
  ReadinessResponses,
} from './client/types.gen.ts';

/** Every operation of the contract: how it is called, who may call it, and whether it takes a body. */
export const operations = {
  'portal.createSession': { method: 'post', path: '/v2/portal.createSession', auth: 'rootKey', body: 'required' },
  'portal.exchangeSession': { method: 'post', path: '/v2/portal.exchangeSession', auth: 'none', body: 'required' },
  'portal.getSession': { method: 'post', path: '/v2/portal.getSession', auth: 'portalSession', body: 'optional' },
  'portal.endSession': { method: 'post', path: '/v2/portal.endSession', auth: 'portalSession', body: 'optional' },
  'liveness': { method: 'get', path: '/v2/liveness', auth: 'none', body: 'none' },
  'readiness': { method: 'get', path: '/v2/readiness', auth: 'none', body: 'none' },
} as const;

/** The operationId of one operation. */
export type OperationId = keyof typeof operations;

/** What each operation takes as its body, and what it returns as `data`. */
export type OperationTypes = {
  'portal.createSession': { body: PortalCreateSessionData['body']; data: PortalCreateSessionResponses[200]['data'] };
  'portal.exchangeSession': { body: PortalExchangeSessionData['body']; data: PortalExchangeSessionResponses[200]['data'] };
  'portal.getSession': { body: PortalGetSessionData['body']; data: PortalGetSessionResponses[200]['data'] };
  'portal.endSession': { body: PortalEndSessionData['body']; data: PortalEndSessionResponses[200]['data'] };
  'liveness': { body: LivenessData['body']; data: LivenessResponses[200]['data'] };
  'readiness': { body: ReadinessData['body']; data: ReadinessResponses[200]['data'] };
};
