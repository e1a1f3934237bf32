import { type AnyCheck, type Check, isPart, titleOf } from './check.ts';
import { constraintName, constraintsOf } from './constraints.ts';
import { codesOf } from './documented.ts';
import { headerName } from './part-names.ts';
import { resolve, type Spec, type SpecOperation, specOperations } from './spec.ts';

/** One promise of the contract, and the checks that test it. */
export interface Promised {
  operation: string;
  kind: 'response' | 'error' | 'header' | 'text' | 'bound' | 'request constraint';
  /** The promise in words, unique within the operation and the kind. */
  what: string;
  checks: string[];
}

/** The part of a check that the matrix needs. */
type Checked = Pick<Check, 'operation' | 'name' | 'kind'> & { status: number; error?: string | undefined };

function responsesOf(spec: Spec, { operationId: operation, responses }: SpecOperation, checks: Checked[]): Promised[] {
  return Object.entries(responses).flatMap(([status, declared]): Promised[] => {
    const response = resolve(spec, declared);
    const own = checks.filter((check) => check.operation === operation && check.status === Number(status));
    const codes = codesOf(response);
    const errors = codes.map((code): Promised => {
      const testing = own.filter(({ error }) => error === code);
      return { operation, kind: 'error', what: `${status} ${code}`, checks: testing.map(titleOf) };
    });
    const success: Promised = { operation, kind: 'response', what: status, checks: own.map(titleOf) };
    return [success, ...errors];
  });
}

function requestsOf(spec: Spec, operation: SpecOperation, checks: Checked[]): Promised[] {
  return constraintsOf(spec, operation).map((constraint): Promised => {
    const what = constraintName(constraint);
    const own = checks.filter(({ operation: id, name, kind }) => {
      return id === operation.operationId && kind === 'constraint' && name === what;
    });
    return { operation: operation.operationId, kind: 'request constraint', what, checks: own.map(titleOf) };
  });
}

/** The documented headers, each with its check, and what else has a check beside the response that it belongs to. */
function partsOf(spec: Spec, { operationId: operation, responses }: SpecOperation, all: AnyCheck[]): Promised[] {
  const own = all.filter(isPart).filter((check) => check.operation === operation);
  const names = Object.entries(responses).flatMap(([status, declared]) =>
    Object.keys(resolve(spec, declared).headers ?? {}).map((header) => headerName(Number(status), header)),
  );
  const documented = names.map((what): Promised => {
    const testing = own.filter(({ kind, name }) => kind === 'header' && name === what);
    return { operation, kind: 'header', what, checks: testing.map(titleOf) };
  });
  const others = own.filter(({ name }) => !names.includes(name));
  return [
    ...documented,
    ...others.map((check): Promised => ({ operation, kind: check.kind, what: check.name, checks: [titleOf(check)] })),
  ];
}

/**
 * All promises of the contract with the checks that test them.
 *
 * @param checks those of one request each
 * @param all the checks of the suite
 */
export function promiseMatrix(spec: Spec, checks: Checked[], all: AnyCheck[]): Promised[] {
  return specOperations(spec).flatMap((operation) => [
    ...responsesOf(spec, operation, checks),
    ...partsOf(spec, operation, all),
    ...requestsOf(spec, operation, checks),
  ]);
}

/** The matrix as a Markdown table, with the number of checked promises. */
export function matrixMarkdown(matrix: Promised[]): string {
  const checked = matrix.filter(({ checks }) => checks.length > 0).length;
  const rows = matrix.map(({ operation, kind, what, checks }) => {
    const by = checks.length === 0 ? '**none**' : `${checks.length}: ${checks[0]?.split(' › ')[1]}`;
    return `| ${operation} | ${kind} | ${what.replaceAll('|', '\\|')} | ${by.replaceAll('|', '\\|')} |`;
  });
  return [
    `# Promises of the contract and their checks`,
    '',
    `${checked} of ${matrix.length} promises have a check.`,
    '',
    '| operation | kind | promise | number of checks: first check |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** The documented fields of all response bodies, as `operation status pointer`. */
export function documentedFields(spec: Spec): string[] {
  const fields = (node: unknown, at: string): string[] => {
    const schema = resolve(spec, node as { $ref?: string }) as Record<string, unknown>;
    const inside = Object.entries((schema['properties'] as Record<string, unknown>) ?? {}).flatMap(
      ([name, property]) => [`${at}/${name}`, ...fields(property, `${at}/${name}`)],
    );
    return schema['items'] === undefined ? inside : [...inside, ...fields(schema['items'], `${at}/*`)];
  };
  return specOperations(spec).flatMap(({ operationId, responses }) =>
    Object.entries(responses).flatMap(([status, declared]) => {
      const schema = resolve(spec, declared).content?.['application/json']?.schema;
      return schema === undefined ? [] : fields(schema, `${operationId} ${status} `);
    }),
  );
}

/** The fields of one response body, in the same format. */
export function fieldsOf(operation: string, status: number, body: unknown): string[] {
  const fields = (value: unknown, at: string): string[] => {
    if (Array.isArray(value)) return value.flatMap((item) => fields(item, `${at}/*`));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, inner]) => [`${at}/${name}`, ...fields(inner, `${at}/${name}`)]);
  };
  return fields(body, `${operation} ${status} `);
}
