/** The types of an operation's call, derived from the generated SDK. */
import type { Options } from '../../../generated/client/sdk.gen.ts';
import type { idempotencyKeyOperations, OperationId, OperationTypes } from '../../../generated/operations.ts';
import type { CallOptions, IdempotentCallOptions } from './options.ts';

/** One page of a list. `pagination` contains the cursor of the next page. */
type PageOf<Id extends OperationId> = Pick<OperationTypes[Id], 'data' | 'pagination'>;

/** What a call returns: the `data` of the response, or a page if the operation returns a list. */
export type ResultOf<Id extends OperationId> = OperationTypes[Id]['pagination'] extends undefined
  ? OperationTypes[Id]['data']
  : PageOf<Id>;

/** The options of a call. Only some operations accept an idempotency key. */
type OptionsOf<Id extends OperationId> = Id extends (typeof idempotencyKeyOperations)[number]
  ? IdempotentCallOptions
  : CallOptions;

type Body<Id extends OperationId> = NonNullable<OperationTypes[Id]['body']>;

/** The parameters of a call. The body is optional if it has no required field. A `GET` operation has no body. */
export type ParametersOf<Id extends OperationId> = [Body<Id>] extends [never]
  ? [body?: undefined, options?: OptionsOf<Id>]
  : Record<never, never> extends Body<Id>
    ? [body?: Body<Id>, options?: OptionsOf<Id>]
    : [body: Body<Id>, options?: OptionsOf<Id>];

/** A function of the generated SDK, such as `keysVerifyKey`. */
export type SdkFunction = (
  options: never,
) => Promise<{ data?: unknown; error?: unknown; request?: Request; response?: Response }>;

type DataOf<Sdk> = Sdk extends (options?: Options<infer Data, infer _>) => unknown
  ? Data
  : Sdk extends (options: Options<infer Data, infer _>) => unknown
    ? Data
    : never;

/** The operationId of a function of the generated SDK. */
export type IdOf<Sdk extends SdkFunction> =
  DataOf<Sdk> extends { url: `/v2/${infer Id extends OperationId}` } ? Id : never;
