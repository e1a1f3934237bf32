/** The client of Portico: every operation of its contract, typed. */
export * from '../../../generated/client/sdk.gen.ts';
export type * from '../../../generated/client/types.gen.ts';
export { Connection } from './connection.ts';
export { type ErrorCode, PorticoError, PorticoUnreachable } from './errors.ts';
export { newIdempotencyKey } from './idempotency-key.ts';
export type { CallLimits, CallOptions, IdempotentCallOptions, PorticoOptions } from './options.ts';
export { itemsOf } from './pages.ts';
export type { PendingResult, ResultWithResponse } from './pending.ts';
export { Portico } from './portico.ts';
export type { RateLimit, ResponseInfo } from './response.ts';
export { VerificationCache, type VerificationCacheOptions } from './verification-cache.ts';
export type { OnLost } from './verification-reports.ts';
