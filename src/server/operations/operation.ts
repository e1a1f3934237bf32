import type { OperationId, OperationTypes, operations } from '../../../generated/operations.ts';
import type { DocumentAccess } from '../domain/documents/openapi-document.ts';
import type { RepeatableRequest } from '../domain/idempotency.ts';
import type { RequestHost } from '../domain/portals/hosts.ts';
import type { AuthenticatedSession } from '../domain/sessions/sessions.ts';
import type { Author } from '../domain/workspaces/audit.ts';
import type { Readiness } from '../domain/workspaces/readiness.ts';
import type { Store } from '../store/index.ts';
import type { RootKeyToVerify, VerifiedRootKey } from '../store/proof.ts';

/** What every operation can use. */
export interface OperationDeps extends DocumentAccess {
  store: Store;
  readiness: Readiness;
  /** Origin at which users reach the portal. */
  portalBaseUrl: string;
  /** How many active keys one user can have in one API. */
  maxKeysPerUserAndApi: number;
  /** For how many days usage is stored. */
  usageRetentionDays: number;
}

/** The operations that the contract protects with a root key. */
type RootKeyOperation = {
  [Id in OperationId]: (typeof operations)[Id]['auth'] extends 'rootKey' ? Id : never;
}[OperationId];

/**
 * The operations that verify the root key in their own Redis step, which saves a round trip. This list alone decides who
 * is given a cached root key: `authenticate` reads it at run time, and the types of the handlers follow from it.
 */
export const verifiesRootKey = ['portal.createSession', 'keys.verifyKey'] as const satisfies RootKeyOperation[];

type VerifiesRootKey = (typeof verifiesRootKey)[number];

/** The caller that authentication hands to an operation, by the credential that the contract asks for. */
export type CallerOf<Id extends OperationId> = {
  rootKey: Id extends VerifiesRootKey ? RootKeyToVerify : VerifiedRootKey;
  portalSession: AuthenticatedSession;
  none: undefined;
}[(typeof operations)[Id]['auth']];

/** The caller of any operation. */
export type Caller = CallerOf<OperationId>;

/** A call that is authenticated, with a body that is valid under the contract. */
export interface Call<Id extends OperationId> {
  body: OperationTypes[Id]['body'];
  caller: CallerOf<Id>;
  /** The caller with their request, for the audit log. A function, because most operations write no entry. */
  author: () => Author<CallerOf<Id>>;
  /** The origin of the page that sends the call, if it is a page of another origin than the portal. */
  pageOrigin?: string | undefined;
  /** The host that the call was sent to. */
  host: RequestHost;
  /** The session tokens in the cookies of the browser that sends the call; none if it is no browser. */
  cookieTokens: () => readonly string[];
  /** Whether the caller has this version of the data already. */
  knows?: (version: string) => boolean;
  /** The Idempotency-Key of the call. */
  idempotencyKey?: string | undefined;
  /** The call as one that may be repeated, if a session makes it with an Idempotency-Key and the operation takes one. */
  repeatable?: RepeatableRequest | undefined;
}

/** The session cookie to set; a token of null clears it. */
interface SessionCookie {
  token: string | null;
}

/** The data of an operation as JSON in parts, for data that must not pass through `JSON.parse`. */
interface DataAsJson {
  /** Names this data: the caller can send it back, to get the data only if it has changed. */
  version: string;
  /** Undefined if the caller knows this version. */
  dataAsJson: (string | Buffer)[] | undefined;
}

/** What an operation returns. A list comes with its pagination. */
type Reply<Id extends OperationId> = ({ data: OperationTypes[Id]['data'] } | DataAsJson) & {
  sessionCookie?: SessionCookie;
  /** The response as CSV, for callers that prefer it. */
  csv?: () => string;
} & (OperationTypes[Id]['pagination'] extends undefined
    ? { pagination?: undefined }
    : Pick<OperationTypes[Id], 'pagination'>);

/** One operation: unwraps the call, calls the domain and returns data. Knows neither HTTP nor Redis. */
export type Operation<Id extends OperationId> = (call: Call<Id>, deps: OperationDeps) => Reply<Id> | Promise<Reply<Id>>;
