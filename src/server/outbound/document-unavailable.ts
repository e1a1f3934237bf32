import { Problem } from '../problem.ts';

/** Why a document is unavailable. Signed-in users see this text, so it does not contain the address. */
export type UnavailableReason =
  | 'its server cannot be reached'
  | `its server responded with status ${number}`
  | 'it did not arrive within 5 seconds'
  | `it is larger than ${number} MiB`
  | 'its address is in a private network'
  | 'its address is not https'
  | 'it redirects more than 3 times'
  | 'it is nested too deeply'
  | 'it has too many values'
  | 'it takes too long to parse'
  | 'it takes too much memory to parse'
  | 'it is not an OpenAPI document';

/** The document is unavailable. Only the log contains the cause. */
export class DocumentUnavailable extends Problem {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, cause?: unknown) {
    super('unkey/data/openapi_document_unavailable', { parameters: { reason }, cause });
    this.reason = reason;
  }
}
