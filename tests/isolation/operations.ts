/** The operations of the contract with the fields by which a request can name a resource. */
import { resolve, type Spec, type SpecOperation } from '../../contract-tests/engine/spec.ts';

export type Body = Record<string, unknown>;

const namesSomething = /^(portal|slug|cursor|handle)$|Ids?$/;

function requestSchema(spec: Spec, operation: SpecOperation) {
  const { schema } = operation.requestBody?.content['application/json'] ?? { schema: {} };
  return resolve(spec, schema) as { properties?: Body; required?: string[] };
}

/** The fields of the request that can name a resource. */
export const namingFields = (spec: Spec, operation: SpecOperation): string[] =>
  Object.keys(requestSchema(spec, operation).properties ?? {}).filter((name) => namesSomething.test(name));

/** The operation's first example, without optional fields that name a resource. */
export function exampleBody(spec: Spec, operation: SpecOperation): Body {
  const [example] = Object.values(operation.requestBody?.content['application/json']?.examples ?? {});
  const { required = [] } = requestSchema(spec, operation);
  const body = (example?.value ?? {}) as Body;
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => required.includes(name) || !namesSomething.test(name)),
  );
}
