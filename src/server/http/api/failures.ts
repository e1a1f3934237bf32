/** What the validator found wrong with a request, in words that name the field, the rule and the fix. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { root } from '../../package.ts';
import type { ValidationFailure } from '../../problem.ts';
import { redact } from '../../redact.ts';
import { shownLocation } from './body-limits.ts';

/** One failure of the validator. `errorCode` is the JSON Schema keyword and a suffix. */
export interface RawFailure {
  path: string;
  message: string;
  errorCode?: string;
}

/** The part of a JSON Schema that a failure is about. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  /** Says in words what `pattern` says as a regular expression. */
  'x-form'?: string;
}

/** A parameter of an operation, or a reference to one. */
interface Parameter {
  $ref?: string;
  name?: string;
  schema?: Schema;
}

interface Contract {
  paths: Record<
    string,
    Record<string, { parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: Schema }> } }>
  >;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
}

let contract: Contract | undefined;

/** The validator changes its copy of the contract, so this is another one. Read at the first failure. */
function readContract(): Contract {
  contract ??= JSON.parse(readFileSync(join(root, 'generated/contract.json'), 'utf8')) as Contract;
  return contract;
}

/** `/body/permissions/0` → `['body', 'permissions', '0']` */
const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

/** The schema of a header or of a field of the body, or an empty one if the contract does not know it. */
function schemaOf(id: OperationId, path: string): Schema {
  const { paths, components } = readContract();
  const { method, path: place } = operations[id];
  const [first, ...names] = partsOf(path);
  if (first === 'headers') {
    const parameters = (paths[place]?.[method]?.parameters ?? []).map((parameter) =>
      parameter.$ref === undefined ? parameter : components.parameters[parameter.$ref.split('/').at(-1) ?? ''],
    );
    return parameters.find((parameter) => parameter?.name?.toLowerCase() === names[0]?.toLowerCase())?.schema ?? {};
  }
  const resolved = (schema: Schema = {}): Schema =>
    schema.$ref === undefined ? schema : resolved(components.schemas[schema.$ref.split('/').at(-1) ?? '']);
  const body = resolved(paths[place]?.[method]?.requestBody?.content['application/json']?.schema);
  return names.reduce((schema, name) => resolved(schema.items ?? schema.properties?.[name]), body);
}

/** `/body/permissions/0` → `body.permissions[0]` */
function locationOf(path: string): string {
  const [first = 'body', ...rest] = partsOf(path);
  return first + rest.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('');
}

/** `['string', 'null']` → `a string or null` */
const typesOf = ({ type = [] }: Schema): string =>
  [type]
    .flat()
    .map((name) => (name === 'null' ? name : `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`))
    .join(' or ');

/** `3 to 64`, `1 or more`, `at most 100` */
function boundsOf(from: number | undefined, to: number | undefined): string {
  if (from === undefined) return `at most ${to}`;
  return to === undefined ? `${from} or more` : `${from} to ${to}`;
}

/** A rule as a message and as a fix. */
const be = (what: string) => ({ message: `must be ${what}`, fix: `Send ${what}.` });
const have = (what: string) => ({ message: `must have ${what}`, fix: `Use ${what}.` });

const lengthRule = ({ minLength, maxLength }: Schema) => have(`${boundsOf(minLength, maxLength)} characters`);
const itemsRule = ({ minItems, maxItems }: Schema) => have(`${boundsOf(minItems, maxItems)} items`);
const rangeRule = ({ minimum, maximum }: Schema) => be(`a number in the range ${boundsOf(minimum, maximum)}`);
const formRule = (schema: Schema) => be(schema['x-form'] ?? typesOf(schema));

/** The rules in words, by their keyword in JSON Schema. */
const rules: Record<string, (schema: Schema, location: string) => { message: string; fix: string }> = {
  required: (_, location) => ({
    message: 'is required',
    fix: location === 'body' ? 'Send a JSON object as the body.' : `Add ${location}.`,
  }),
  additionalProperties: (_, location) => ({
    message: 'is not known to this operation',
    fix: `Leave out ${location}.`,
  }),
  uniqueItems: () => ({ message: 'must not have the same item twice', fix: 'Send each item once.' }),
  type: (schema) => be(typesOf(schema)),
  enum: (schema) => be(`one of ${schema.enum?.map((value) => JSON.stringify(value)).join(', ')}`),
  pattern: formRule,
  format: formRule,
  minLength: lengthRule,
  maxLength: lengthRule,
  minItems: itemsRule,
  maxItems: itemsRule,
  minimum: rangeRule,
  maximum: rangeRule,
};

/**
 * A failure as the contract lists it. It never repeats a value that was sent, and only the first part of a long name.
 *
 * @param id the operation that the request was for
 */
export function failureOf(id: OperationId, { path, message, errorCode }: RawFailure): ValidationFailure {
  // The one failure without a keyword is a query parameter that the operation does not know.
  const keyword = errorCode?.split('.')[0] ?? 'additionalProperties';
  const location = shownLocation(locationOf(path));
  const rule = rules[keyword]?.(schemaOf(id, path), location) ?? { message: redact(message) };
  return { location, ...rule };
}
