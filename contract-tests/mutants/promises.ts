/** What the contract promises, as kinds that a mutant can break. The list follows from the spec, so a new operation has its own at once. */
import { constraintName, constraintsOf } from '../engine/constraints.ts';
import { documentedStatuses, errorCodesOf, limitsOf, responseSchemas } from '../engine/documented.ts';
import { resolve, type Spec, type SpecOperation, specOperations } from '../engine/spec.ts';

/** The kinds of promises, and what a server without one does. */
export const promiseKinds = {
  operation: 'an operation is missing',
  method: 'an operation accepts another method',
  credential: 'a documented credential is refused',
  status: 'a response has another status',
  'error code': 'an error has another code',
  refusal: 'a request that must be refused succeeds',
  'media type': 'a response has another media type',
  header: 'a header is missing or has another value',
  'response field': 'a field of a response is missing, or is never sent',
  'field type': 'a field of a response has another type',
  'field value': 'a field of a response breaks a rule of its schema',
  'undocumented field': 'a response has one field more',
  'request constraint': 'a rule of a request schema is not enforced',
  'request field': 'a field of a request is accepted and has no effect',
  parameter: 'a header of a request is accepted and has no effect',
  'body limit': 'a limit of the size of a request is not enforced',
  pagination: 'a list has other pages',
  'cross-origin': 'pages of other origins can read more or less',
  behaviour: 'an operation does not do what it says; these mutants are written by hand',
} as const;

/** The name of a kind. */
export type PromiseKind = keyof typeof promiseKinds;

/** One promise that a mutant can break. */
export interface BreakablePromise {
  operation: string;
  kind: PromiseKind;
  /** The promise in words, unique within the operation and the kind. */
  what: string;
}

const jsonBody = ({ requestBody }: SpecOperation) => requestBody?.content['application/json'];

/** The names of the header parameters of an operation. */
export const parametersOf = (spec: Spec, { parameters = [] }: SpecOperation): string[] =>
  parameters.map((parameter) => (resolve(spec, parameter) as { name: string }).name);

/** The properties of a request body, with whether each is required. */
export function requestFieldsOf(spec: Spec, operation: SpecOperation): { name: string; required: boolean }[] {
  const declared = jsonBody(operation)?.schema;
  if (declared === undefined) return [];
  const schema = resolve(spec, declared);
  const required = (schema['required'] as string[] | undefined) ?? [];
  return Object.keys((schema['properties'] as object | undefined) ?? {}).map((name) => ({
    name,
    required: required.includes(name),
  }));
}

/** The fields that choose a page of a list. */
export const pageFields = ['cursor', 'limit'];

/** Whether an operation returns a list in pages. */
export const hasPages = (spec: Spec, operation: SpecOperation): boolean =>
  requestFieldsOf(spec, operation).some(({ name }) => name === 'cursor');

/** The limits of a body that a request can exceed alone: a list with more items than the whole body may have is over both. */
export const separateLimits = (spec: Spec, operation: SpecOperation): [name: string, limit: number][] => {
  const { itemsPerList, ...limits } = limitsOf(spec, operation);
  return Object.entries({ ...limits, ...(itemsPerList < limits.values && { itemsPerList }) });
};

/** The words for the statuses of one schema. */
export const responsesName = (statuses: number[]): string =>
  statuses.length > 1 && statuses.every((status) => status >= 400) ? 'errors' : statuses.join();

/** The required fields at the top of the responses of an operation, of successes alone or also of errors. */
function envelopeFields(spec: Spec, operation: SpecOperation, { errors }: { errors: boolean }): string[] {
  return responseSchemas(spec, operation)
    .filter(({ statuses }) => errors || statuses.some((status) => status < 400))
    .flatMap(({ statuses, schema }) => {
      const required = (resolve(spec, schema)['required'] as string[] | undefined) ?? [];
      return required.map((name) => `${responsesName(statuses)}: body.${name}`);
    });
}

/** All promises that a derived mutant breaks, in the order of the spec. */
export function breakablePromises(spec: Spec): BreakablePromise[] {
  return specOperations(spec).flatMap((operation) => {
    const promised = (kind: PromiseKind, whats: string[]) =>
      whats.map((what): BreakablePromise => ({ operation: operation.operationId, kind, what }));
    const statuses = documentedStatuses(spec, operation);
    const errors = errorCodesOf(spec, operation);
    const hasBody = jsonBody(operation) !== undefined;
    return [
      ...promised('operation', ['exists']),
      ...promised('method', ['other methods are refused']),
      ...promised('credential', [...new Set(operation.security.flatMap((alternative) => Object.keys(alternative)))]),
      ...promised(
        'status',
        statuses.map(({ status }) => String(status)),
      ),
      ...promised(
        'error code',
        errors.map(({ status, code }) => `${status} ${code}`),
      ),
      ...promised(
        'refusal',
        errors.filter(({ status }) => status < 500).map(({ status, code }) => `${status} ${code}`),
      ),
      ...promised(
        'media type',
        statuses.filter(({ response }) => response.content).map(({ status }) => String(status)),
      ),
      ...promised(
        'header',
        statuses.flatMap(({ status, response }) =>
          Object.keys({ ...spec['x-response-headers'], ...response.headers }).map((name) => `${status} has ${name}`),
        ),
      ),
      ...promised('response field', [...new Set(envelopeFields(spec, operation, { errors: true }))]),
      ...promised('field type', envelopeFields(spec, operation, { errors: false })),
      ...promised('request constraint', constraintsOf(spec, operation).map(constraintName)),
      ...promised(
        'request field',
        requestFieldsOf(spec, operation)
          .filter(({ name, required }) => !required && !pageFields.includes(name))
          .map(({ name }) => name),
      ),
      ...promised('parameter', parametersOf(spec, operation)),
      ...promised('body limit', hasBody ? separateLimits(spec, operation).map(([name]) => name) : []),
      ...promised('pagination', hasPages(spec, operation) ? ['cursor', 'limit', 'last page'] : []),
      ...promised('cross-origin', operation['x-cross-origin'] ? ['readable', 'varies'] : ['unreadable']),
      ...promised('undocumented field', ['data']),
    ];
  });
}
