/** Reads openapi.yaml as data, for checks and generators. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNode, LineCounter, parse, parseDocument } from 'yaml';

/** The OpenAPI 3.1 document, with only the fields that this project reads. */
export interface Spec {
  info: { version: string };
  /** The headers of every response. */
  'x-response-headers': Record<string, SpecHeader>;
  /** The limits of every request body. */
  'x-body-limits': BodyLimits;
  paths: Record<string, Record<string, SpecPathOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, SpecResponse>;
    headers: Record<string, SpecHeader>;
    securitySchemes: Record<string, { type: string; in?: string }>;
    examples: Record<string, SpecErrorExample>;
  };
}

/** How much a body can have: in total, in one list, and in a text or the name of a field. */
export interface BodyLimits {
  bytes: number;
  levels: number;
  values: number;
  itemsPerList: number;
  characters: number;
}

/** A JSON Schema 2020-12 object. */
export type JsonSchema = Record<string, unknown> & { $ref?: string };

/** A named example, inline or by reference. */
export interface SpecExample {
  $ref?: string;
  summary?: string;
  value?: unknown;
}

/** A header in the spec. */
export interface SpecHeader {
  $ref?: string;
  required?: boolean;
  schema?: JsonSchema;
  example?: unknown;
}

/** A response in the spec. */
export interface SpecResponse {
  $ref?: string;
  description?: string;
  headers?: Record<string, SpecHeader>;
  content?: Record<string, { schema: JsonSchema; examples?: Record<string, SpecExample> }>;
}

interface SpecPathOperation {
  operationId: string;
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  /** The permission that the root key needs. */
  'x-permission'?: string;
  /** Whether a root key can have the permission for one API. */
  'x-permission-per-api'?: boolean;
  /** The limits of the body, if they differ from those of every body. */
  'x-body-limits'?: BodyLimits;
  /** Whether a client can safely repeat the request after a 503, although the server may have executed it. */
  'x-repeatable'?: boolean;
  /** Whether pages of other origins can call the operation, if the portal allows their origin. */
  'x-cross-origin'?: boolean;
  parameters?: { $ref?: string }[];
  requestBody?: {
    required?: boolean;
    content: Record<string, { schema: JsonSchema; examples: Record<string, SpecExample> }>;
  };
  responses: Record<string, SpecResponse>;
}

/** An operation with its method and path. */
export interface SpecOperation extends SpecPathOperation {
  method: string;
  path: string;
}

interface SpecErrorExample {
  summary: string;
  value: { meta: { requestId: string }; error: { title: string; detail: string; status: number; type: string } };
  'x-error': {
    detail?: string;
    whatHappened: string;
    causes: string[];
    howToFix: string[];
    commonMistakes: string[];
    relatedErrors: { code: string; when: string }[];
  };
}

/** One entry of the error catalogue; `template` is its detail with `{parameters}`, if it has any. */
export interface SpecError {
  code: string;
  status: number;
  title: string;
  detail: string;
  template?: string;
  page: SpecErrorExample['x-error'];
}

/** Path of the default spec. A published suite ships its own copy and passes its path to the functions below. */
export const specFile: string = join(import.meta.dirname, '../../openapi.yaml');

/**
 * Reads the spec.
 *
 * @param file path of the YAML file
 * @throws if the file is unreadable or not well-formed YAML
 */
export async function readSpec(file: string = specFile): Promise<Spec> {
  return parse(await readFile(file, 'utf8')) as Spec;
}

/** Follows a local `$ref` one level; returns a node without `$ref` unchanged. */
export function resolve<T extends { $ref?: string }>(spec: Spec, node: T): T {
  if (node.$ref === undefined) return node;
  let target: unknown = spec;
  for (const part of node.$ref.slice(2).split('/')) {
    target = (target as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (target === undefined) throw new Error(`openapi.yaml: nothing at ${node.$ref}`);
  return target as T;
}

/**
 * Every operation, in the order of the spec, with the responses that it documents. `default` is for clients, which have to
 * accept what later versions may add.
 */
export function specOperations(spec: Spec): SpecOperation[] {
  return Object.entries(spec.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { default: _, ...responses } = operation.responses;
      return { ...operation, responses, method, path };
    }),
  );
}

/** The error catalogue, in the order of the spec. */
export function specErrors(spec: Spec): SpecError[] {
  return Object.entries(spec.components.examples).map(([name, example]) => {
    const { status, title, detail } = example.value.error;
    const page = example['x-error'];
    const template = page.detail;
    return { code: name.replaceAll('.', '/'), status, title, detail, ...(template && { template }), page };
  });
}

/**
 * Reads the spec once, with the lines of the file that document an operation's responses.
 *
 * @param file path of the YAML file
 * @returns the spec, and a function of operationId and status: the line of the response, else of the operation, else undefined
 * @throws if the file is unreadable or not well-formed YAML
 */
export async function readSpecWithLines(
  file: string = specFile,
): Promise<{ spec: Spec; lineOf: (operationId: string, status: number) => number | undefined }> {
  const counter = new LineCounter();
  const document = parseDocument(await readFile(file, 'utf8'), { lineCounter: counter });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  const spec = document.toJS() as Spec;
  const operations = new Map(specOperations(spec).map((found) => [found.operationId, found]));
  const at = (path: string[]): number | undefined => {
    const node = document.getIn(path, true);
    return isNode(node) && node.range ? counter.linePos(node.range[0]).line : undefined;
  };
  const lineOf = (operationId: string, status: number) => {
    const found = operations.get(operationId);
    if (found === undefined) return undefined;
    const operation = ['paths', found.path, found.method];
    return at([...operation, 'responses', String(status)]) ?? at(operation);
  };
  return { spec, lineOf };
}
