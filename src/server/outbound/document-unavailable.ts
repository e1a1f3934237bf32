import { Problem } from '../problem.ts';

/** Why a document cannot be had, in words that tell nothing of where it is: they go to whoever is signed in. */
export type UnavailableReason =
  | 'the server that has it could not be reached'
  | `the server that has it answered with status ${number}`
  | 'it did not come within 5 seconds'
  | 'it is larger than 2 MiB'
  | 'its address is in a private network'
  | 'its address is not https'
  | 'it is redirected more than 3 times'
  | 'it is nested too deeply'
  | 'it takes too long to read'
  | 'it is no OpenAPI document';

/** The document cannot be had. The cause is for the log alone. */
export class DocumentUnavailable extends Problem {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, cause?: unknown) {
    super('unkey/data/openapi_document_unavailable', { parameters: { reason }, cause });
    this.reason = reason;
  }
}
