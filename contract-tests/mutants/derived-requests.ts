/** Defects of requests, derived from the spec: for each operation, one of each promise about what it accepts and obeys. */
import { randomUUID } from 'node:crypto';
import type { schemaValidator } from '../engine/check-response.ts';
import { type Constraint, constraintName, constraintsOf } from '../engine/constraints.ts';
import { locationOf, valueAt, withValue } from '../engine/location.ts';
import { type BodyLimits, type JsonSchema, resolve, type Spec, type SpecOperation } from '../engine/spec.ts';
import type { DerivedDefect } from './derived-responses.ts';
import { bodyOf, envelope, withBody, withHeaders } from './mutant.ts';
import { hasPages, type PromiseKind, pageFields, parametersOf, requestFieldsOf, separateLimits } from './promises.ts';
import type { Call, Defect, Reply } from './proxy.ts';

type Make = (kind: PromiseKind, what: string, defect: Defect, more?: Partial<DerivedDefect>) => DerivedDefect;

/** Changes the calls of an operation for which `change` returns something. */
const onCalls = ({ operationId }: SpecOperation, change: (call: Call) => Partial<Call> | undefined): Defect => ({
  onCall(call, forward) {
    const changed = call.operation === operationId ? change(call) : undefined;
    return changed && forward({ ...call, ...changed });
  },
});

const replaced = (json: unknown): Partial<Call> => ({ json, text: JSON.stringify(json) });

/** The example of a request, of a portal and a user that no check has: a defect sends it, also to operations that delete. */
function exampleOf({ requestBody }: SpecOperation): unknown {
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  const text = JSON.stringify(example?.value ?? {});
  return JSON.parse(text.replaceAll('"my-portal"', '"no-such-portal"').replaceAll('"user_123"', '"user_nobody"'));
}

type Validate = ReturnType<typeof schemaValidator>;
type Failure = ReturnType<Validate>[number];

/** The location that a failed rule is about; for a missing or a surplus field, that of the field. */
function placeOf({ instancePath, params }: Failure): string {
  const name = params['missingProperty'] ?? params['additionalProperty'];
  return locationOf(instancePath) + (name === undefined ? '' : `.${name}`);
}

/** Whether the failure is one of this rule, in any item of the lists on the way. */
const isOf = (constraint: Constraint) => (failure: Failure) => {
  const { keyword, location } = constraint;
  const at = keyword === 'required' ? placeOf(failure) : locationOf(failure.instancePath);
  return failure.keyword === keyword && at.replaceAll(/\[\d+\]/g, '[0]') === location;
};

/** The example of the value that a rule is about, by its schema. */
function exampleIn(spec: Spec, { keyword, limit, schema }: Constraint): unknown {
  const properties = schema['properties'] as Record<string, JsonSchema> | undefined;
  const { $ref, ...beside } = (keyword === 'required' ? properties?.[String(limit)] : schema) ?? {};
  const own = { ...($ref === undefined ? {} : resolve(spec, { $ref })), ...beside } as JsonSchema;
  return (own['examples'] as unknown[] | undefined)?.[0] ?? own['default'];
}

function constraintDefects(spec: Spec, operation: SpecOperation, validate: Validate, make: Make): DerivedDefect[] {
  const { method, path } = operation;
  const escaped = path.replaceAll('~', '~0').replaceAll('/', '~1');
  const pointer = `/paths/${escaped}/${method}/requestBody/content/application~1json/schema`;
  const example = exampleOf(operation);
  return constraintsOf(spec, operation).map((constraint) =>
    make(
      'request constraint',
      constraintName(constraint),
      onCalls(operation, ({ json }) => {
        if (json === undefined) return undefined;
        const broken = validate(pointer, json).filter(isOf(constraint));
        // A value that the rule allows takes the place of the one that it does not.
        const repaired = broken.reduce<unknown>((body, failure) => {
          const place = placeOf(failure);
          const allowed = valueAt(example, place.replaceAll(/\[\d+\]/g, '[0]')) ?? exampleIn(spec, constraint);
          return withValue(body, place, failure.keyword === 'additionalProperties' ? undefined : allowed);
        }, json);
        return broken.length === 0 ? undefined : replaced(repaired);
      }),
      { statuses: [400] },
    ),
  );
}

/** Every value of a body and every name of a field, with the number of objects and lists that it is in. */
function valuesIn(json: unknown, level = 1): { value: unknown; level: number }[] {
  if (typeof json !== 'object' || json === null) return [{ value: json, level }];
  const inside = Object.entries(json).flatMap(([name, value]) => [
    { value: name, level },
    ...valuesIn(value, typeof value === 'object' ? level + 1 : level),
  ]);
  return [{ value: json, level }, ...inside];
}

/** Whether a call is over each of the limits. */
const isOver: Record<keyof BodyLimits, (call: Call, limit: number) => boolean> = {
  bytes: ({ bytes }, limit) => bytes.length > limit,
  levels: ({ json }, limit) => valuesIn(json).some(({ level }) => level > limit),
  values: ({ json }, limit) => {
    const items = valuesIn(json).filter(({ value }) => typeof value === 'object' && value !== null);
    return items.reduce((sum, { value }) => sum + Object.keys(value as object).length, 0) > limit;
  },
  itemsPerList: ({ json }, limit) => valuesIn(json).some(({ value }) => Array.isArray(value) && value.length > limit),
  characters: ({ json }, limit) =>
    valuesIn(json).some(({ value }) => typeof value === 'string' && [...value].length > limit),
};

const limitDefects = (spec: Spec, operation: SpecOperation, make: Make): DerivedDefect[] =>
  separateLimits(spec, operation).map(([name, limit]) =>
    make(
      'body limit',
      name,
      onCalls(operation, (call) =>
        isOver[name as keyof BodyLimits](call, limit) ? replaced(exampleOf(operation)) : undefined,
      ),
      { statuses: [400, 413] },
    ),
  );

const pageDefects = (operation: SpecOperation, make: Make): DerivedDefect[] => [
  ...pageFields.map((name) =>
    make(
      'pagination',
      name,
      onCalls(operation, (call) => (name in bodyOf(call) ? withBody(call, { [name]: undefined }) : undefined)),
    ),
  ),
  make('pagination', 'last page', {
    onReply: (reply, call) =>
      call.operation === operation.operationId && reply.status === 200
        ? {
            ...reply,
            body: { ...envelope(reply), pagination: { ...paginationOf(reply), cursor: undefined, hasMore: false } },
          }
        : reply,
  }),
];
const paginationOf = (reply: Reply) => (envelope(reply) as { pagination?: object }).pagination;

const crossOriginDefects = (operation: SpecOperation, make: Make): DerivedDefect[] => {
  const broken = (what: string, headers: (reply: Reply) => Reply['headers']) =>
    make('cross-origin', what, {
      onReply: (reply, call) =>
        call.operation === operation.operationId ? { ...reply, ...withHeaders(reply, headers(reply)) } : reply,
    });
  return operation['x-cross-origin']
    ? [
        broken('readable', () => ({ 'access-control-allow-origin': undefined })),
        broken('varies', () => ({ vary: undefined })),
      ]
    : [broken('unreadable', () => ({ 'access-control-allow-origin': '*' }))];
};

/** The header of a request that carries the credential of a security scheme. */
function headerOf({ components }: Spec, name: string): string {
  const scheme = components.securitySchemes[name];
  return scheme?.type === 'http' ? 'authorization' : String(scheme?.in);
}

/** All defects of the requests of an operation. */
export function requestDefects(spec: Spec, operation: SpecOperation, validate: Validate): DerivedDefect[] {
  const { operationId, method, security, requestBody } = operation;
  const make: Make = (kind, what, defect, more = {}) => ({ operation: operationId, kind, what, defect, ...more });
  const schemes = [...new Set(security.flatMap((alternative) => Object.keys(alternative)))];
  const withoutHeader = (name: string) =>
    onCalls(operation, ({ headers }) => ({ headers: { ...headers, [name]: undefined } }));
  return [
    make(
      'operation',
      'exists',
      onCalls(operation, ({ url }) => ({ url: url.replace(operationId, `${operationId}IsMissing`) })),
    ),
    make(
      'method',
      'other methods are refused',
      onCalls(operation, (call) =>
        call.method === method.toUpperCase() ? undefined : { method: method.toUpperCase() },
      ),
    ),
    ...schemes.map((scheme) => make('credential', scheme, withoutHeader(headerOf(spec, scheme)))),
    ...constraintDefects(spec, operation, validate, make),
    ...requestFieldsOf(spec, operation)
      .filter(({ name, required }) => !required && !pageFields.includes(name))
      .map(({ name }) =>
        make(
          'request field',
          name,
          onCalls(operation, (call) => (name in bodyOf(call) ? withBody(call, { [name]: undefined }) : undefined)),
        ),
      ),
    ...parametersOf(spec, operation).map((name) =>
      make(
        'parameter',
        name,
        onCalls(operation, ({ headers }) =>
          headers[name.toLowerCase()] === undefined
            ? undefined
            : { headers: { ...headers, [name.toLowerCase()]: randomUUID() } },
        ),
      ),
    ),
    ...(requestBody === undefined ? [] : limitDefects(spec, operation, make)),
    ...(hasPages(spec, operation) ? pageDefects(operation, make) : []),
    ...crossOriginDefects(operation, make),
  ];
}
