import type { OperationId, OperationTypes, operations } from '../../../generated/operations.ts';
import type { DocumentAccess } from '../domain/documents/openapi-document.ts';
import type { AuthenticatedSession } from '../domain/sessions/sessions.ts';
import type { Author } from '../domain/workspaces/audit.ts';
import type { Readiness } from '../domain/workspaces/readiness.ts';
import type { Store } from '../store/index.ts';
import type { ProvedRootKey } from '../store/root-keys.ts';

/** What every operation may use. */
export interface OperationDeps extends DocumentAccess {
  store: Store;
  readiness: Readiness;
  /** Origin at which users reach the portal. */
  portalBaseUrl: string;
  /** How many living keys one user may have in one API. */
  maxKeysPerUserAndApi: number;
  /** For how many days usage is kept. */
  usageRetentionDays: number;
}

/** Who may call, by the way the contract says they prove it. */
export interface Callers {
  rootKey: ProvedRootKey;
  portalSession: AuthenticatedSession;
  none: undefined;
}

/** A call that is authenticated and whose body fits the contract. */
export interface Call<Id extends OperationId> {
  body: OperationTypes[Id]['body'];
  caller: Callers[(typeof operations)[Id]['auth']];
  /** The caller as the audit log names them. */
  author: Author;
  /** The Idempotency-Key that it came with. */
  idempotencyKey?: string | undefined;
}

/** The `portal_session` cookie to set; a token of null clears it. */
interface SessionCookie {
  token: string | null;
}

/** What an operation answers; a list says how it goes on. */
type Reply<Id extends OperationId> = {
  data: OperationTypes[Id]['data'];
  sessionCookie?: SessionCookie;
  /** The answer as CSV, made where the caller prefers that. */
  csv?: () => string;
} & (OperationTypes[Id]['pagination'] extends undefined
  ? { pagination?: undefined }
  : Pick<OperationTypes[Id], 'pagination'>);

/** One operation: unwraps the call, asks the domain, returns data. Knows neither HTTP nor Redis. */
export type Operation<Id extends OperationId> = (call: Call<Id>, deps: OperationDeps) => Reply<Id> | Promise<Reply<Id>>;
