import type { CaseResponse } from './case.ts';
import type { ApiResponse } from './check-response.ts';
import type { Trial } from './trial.ts';

/** Steps that flows of root-key operations share. */

/** A page of a list. */
export interface Page<Item> {
  data: Item[];
  pagination: { cursor?: string; hasMore: boolean };
}

/** Calls an operation with the root key, and validates the response; a success is expected by default. */
export async function callWithRootKey(
  trial: Trial,
  operation: string,
  body: unknown,
  promised: CaseResponse = { status: 200 },
  headers: Record<string, string> = {},
): Promise<ApiResponse> {
  const { rootKey } = await trial.arrange('portal');
  return trial.call(operation, { authorization: `Bearer ${rootKey}`, body, headers }, promised);
}
