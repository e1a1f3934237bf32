import { type JsonSchema, resolve, type Spec, type SpecOperation } from './spec.ts';

/** One constraint in the schema of a body. */
export interface Constraint {
  operation: string;
  /** Location in the body, such as `body.permissions[0]`. */
  location: string;
  /** The JSON Schema keyword; for `required`, `location` is the required field. */
  keyword: string;
  /** The value of the keyword. */
  limit: unknown;
  schema: JsonSchema;
}

/** Keywords that constrain a value. All others only describe it. */
const assertions = new Set([
  ...['type', 'enum', 'const', 'pattern', 'format', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'contains'],
  ...['minProperties', 'maxProperties', 'propertyNames', 'dependentRequired', 'additionalProperties'],
  ...['unevaluatedProperties', 'patternProperties', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'not', 'if'],
]);

function* walk(spec: Spec, operation: string, location: string, node: JsonSchema): Generator<Constraint> {
  const { $ref, ...beside } = node;
  const schema: JsonSchema = $ref === undefined ? node : { ...resolve(spec, { $ref }), ...beside };
  for (const [keyword, limit] of Object.entries(schema)) {
    // `format` of a number is a hint for client generators; `maximum` is the constraint.
    const isWidth = keyword === 'format' && limit === 'int64';
    const allowsAll = keyword === 'additionalProperties' && limit === true;
    if (assertions.has(keyword) && !isWidth && !allowsAll) yield { operation, location, keyword, limit, schema };
  }
  for (const name of (schema['required'] as string[] | undefined) ?? []) {
    yield { operation, location: `${location}.${name}`, keyword: 'required', limit: name, schema };
  }
  for (const [name, property] of Object.entries((schema['properties'] as Record<string, JsonSchema>) ?? {})) {
    yield* walk(spec, operation, `${location}.${name}`, property);
  }
  if (schema['items'] !== undefined) yield* walk(spec, operation, `${location}[0]`, schema['items'] as JsonSchema);
}

/** All constraints in the schema of a body. */
export const schemaConstraints = (spec: Spec, operation: string, schema: JsonSchema): Constraint[] => [
  ...walk(spec, operation, 'body', schema),
];

/** All constraints in the schema of an operation's request body. */
export function constraintsOf(spec: Spec, operation: SpecOperation): Constraint[] {
  const schema = operation.requestBody?.content['application/json']?.schema;
  return schema === undefined ? [] : schemaConstraints(spec, operation.operationId, schema);
}

/** The name of a constraint, in the matrix and as the name of its case. */
export const constraintName = ({ location, keyword, limit }: Constraint): string => {
  const value = typeof limit === 'object' ? '' : ` ${String(limit)}`;
  return keyword === 'required' ? `${location} is required` : `${location} enforces ${keyword}${value}`;
};

/** A value that violates only this constraint, or undefined if none is known. */
export function violation({ keyword, limit, schema }: Constraint): { value: unknown } | undefined {
  const types = [schema['type'] ?? []].flat() as string[];
  const fits = (text: string) =>
    text.length >= Number(schema['minLength'] ?? 0) &&
    text.length <= Number(schema['maxLength'] ?? Number.POSITIVE_INFINITY);
  const long = (length: number) => 'a'.repeat(length);

  switch (keyword) {
    case 'type': {
      const others: [string, unknown][] = [
        ['string', 'text'],
        ['boolean', true],
        ['object', {}],
        ['integer', 5],
      ];
      const other = others.find(([type]) => !types.includes(type) && !(type === 'integer' && types.includes('number')));
      return other && { value: other[1] };
    }
    case 'enum':
      return { value: types.includes('integer') ? -987_654 : 'none-of-these' };
    case 'const':
      return { value: `not ${String(limit)}` };
    case 'pattern': {
      const pattern = new RegExp(String(limit), 'u');
      const middle = Math.max(Number(schema['minLength'] ?? 1), 1);
      const candidates = ['!', ' ', 'A', '-', '.', '0', '\n'].map((letter) => letter.repeat(middle));
      const value = [...candidates, 'not a match at all'].find((text) => fits(text) && !pattern.test(text));
      return value === undefined ? undefined : { value };
    }
    case 'format':
      return limit === 'uri' ? { value: 'https://[broken uri' } : undefined;
    case 'minLength':
      return Number(limit) > 0 ? { value: long(Number(limit) - 1) } : undefined;
    case 'maxLength':
      // Bodies over 100 kB return 413, which is another promise.
      return Number(limit) < 90_000 ? { value: long(Number(limit) + 1) } : undefined;
    case 'minimum':
      return { value: Number(limit) - 1 };
    case 'maximum':
      return Number(limit) < Number.MAX_SAFE_INTEGER ? { value: Number(limit) + 1 } : { value: 1e300 };
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return { value: limit };
    case 'uniqueItems': {
      const [item] = ((schema['items'] as JsonSchema | undefined)?.['examples'] as unknown[] | undefined) ?? [null];
      return limit === true ? { value: [item, item] } : undefined;
    }
    case 'minItems':
      return Number(limit) > 0 ? { value: Array.from({ length: Number(limit) - 1 }, () => null) } : undefined;
    case 'maxItems':
      return { value: Array.from({ length: Number(limit) + 1 }, () => null) };
    default:
      return undefined;
  }
}
