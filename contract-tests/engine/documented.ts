/** What the spec documents of the responses and the limits of an operation, with references resolved. */
import { type BodyLimits, type JsonSchema, resolve, type Spec, type SpecOperation, type SpecResponse } from './spec.ts';

/** One documented response. */
interface DocumentedStatus {
  status: number;
  response: SpecResponse;
}

/** The responses of an operation, in the order of the spec. */
export const documentedStatuses = (spec: Spec, { responses }: SpecOperation): DocumentedStatus[] =>
  Object.entries(responses).map(([status, declared]) => ({
    status: Number(status),
    response: resolve(spec, declared),
  }));

const jsonOf = ({ content }: SpecResponse) => content?.['application/json'];

/** The codes of the errors that a response documents, by its examples. */
export const codesOf = (response: SpecResponse): string[] =>
  Object.values(jsonOf(response)?.examples ?? {})
    .map(({ $ref = '' }) => $ref.replace('#/components/examples/', '').replaceAll('.', '/'))
    .filter((code) => code !== '');

/** The errors of an operation, `code` as `{system}/{category}/{code}`. */
export const errorCodesOf = (spec: Spec, operation: SpecOperation): { status: number; code: string }[] =>
  documentedStatuses(spec, operation).flatMap(({ status, response }) =>
    codesOf(response).map((code) => ({ status, code })),
  );

/** The schemas of the JSON responses of an operation, each with the statuses that have it. */
export function responseSchemas(spec: Spec, operation: SpecOperation): { statuses: number[]; schema: JsonSchema }[] {
  const found = documentedStatuses(spec, operation).flatMap(({ status, response }) => {
    const schema = jsonOf(response)?.schema;
    return schema === undefined ? [] : [{ status, schema }];
  });
  const same = Map.groupBy(found, ({ schema }) => JSON.stringify(schema));
  return [...same.values()].map((own) => ({
    statuses: own.map(({ status }) => status),
    schema: own[0]?.schema as JsonSchema,
  }));
}

/** The limits of the body of an operation. */
export const limitsOf = (spec: Spec, operation: SpecOperation): BodyLimits => ({
  ...spec['x-body-limits'],
  ...operation['x-body-limits'],
});
