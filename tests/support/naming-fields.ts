/** The operations of the contract with the fields by which a request can name a resource. */
import { type JsonSchema, resolve, type Spec, type SpecOperation } from '../../contract-tests/engine/spec.ts';

export type Body = Record<string, unknown>;

const namesSomething = /^(portal|scopeSource|slug|cursor|handle)$|Ids?$/;

interface ObjectSchema {
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

function requestSchema(spec: Spec, operation: SpecOperation): ObjectSchema {
  const { schema } = operation.requestBody?.content['application/json'] ?? { schema: {} };
  return resolve(spec, schema) as ObjectSchema;
}

/** The lists of objects in a request, each with the fields of its items. */
const listsOf = (spec: Spec, operation: SpecOperation): [list: string, fields: string[]][] =>
  Object.entries(requestSchema(spec, operation).properties ?? {}).flatMap(([list, schema]) => {
    const { items } = resolve(spec, schema);
    const { properties } = resolve(spec, items ?? {}) as ObjectSchema;
    return properties === undefined ? [] : [[list, Object.keys(properties)]];
  });

/** The fields of the request, and of the objects in its lists, that can name a resource. */
export const namingFields = (spec: Spec, operation: SpecOperation): string[] =>
  [
    ...Object.keys(requestSchema(spec, operation).properties ?? {}),
    ...listsOf(spec, operation).flatMap(([, fields]) => fields),
  ].filter((name) => namesSomething.test(name));

/** The body with a value in one of these fields; in a list, in each of its objects. */
export function withField(spec: Spec, operation: SpecOperation, body: Body, field: string, value: unknown): Body {
  const list = listsOf(spec, operation).find(([, fields]) => fields.includes(field))?.[0];
  if (list === undefined) return { ...body, [field]: value };
  return { ...body, [list]: (body[list] as Body[]).map((item) => ({ ...item, [field]: value })) };
}

/** The operation's first example, without optional fields that name a resource. */
export function exampleBody(spec: Spec, operation: SpecOperation): Body {
  const [example] = Object.values(operation.requestBody?.content['application/json']?.examples ?? {});
  const { required = [] } = requestSchema(spec, operation);
  const body = (example?.value ?? {}) as Body;
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => required.includes(name) || !namesSomething.test(name)),
  );
}
