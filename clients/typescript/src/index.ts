/** The client of a Portico: every operation of its contract, typed. */
export type * from '../../../generated/client/types.gen.ts';
export { Connection, type PageOf } from './connection.ts';
export { type ErrorCode, PorticoError, PorticoUnreachable } from './errors.ts';
export * from './generated/operations.ts';
export { Portico } from './generated/portico.ts';
export { itemsOf } from './pages.ts';
export type { CallOptions, IdempotentCallOptions, Patience, PorticoOptions } from './settings.ts';
