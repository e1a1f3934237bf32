import type { CheckResult } from '../index.ts';

/** Where a promise stands: a line of the contract, or the address and the words of a public page. Empty if it has no place. */
export function placeOf({ specLine, source }: Pick<CheckResult, 'specLine' | 'source'>): string {
  if (source !== undefined) return `${source.page}: ${source.quote}`;
  return specLine === undefined ? '' : `openapi.yaml:${specLine}`;
}
