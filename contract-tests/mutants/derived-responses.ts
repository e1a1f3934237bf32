/** Defects of responses, derived from the spec: for each operation, one of each promise about what it returns. */
import { type Constraint, schemaConstraints, violation } from '../engine/constraints.ts';
import { documentedStatuses, errorCodesOf, responseSchemas } from '../engine/documented.ts';
import { withEvery } from '../engine/location.ts';
import { resolve, type Spec, type SpecOperation } from '../engine/spec.ts';
import { envelope, failsWith, withCode, withHeaders } from './mutant.ts';
import { type BreakablePromise, type PromiseKind, responsesName } from './promises.ts';
import type { Call, Defect, Reply } from './proxy.ts';

/** A defect without memory, and the promise that it breaks. */
export interface DerivedDefect extends BreakablePromise {
  /** The statuses of the responses that break the promise; any without it. */
  statuses?: number[];
  /** The code of the error that breaks the promise. */
  code?: string;
  defect: Defect;
}

/** A status that a careless server returns in place of this one. */
const wrongStatuses: Record<number, number> = {
  ...{ 200: 201, 304: 200, 400: 422, 401: 403, 403: 404, 404: 400, 409: 400, 413: 400, 415: 400 },
  ...{ 422: 400, 429: 503, 500: 503, 502: 500, 503: 500 },
};

/** Changes the responses of an operation that have one of these statuses. */
const onStatus = (
  { operationId }: SpecOperation,
  statuses: number[],
  change: (reply: Reply, call: Call) => Partial<Reply>,
): Defect => ({
  onReply: (reply, call) =>
    call.operation === operationId && statuses.includes(reply.status) ? { ...reply, ...change(reply, call) } : reply,
});

/** The body of a success, as the contract documents it. */
function exampleOf(spec: Spec, operation: SpecOperation): unknown {
  const [first] = documentedStatuses(spec, operation);
  const [example] = Object.values(first?.response.content?.['application/json']?.examples ?? {});
  return example && (resolve(spec, example).value as object);
}

function statusDefects(spec: Spec, operation: SpecOperation): DerivedDefect[] {
  const { operationId } = operation;
  return documentedStatuses(spec, operation).flatMap(({ status, response }): DerivedDefect[] => {
    const [statuses, only] = [[status], String(status)];
    const broken = (kind: PromiseKind, what: string, change: (reply: Reply) => Partial<Reply>): DerivedDefect => ({
      ...{ operation: operationId, kind, what, statuses },
      defect: onStatus(operation, statuses, change),
    });
    const headers = Object.keys({ ...spec['x-response-headers'], ...response.headers });
    return [
      broken('status', only, () => ({ status: wrongStatuses[status] ?? 418 })),
      ...(response.content
        ? [broken('media type', only, (reply) => withHeaders(reply, { 'content-type': 'text/plain' }))]
        : []),
      ...headers.map((name) =>
        broken('header', `${status} has ${name}`, (reply) => withHeaders(reply, { [name.toLowerCase()]: undefined })),
      ),
    ];
  });
}

function errorDefects(spec: Spec, operation: SpecOperation): DerivedDefect[] {
  const codes = errorCodesOf(spec, operation);
  const success = exampleOf(spec, operation) as object;
  return codes.flatMap(({ status, code }, i): DerivedDefect[] => {
    const statuses = [status];
    const broken = (kind: PromiseKind, change: (reply: Reply) => Partial<Reply>): DerivedDefect => ({
      ...{ operation: operation.operationId, kind, what: `${status} ${code}`, statuses, code },
      defect: {
        onReply: (reply, call) =>
          call.operation === operation.operationId && failsWith(code)(reply) ? { ...reply, ...change(reply) } : reply,
      },
    });
    const other = codes[(i + 1) % codes.length]?.code ?? code;
    const wrong = other === code ? 'unkey/application/unexpected_error' : other;
    return [
      broken('error code', (reply) => withCode(reply, wrong)),
      ...(status < 500
        ? [broken('refusal', (reply) => ({ status: 200, body: { ...success, meta: envelope(reply).meta } }))]
        : []),
    ];
  });
}

/** The fields of a schema, with whether each is required: a constraint names a field by its location. */
function fieldsOf(constraints: Constraint[]): { location: string; required: boolean }[] {
  const required = new Set(constraints.filter(({ keyword }) => keyword === 'required').map(({ location }) => location));
  const all = constraints.map(({ location }) => location).filter((location) => /\.[^.[]+$/.test(location));
  return [...new Set(all)].map((location) => ({ location, required: required.has(location) }));
}

function fieldDefects(spec: Spec, operation: SpecOperation): DerivedDefect[] {
  const { operationId } = operation;
  return responseSchemas(spec, operation).flatMap(({ statuses, schema }) => {
    const constraints = schemaConstraints(spec, operationId, schema);
    const of = `${responsesName(statuses)}: `;
    const broken = (kind: PromiseKind, what: string, location: string, value: unknown): DerivedDefect => ({
      ...{ operation: operationId, kind, what: of + what, statuses },
      defect: onStatus(operation, statuses, ({ body }) => ({ body: withEvery(body, location, value) })),
    });
    const missing = fieldsOf(constraints).map(({ location, required }) =>
      broken('response field', `${location}${required ? '' : ' if there is one'}`, location, undefined),
    );
    // All errors have one of two schemas, so their types and values are not worth a mutant in each operation.
    if (statuses.every((status) => status >= 400)) return missing;
    const wrong = [...Map.groupBy(constraints, ({ location }) => location)].flatMap(([location, own]) => {
      const found = own
        .filter(({ keyword }) => keyword !== 'required')
        .map((constraint) => ({ keyword: constraint.keyword, wrong: violation(constraint) }))
        .filter(({ wrong }) => wrong !== undefined);
      const type = found.find(({ keyword }) => keyword === 'type');
      // One of the other rules stands for all: the suite reads them all from the schema.
      const rule = found.find(({ keyword }) => keyword !== 'type');
      return [
        ...(type ? [broken('field type', location, location, type.wrong?.value)] : []),
        ...(rule ? [broken('field value', `${location} ${rule.keyword}`, location, rule.wrong?.value)] : []),
      ];
    });
    return [...missing, ...wrong].filter(({ what }) => what !== `${of}body`);
  });
}

/** Adds a field that is not documented to `data`, or to each of its items. */
function withSurprise(reply: Reply): Partial<Reply> {
  const { data, ...rest } = envelope(reply) as { data?: unknown };
  const more = (item: unknown) => ({ ...(item as object), surprise: 1 });
  return { body: { ...rest, data: Array.isArray(data) ? data.map(more) : more(data) } };
}

/** All defects of the responses of an operation. */
export const responseDefects = (spec: Spec, operation: SpecOperation): DerivedDefect[] => [
  ...statusDefects(spec, operation),
  ...errorDefects(spec, operation),
  ...fieldDefects(spec, operation),
  {
    ...{ operation: operation.operationId, kind: 'undocumented field', what: 'data', statuses: [200] },
    defect: onStatus(operation, [200], withSurprise),
  },
];
