import { type Case, type CaseRequest, casesOf, type Facts, type State } from './case.ts';
import { type Constraint, constraintName, constraintsOf, violation } from './constraints.ts';
import { type Spec, type SpecOperation, specOperations } from './spec.ts';

/** How to be let in, by what the operation asks for. */
function admission({ security }: SpecOperation): { given: State; credentials: (facts: Facts) => CaseRequest } {
  const schemes = security.flatMap((alternative) => Object.keys(alternative));
  if (schemes.includes('rootKey')) {
    return { given: 'portal', credentials: ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` }) };
  }
  if (schemes.includes('portalSessionBearer')) {
    return { given: 'browserSession', credentials: ({ token }) => ({ authorization: `Bearer ${token}` }) };
  }
  return { given: 'nothing', credentials: () => ({}) };
}

/** `body.permissions[0]` → `['permissions', 0]` */
const stepsOf = (location: string): (string | number)[] =>
  [...location.matchAll(/\.([^.[]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));

/** A copy of the body with something else in one place; undefined takes the place away. */
function withValue(body: unknown, location: string, value: unknown): unknown {
  const steps = stepsOf(location);
  const last = steps.pop();
  if (last === undefined) return value;
  const copy = structuredClone(body);
  let parent = copy as Record<string | number, unknown>;
  for (const [i, step] of steps.entries()) {
    // The example may lack an optional field whose insides are at issue.
    parent[step] ??= typeof (steps[i + 1] ?? last) === 'number' ? [] : {};
    parent = parent[step] as Record<string | number, unknown>;
  }
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** The request that breaks a constraint and where it is then named, or undefined where none is known. */
function broken(constraint: Constraint, example: unknown): { body: unknown; location: string } | undefined {
  const { keyword, location, limit } = constraint;
  if (keyword === 'required') return { body: withValue(example, location, undefined), location };
  if (keyword === 'additionalProperties' && limit === false) {
    const surprise = `${location}.surprise`;
    return { body: withValue(example, surprise, 1), location: surprise };
  }
  const value = violation(constraint);
  return value && { body: withValue(example, location, value.value), location };
}

const exampleOf = ({ requestBody }: SpecOperation): unknown =>
  Object.values(requestBody?.content['application/json']?.examples ?? {})[0]?.value;

/**
 * A case for each thing that a request schema says: the operation's own example with that one thing broken is refused,
 * and the place is named. A new operation gets its cases without being known here.
 */
export function constraintCases(spec: Spec): Case[] {
  return specOperations(spec).flatMap((operation) => {
    const { given, credentials } = admission(operation);
    const rows = constraintsOf(spec, operation).flatMap((constraint) => {
      const request = broken(constraint, exampleOf(operation));
      if (request === undefined) return [];
      const answer = { status: 400, error: 'unkey/application/invalid_input', locations: [request.location] };
      return [
        {
          name: constraintName(constraint),
          given,
          request: (facts: Facts) => ({ ...credentials(facts), body: request.body }),
          answer,
          stateless: true as const,
        },
      ];
    });
    return casesOf(operation.operationId, rows);
  });
}
