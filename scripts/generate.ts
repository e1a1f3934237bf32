/**
 * Bundles spec/ into openapi.yaml, and writes from it generated/ (the client and types by hey-api, the operations table,
 * the error catalogue, the values of open enums, and with the flows of the suite the Arazzo document). `--check` writes nothing, and fails if a file has drifted.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import { stringify } from 'yaml';
import { arazzoDocument } from '../contract-tests/arazzo/document.ts';
import { exactContract } from '../contract-tests/engine/exact.ts';
import {
  type BodyLimits,
  readSpec,
  type Spec,
  type SpecOperation,
  specErrors,
  specFile,
  specOperations,
} from '../contract-tests/engine/spec.ts';
import { bundleSpec } from './spec/bundle.ts';
import { withoutProse } from './spec/without-prose.ts';

const root = join(import.meta.dirname, '..');
const header =
  '// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.\n';

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** `portal.createSession` → `PortalCreateSession`, as hey-api names an operation's types. */
const typeName = (operationId: string) => operationId.split('.').map(capitalized).join('');

/**
 * Where hey-api puts an operation: into a function (`portalCreateSession`), so that a bundler drops the operations that a
 * program does not use, and into a class for each noun (`Portal.createSession`). `@portico/client` derives its methods
 * from the classes.
 */
function places({ operationId = '' }: { operationId?: string }): string[][] {
  const name = typeName(operationId);
  const [noun = '', verb] = operationId.split('.');
  const method = verb === undefined ? [] : [[`${capitalized(noun)}Operations`, verb]];
  return [[`${name.charAt(0).toLowerCase()}${name.slice(1)}`], ...method];
}

function authOf({ operationId, security }: SpecOperation): string {
  const schemes = security
    .flatMap((alternative) => Object.keys(alternative))
    .sort()
    .join(' ');
  if (schemes === '') return 'none';
  if (schemes === 'rootKey') return 'rootKey';
  if (schemes === 'portalSessionBearer portalSessionCookie') return 'portalSession';
  throw new Error(`${operationId}: the security schemes "${schemes}" are unknown`);
}

/**
 * The permission that a root key needs for the operation.
 *
 * @throws Error if an operation that takes a root key declares none, or if another operation declares one
 */
function permissionOf(operation: SpecOperation): string | undefined {
  const { operationId, 'x-permission': permission } = operation;
  if (authOf(operation) !== 'rootKey') {
    if (permission !== undefined)
      throw new Error(`${operationId}: it takes no root key, so it cannot have x-permission`);
    return undefined;
  }
  if (permission === undefined) throw new Error(`${operationId}: it takes a root key, so it needs x-permission`);
  if (!/^[a-z_]+\.\*\.[a-z_]+$/.test(permission))
    throw new Error(`${operationId}: x-permission must have the form {type}.*.{action}`);
  return permission;
}

const limitsOf = (limits: BodyLimits) =>
  `{ ${Object.entries(limits)
    .map(([name, limit]) => `${name}: ${limit}`)
    .join(', ')} }`;

/**
 * Whether pages of other origins can call the operation.
 *
 * @throws Error if the flag is on an operation that takes a root key, or missing on one that takes a portal session
 */
function isCrossOrigin(operation: SpecOperation): boolean {
  const { operationId, 'x-cross-origin': flag = false } = operation;
  const auth = authOf(operation);
  if (flag && auth === 'rootKey')
    throw new Error(`${operationId}: a root key is not for browsers, so no x-cross-origin`);
  if (!flag && auth === 'portalSession')
    throw new Error(`${operationId}: it takes a portal session, so it needs x-cross-origin`);
  return flag;
}

function operationsModule(spec: Spec): string {
  const { info, 'x-body-limits': limits } = spec;
  const operations = specOperations(spec);
  const names = operations.map(({ operationId }) => typeName(operationId));
  const rows = operations.map((operation) => {
    const { operationId, method, path, requestBody } = operation;
    const body = requestBody === undefined ? 'none' : requestBody.required === true ? 'required' : 'optional';
    const permission = permissionOf(operation);
    const fields = [`method: '${method}'`, `path: '${path}'`, `auth: '${authOf(operation)}'`, `body: '${body}'`];
    if (permission !== undefined) fields.push(`permission: '${permission}'`);
    if (operation['x-permission-per-api'] === true) fields.push('permissionPerApi: true');
    if (isCrossOrigin(operation)) fields.push('crossOrigin: true');
    if (operation.parameters?.some(({ $ref }) => $ref?.endsWith('/IdempotencyKey'))) fields.push('idempotent: true');
    const own = operation['x-body-limits'];
    if (own !== undefined) fields.push(`bodyLimits: ${limitsOf(own)}`);
    return `  '${operationId}': { ${fields.join(', ')} },\n`;
  });
  const types = operations.map(
    ({ operationId }, i) => `  '${operationId}': Types<${names[i]}Data, ${names[i]}Responses>;\n`,
  );
  const list = (operationIds: SpecOperation[]) =>
    operationIds.map(({ operationId }) => `  '${operationId}',\n`).join('');
  const repeatable = operations.filter((operation) => operation['x-repeatable'] === true);
  const takesIdempotencyKey = operations.filter(({ parameters = [] }) =>
    parameters.some(({ $ref }) => $ref?.endsWith('IdempotencyKey')),
  );
  return `${header}
import type {
${names.map((name) => `  ${name}Data,\n  ${name}Responses,\n`).join('')}} from './client/types.gen.ts';

/** The version of the contract, and of the client. */
export const version = '${info.version}';

/**
 * The limits of a request body: its size, its depth, its fields and items in total, the items of one list, and the length of a text
 * or of the name of a field.
 */
export interface BodyLimits {
  bytes: number;
  levels: number;
  values: number;
  itemsPerList: number;
  characters: number;
}

/** The limits of the body of an operation that has none of its own. */
export const bodyLimits: BodyLimits = ${limitsOf(limits)};

/**
 * Every operation of the contract: its method and path, its authentication, and whether it takes a body. \`permission\` is
 * the permission that a root key needs, with \`permissionPerApi\` for all APIs or for that of the call. \`idempotent\` means that the operation takes an Idempotency-Key, \`crossOrigin\` that
 * pages of other origins can call it. \`bodyLimits\` are those of its body, if they differ.
 */
export const operations = {
${rows.join('')}} as const;

/** The operationId of one operation. */
export type OperationId = keyof typeof operations;

/** The operations that have no further effect when they are called again with the same body (\`x-repeatable\`). */
export const repeatableOperations = [
${list(repeatable)}] as const satisfies readonly OperationId[];

/** The operations that accept an \`Idempotency-Key\`. */
export const idempotencyKeyOperations = [
${list(takesIdempotencyKey)}] as const satisfies readonly OperationId[];

interface Types<Request extends { body?: unknown }, Responses extends { 200: { data: unknown } }> {
  body: NonNullable<Request['body']>;
  data: Responses[200]['data'];
  pagination: Responses[200] extends { pagination: infer Pagination } ? Pagination : undefined;
}

/** The body, the \`data\` and the \`pagination\` of each operation. Only lists have \`pagination\`. */
export type OperationTypes = {
${types.join('')}};
`;
}

function errorsModule(spec: Awaited<ReturnType<typeof readSpec>>): string {
  const rows = specErrors(spec).map(({ code, status, title, detail, template }) => {
    const text = JSON.stringify({ status, title, detail: template ?? detail });
    return `  '${code}': ${text},\n`;
  });
  const codes = specErrors(spec).map(({ code }) => `  '${code}',\n`);
  return `${header}
/**
 * The error catalogue: the status, title and detail of each code. The thrower fills in the \`{parameters}\` of a detail.
 */
export const errors = {
${rows.join('')}} as const;

/** \`{system}/{category}/{code}\`: the part of \`error.type\` that identifies an error. */
export type ErrorCode = keyof typeof errors;

/** The codes alone. The client imports these, so that no bundle contains the texts. */
export const errorCodes = [
${codes.join('')}] as const satisfies readonly ErrorCode[];
`;
}

/** Fields that neither validators nor the server's error messages read. */
const isProse = (name: string) =>
  ['description', 'example', 'examples', 'summary', 'title'].includes(name) ||
  (name.startsWith('x-') && name !== 'x-form');

/** The open enums, by the name of their schema. */
function openEnums(named: Spec): [string, string[]][] {
  const values = Object.entries(named.components.schemas).map(([name, schema]) => [name, schema['x-extensible-enum']]);
  return values.filter((entry): entry is [string, string[]] => entry[1] !== undefined);
}

/**
 * The types of the open enums: editors suggest the known values, and the compiler accepts others. hey-api does not know
 * `x-extensible-enum`, so it writes `string`.
 */
async function writeOpenEnums(file: string, named: Spec): Promise<void> {
  let types = await readFile(file, 'utf8');
  for (const [name, values] of openEnums(named)) {
    const written = `export type ${name} = string;`;
    if (!types.includes(written)) throw new Error(`hey-api does not write "${written}" any more`);
    const known = values.map((value) => `'${value}'`).join(' | ');
    types = types.replace(written, `export type ${name} = ${known} | (string & {});`);
  }
  await writeFile(file, types);
}

function knownValuesModule(named: Spec): string {
  const rows = openEnums(named).map(
    ([name, values]) => `  ${name}: [${values.map((value) => `'${value}'`).join(', ')}],\n`,
  );
  return `${header}
/** The values of each open enum in this version of the contract. The server uses no others; later versions may. */
export const knownValues = {
${rows.join('')}} as const;

/** One of the values of an open enum in this version of the contract. */
export type Known<Name extends keyof typeof knownValues> = (typeof knownValues)[Name][number];
`;
}

/** What the server validates: what it sends is exactly what is documented, and it has no use for `default`. */
function serverContract(spec: Spec): unknown {
  const exact = exactContract(spec);
  for (const operation of Object.values(exact.paths).flatMap(Object.values)) delete operation.responses['default'];
  return withoutProse(exact, isProse);
}

/** @param named the spec in which every schema has its name */
async function generate(directory: string, named: Spec): Promise<void> {
  await mkdir(directory, { recursive: true });
  // hey-api only prints its warnings. Collect them, so that a warning fails the build.
  const printed: string[] = [];
  const { warn } = console;
  console.warn = (...parts) => printed.push(parts.join(' '));
  await createClient({
    // The names of texts and numbers make good types in TypeScript: an alias is no wrapper.
    input: named as never,
    logs: { level: 'warn', file: false },
    output: {
      path: join(directory, 'client'),
      // Node runs TypeScript as it is only when imports carry their extension.
      module: { extension: '.ts' },
      // The bundled runtime does not compile under exactOptionalPropertyTypes; its types still check our code.
      header: (context) => ['// @ts-nocheck', ...context.defaultValue],
    },
    plugins: [
      '@hey-api/client-fetch',
      '@hey-api/typescript',
      '@hey-api/schemas',
      { name: '@hey-api/sdk', operations: { strategy: places, methods: 'static' } },
    ],
  });
  console.warn = warn;
  if (printed.length > 0) throw new Error(`openapi-ts warns:\n${printed.join('\n')}`);
  await writeOpenEnums(join(directory, 'client/types.gen.ts'), named);
  await writeFile(join(directory, 'known-values.ts'), knownValuesModule(named));
  const spec = await readSpec();
  // The contract that the server compiles when it starts. To read YAML and prose would be most of its start-up time.
  await writeFile(join(directory, 'contract.json'), `${JSON.stringify(serverContract(spec), null, 1)}\n`);
  await writeFile(join(directory, 'operations.ts'), operationsModule(spec));
  await writeFile(join(directory, 'errors.ts'), errorsModule(spec));
  const comment = '# Generated from openapi.yaml and contract-tests/flows by `npm run generate`. Do not edit.\n';
  const journeys = stringify(await arazzoDocument(spec, '../openapi.yaml'), {
    aliasDuplicateObjects: false,
    lineWidth: 130,
  });
  await writeFile(join(directory, 'arazzo.yaml'), comment + journeys);
}

/** All files below a directory with their text, by relative path. */
async function contents(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file) => [file.slice(directory.length + 1), await readFile(file, 'utf8')] as const),
    ),
  );
}

const fresh = await mkdtemp(join(tmpdir(), 'portico-generated-'));
try {
  let named: Spec;
  if (process.argv.includes('--check')) {
    const bundle = join(fresh, 'openapi.yaml');
    named = await bundleSpec(bundle);
    if ((await readFile(bundle, 'utf8')) !== (await readFile(specFile, 'utf8'))) {
      console.error('openapi.yaml has drifted from spec/. Run `npm run generate` and commit what it writes.');
      process.exitCode = 1;
    }
  } else {
    named = await bundleSpec(specFile);
  }
  const written = join(fresh, 'generated');
  const committed = join(root, 'generated');
  await generate(written, named);
  if (process.argv.includes('--check')) {
    const [want, have] = await Promise.all([contents(written), contents(committed)]);
    const drifted = [...new Set([...want.keys(), ...have.keys()])].filter((file) => want.get(file) !== have.get(file));
    if (drifted.length > 0) {
      console.error(
        `generated/ has drifted from openapi.yaml or contract-tests/flows:\n${drifted.map((file) => `  ${file}\n`).join('')}`,
      );
      console.error('Run `npm run generate` and commit what it writes.');
      process.exitCode = 1;
    }
  } else {
    await rm(committed, { recursive: true, force: true });
    await cp(written, committed, { recursive: true });
  }
} finally {
  await rm(fresh, { recursive: true, force: true });
}
