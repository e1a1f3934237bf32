/** What of the TypeScript client in clients/typescript is made from the spec: a function and a method for each operation. */
import type { JsonSchema, SpecOperation } from '../contract-tests/engine/spec.ts';

const header =
  '// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.\n';

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** `portal.createSession` → `portalCreateSession`. */
const functionName = (operationId: string) =>
  operationId
    .split('.')
    .map((part, i) => (i === 0 ? part : capitalized(part)))
    .join('');

const nameOf = ({ $ref = '' }: { $ref?: string } = {}) => $ref.split('/').at(-1) ?? '';

/** What the generated code needs to know of an operation. */
interface Described {
  operation: SpecOperation;
  /** As an object literal. */
  row: string;
  /** The parameters behind the connection, and how they are passed on. */
  parameters: string;
  passed: string;
  result: string;
  /** Those of generated/client/types.gen.ts that it names. */
  types: string[];
}

type Schemas = Record<string, JsonSchema>;

/** @throws Error where an operation has an inline schema: its type would have no name */
function described(operation: SpecOperation, schemas: Schemas, csv: boolean): Described {
  const { operationId, method, path, security, requestBody, responses } = operation;
  const request = nameOf(requestBody?.content['application/json']?.schema);
  const response = nameOf(responses['200']?.content?.[csv ? 'text/csv' : 'application/json']?.schema);
  if ((requestBody !== undefined && request === '') || response === '')
    throw new Error(`${operationId}: its request and its response need schemas with names`);
  const schemes = security.flatMap((way) => Object.keys(way));
  const auth = schemes.includes('rootKey') ? 'rootKey' : schemes.length > 0 ? 'sessionToken' : undefined;
  const isIdempotent = operation.parameters?.some(({ $ref }) => $ref?.endsWith('IdempotencyKey')) === true;
  const isPage = 'pagination' in ((schemas[response]?.['properties'] as object | undefined) ?? {});
  const fields = [`id: '${operationId}'`, `method: '${method.toUpperCase()}'`, `path: '${path}'`];
  if (auth !== undefined) fields.push(`auth: '${auth}'`);
  if (isIdempotent) fields.push('idempotent: true');
  if (operation['x-repeatable'] === true) fields.push('repeatable: true');
  if (csv) fields.push("answer: 'csv'");
  else if (isPage) fields.push("answer: 'page'");
  const body =
    request === ''
      ? ''
      : schemas[request]?.['required'] !== undefined
        ? `body: ${request}, `
        : `body: ${request} = {}, `;
  return {
    operation,
    row: `{ ${fields.join(', ')} }`,
    parameters: `${body}options?: ${isIdempotent ? 'IdempotentCallOptions' : 'CallOptions'}`,
    passed: request === '' ? 'undefined, options' : 'body, options',
    result: csv ? response : isPage ? `PageOf<${response}>` : `${response}['data']`,
    types: [request, response].filter((name) => name !== ''),
  };
}

function comment({ operation }: Described, indent: string, csv: boolean): string {
  const summary = csv ? `${operation.summary}, as CSV` : operation.summary;
  const lines = [
    `${summary}.`.replace('?.', '?'),
    '',
    ...operation.description.trim().split('\n'),
    '',
    '@throws PorticoError, PorticoUnreachable',
  ];
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

/** Functions and methods, with what both are called. */
interface Named {
  name: string;
  verb: string;
  noun: string;
  csv: boolean;
  described: Described;
}

function named(operations: SpecOperation[], schemas: Schemas): Named[] {
  return operations.flatMap((operation) => {
    const parts = operation.operationId.split('.');
    const [noun, verb] = parts.length === 1 ? ['', operation.operationId] : [parts[0] ?? '', parts[1] ?? ''];
    const kinds = operation.responses['200']?.content?.['text/csv'] === undefined ? [false] : [false, true];
    return kinds.map((csv) => ({
      name: functionName(operation.operationId) + (csv ? 'Csv' : ''),
      verb: verb + (csv ? 'Csv' : ''),
      noun,
      csv,
      described: described(operation, schemas, csv),
    }));
  });
}

const typeImports = (all: Named[]) => {
  const names = [...new Set(all.flatMap((one) => one.described.types))].sort();
  return `import type {\n${names.map((name) => `  ${name},\n`).join('')}} from '../../../../generated/client/types.gen.ts';\n`;
};

/** A function an operation: a bundler drops those that nobody imports. */
function operationsModule(all: Named[]): string {
  const functions = all.map(
    ({ name, csv, described: one }) => `
${comment(one, '', csv)}export const ${name} = (portico: Connection, ${one.parameters}): Promise<${one.result}> =>
  portico.call(${one.row}, ${one.passed});
`,
  );
  return `${header}
${typeImports(all)}import type { CallOptions, Connection, IdempotentCallOptions, PageOf } from '../connection.ts';
${functions.join('')}`;
}

/** The same as methods, for whoever would rather have all of them at hand. */
function porticoModule(all: Named[]): string {
  const method = ({ name, verb, csv, described: one }: Named, connection: string) =>
    `${comment(one, '  ', csv)}  readonly ${verb} = (${one.parameters}): Promise<${one.result}> =>
    operations.${name}(${connection}, ${one.passed.replace('undefined, ', '')});\n`;
  const nouns = [...new Set(all.map(({ noun }) => noun))].filter((noun) => noun !== '');
  const classes = nouns.map(
    (noun) => `
/** The operations of \`${noun}\`. */
class ${capitalized(noun)}Operations {
  readonly #portico: Connection;
  constructor(portico: Connection) {
    this.#portico = portico;
  }
${all
  .filter((one) => one.noun === noun)
  .map((one) => method(one, 'this.#portico'))
  .join('')}}
`,
  );
  return `${header}
${typeImports(all)}import { type CallOptions, Connection, type IdempotentCallOptions, type PageOf } from '../connection.ts';
import * as operations from './operations.ts';
${classes.join('')}
/** Every operation of one Portico, as \`portico.<noun>.<verb>(body, options)\`. */
export class Portico extends Connection {
${nouns.map((noun) => `  readonly ${noun} = new ${capitalized(noun)}Operations(this);\n`).join('')}${all
  .filter(({ noun }) => noun === '')
  .map((one) => method(one, 'this'))
  .join('')}}
`;
}

/** The codes alone: the catalogue's texts come with the answers. */
const errorCodesModule = (codes: string[]) => `${header}
/** The code of every error that this version of the client knows. */
export const errorCodes = [
${codes.map((code) => `  '${code}',\n`).join('')}] as const;

/** \`{system}/{category}/{code}\`: what an error's \`type\` ends with. */
export type ErrorCode = (typeof errorCodes)[number];
`;

/** The generated modules of the client, by file name. */
export function typescriptClientModules(
  operations: SpecOperation[],
  schemas: Schemas,
  codes: string[],
): Record<string, string> {
  const all = named(operations, schemas);
  return {
    'operations.ts': operationsModule(all),
    'portico.ts': porticoModule(all),
    'error-codes.ts': errorCodesModule(codes),
  };
}
