/** The checks of single requests with the errors that they expect, and the matrix of all promises. */
import { cases } from './cases/index.ts';
import { requestChecks } from './checks.ts';
import { type Check, titleOf } from './engine/check.ts';
import { constraintCases } from './engine/constraint-cases.ts';
import type { Spec } from './engine/spec.ts';

/** The checks of one request each. A successful flow does not test single responses, so it does not count as coverage. */
export function contractChecks(spec: Spec): (Check & { error: string | undefined })[] {
  const errorOf = new Map([...cases, ...constraintCases(spec)].map((row) => [titleOf(row), row.response.error]));
  return requestChecks(spec)
    .filter(({ kind }) => kind !== 'flow')
    .map((check) => ({ ...check, error: errorOf.get(titleOf(check)) }));
}
