/** The mutants that follow from the spec: one for every promise of every operation that a schema or an example states. */
import { requestChecks } from '../checks.ts';
import { type Check, titleOf } from '../engine/check.ts';
import { schemaValidator } from '../engine/check-response.ts';
import { boundsName, everyHeaderName, headerName } from '../engine/part-names.ts';
import { type Spec, specOperations } from '../engine/spec.ts';
import { contractChecks } from '../matrix.ts';
import { requestDefects } from './derived-requests.ts';
import { type DerivedDefect, responseDefects } from './derived-responses.ts';
import type { BreakablePromise, PromiseKind } from './promises.ts';
import type { Defect } from './proxy.ts';

/** A server with one defect that breaks one promise of the spec. */
export interface DerivedMutant {
  name: string;
  promise: BreakablePromise;
  /** The titles of the checks of the promise, in the order in which they are most likely to notice; one must fail. */
  checks: readonly string[];
  createDefect: () => Defect;
}

const aboutFields = new Set<PromiseKind>(['request field', 'response field', 'field type', 'field value']);

/** The part of a response that a defect breaks, by the name of its check, if this part has one. */
function partOf(spec: Spec, kind: PromiseKind, what: string, [status = 200]: number[] = []): string | undefined {
  if (kind === 'field value') return boundsName(status);
  if (kind !== 'header') return undefined;
  const header = what.replace(/^\d+ has /, '');
  return header in spec['x-response-headers'] ? everyHeaderName(header) : headerName(status, header);
}

/** The checks that can notice a defect. */
function checksFor(spec: Spec): (derived: DerivedDefect) => string[] {
  const flows = requestChecks(spec).filter(({ kind, source }) => kind === 'flow' && source === undefined);
  const single = contractChecks(spec);
  const byOperation = Map.groupBy<string, { operation: string }>([...single, ...flows], ({ operation }) => operation);
  return ({ operation, kind, what, statuses, code }) => {
    const own = (byOperation.get(operation) ?? []) as (Check & { error?: string })[];
    const part = partOf(spec, kind, what, statuses);
    if (kind === 'header' && part !== undefined) return [titleOf({ operation, name: part })];
    if (kind === 'request constraint') return own.filter(({ name }) => name === what).map(titleOf);
    const fitting = own.filter(
      (check) =>
        (statuses?.includes(check.status) ?? check.kind !== 'constraint') &&
        (code === undefined || check.error === code),
    );
    // The effect of a field can be visible in another operation, and flows of others can see more of a response.
    const elsewhere = aboutFields.has(kind) ? flows.filter((flow) => flow.operation !== operation) : [];
    const parts = part === undefined ? [] : [{ operation, name: part }];
    return [...parts, ...fitting, ...elsewhere].map(titleOf);
  };
}

/** All mutants that follow from the spec, in its order. */
export function derivedMutants(spec: Spec): DerivedMutant[] {
  const validate = schemaValidator(spec);
  const checksOf = checksFor(spec);
  return specOperations(spec)
    .flatMap((operation) => [...requestDefects(spec, operation, validate), ...responseDefects(spec, operation)])
    .map((derived) => {
      const { operation, kind, what, defect } = derived;
      return {
        name: `${operation}: ${kind}: ${what}`,
        promise: { operation, kind, what },
        checks: checksOf(derived),
        createDefect: () => defect,
      };
    });
}
