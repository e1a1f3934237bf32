import { type Case, type CaseRequest, casesOf, type Fixture, type State } from './case.ts';
import { type Constraint, constraintName, constraintsOf, violation } from './constraints.ts';
import { withValue } from './location.ts';
import { type Spec, type SpecOperation, specOperations } from './spec.ts';

/** The state and credentials that the operation's security needs. */
function credentialsFor({ security }: SpecOperation): { given: State; credentials: (fixture: Fixture) => CaseRequest } {
  const schemes = security.flatMap((alternative) => Object.keys(alternative));
  if (schemes.includes('rootKey')) {
    return { given: 'portal', credentials: ({ rootKey }) => ({ authorization: `Bearer ${rootKey}` }) };
  }
  if (schemes.includes('portalSessionBearer')) {
    return { given: 'browserSession', credentials: ({ token }) => ({ authorization: `Bearer ${token}` }) };
  }
  return { given: 'nothing', credentials: () => ({}) };
}

/** A body that violates the constraint and the expected location of the error, or undefined if none is known. */
function violatingBody(constraint: Constraint, example: unknown): { body: unknown; location: string } | undefined {
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
 * Generates a case per constraint of a request schema: the operation's example with one violation returns 400, and the
 * error names the location. New operations get their cases automatically.
 */
export function constraintCases(spec: Spec): Case[] {
  return specOperations(spec).flatMap((operation) => {
    const { given, credentials } = credentialsFor(operation);
    const rows = constraintsOf(spec, operation).flatMap((constraint) => {
      const request = violatingBody(constraint, exampleOf(operation));
      if (request === undefined) return [];
      const response = { status: 400, error: 'unkey/application/invalid_input', locations: [request.location] };
      return [
        {
          name: constraintName(constraint),
          given,
          request: (fixture: Fixture) => ({ ...credentials(fixture), body: request.body }),
          response,
          stateless: true as const,
        },
      ];
    });
    return casesOf(operation.operationId, rows);
  });
}
