import {
  ApisOperations,
  AuditLogsOperations,
  IdentitiesOperations,
  KeysOperations,
  liveness,
  PortalOperations,
  portalGetVerifications,
  readiness,
} from '../../../generated/client/sdk.gen.ts';
import type { GetVerificationsRequest, Liveness, Readiness } from '../../../generated/client/types.gen.ts';
import type { OperationId } from '../../../generated/operations.ts';
import { Connection } from './connection.ts';
import type { ParametersOf, ResultOf, SdkFunction } from './operation.ts';
import type { CallOptions } from './options.ts';
import type { PendingResult } from './pending.ts';

type Method<Id> = Id extends OperationId ? (...parameters: ParametersOf<Id>) => PendingResult<ResultOf<Id>> : never;

/**
 * The methods of one class of the SDK. A mapped type over the class itself keeps its doc comments, so that editors show
 * them: `Verb` must stay a type parameter.
 */
type Methods<Noun extends string, Sdk, Verb extends keyof Sdk = Exclude<keyof Sdk, 'prototype'>> = {
  readonly [Name in Verb]: Method<`${Noun}.${Name & string}`>;
};

type PortalMethods = Methods<'portal', typeof PortalOperations> & {
  /**
   * The same as `getVerifications`, as CSV.
   *
   * @returns the text of the CSV file, with a header line
   * @throws PorticoError, PorticoUnreachable
   */
  readonly getVerificationsCsv: (body: GetVerificationsRequest, options?: CallOptions) => PendingResult<string>;
};

/** Every operation of one Portico server, as `portico.<noun>.<verb>(body, options)`. */
export class Portico extends Connection {
  readonly portal: PortalMethods = {
    ...this.#methodsOf(PortalOperations),
    getVerificationsCsv: (body, options) => this.callForCsv(portalGetVerifications, body, options),
  };
  readonly apis: Methods<'apis', typeof ApisOperations> = this.#methodsOf(ApisOperations);
  readonly keys: Methods<'keys', typeof KeysOperations> = this.#methodsOf(KeysOperations);
  readonly identities: Methods<'identities', typeof IdentitiesOperations> = this.#methodsOf(IdentitiesOperations);
  readonly auditLogs: Methods<'auditLogs', typeof AuditLogsOperations> = this.#methodsOf(AuditLogsOperations);
  /** Whether the process is alive. @throws PorticoError, PorticoUnreachable */
  readonly liveness = (options?: CallOptions): PendingResult<Liveness> => this.call(liveness, undefined, options);
  /** Whether the process can serve requests. @throws PorticoError, PorticoUnreachable */
  readonly readiness = (options?: CallOptions): PendingResult<Readiness> => this.call(readiness, undefined, options);

  #methodsOf<Noun extends string, Sdk extends object>(sdk: Sdk): Methods<Noun, Sdk> {
    const functions = Object.entries(Object.getOwnPropertyDescriptors(sdk)).filter(
      (entry): entry is [string, { value: SdkFunction }] => typeof entry[1].value === 'function',
    );
    const call = this.call as (operation: SdkFunction, body: unknown, options: unknown) => Promise<unknown>;
    const methods = functions.map(([verb, { value }]) => [
      verb,
      (body: unknown, options: unknown) => call.call(this, value, body, options),
    ]);
    return Object.fromEntries(methods);
  }
}
