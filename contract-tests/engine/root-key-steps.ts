import type { CaseAnswer } from './case.ts';
import type { Answer } from './check-response.ts';
import type { Trial } from './trial.ts';

/** What the flows of root-key operations do again and again. */

/** A page of a list. */
export interface Page<Item> {
  data: Item[];
  pagination: { cursor?: string; hasMore: boolean };
}

/** Calls an operation with the root key, and holds the answer against its promise, a success where nothing is said. */
export async function manage(
  trial: Trial,
  operation: string,
  body: unknown,
  promised: CaseAnswer = { status: 200 },
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { rootKey } = await trial.arrange('portal');
  return trial.call(operation, { authorization: `Bearer ${rootKey}`, body, headers }, promised);
}
