/**
 * The input of the documentation. scripts/build/docs-facts.ts collects it, so that this folder needs neither the file system
 * nor the environment.
 */

/** A JSON Schema 2020-12 object, with the keywords that the contract uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean | Schema;
  'x-secret'?: boolean;
}

/** A named example of a request or a response. */
interface Example {
  $ref?: string;
  summary?: string;
  value?: unknown;
}

/** A header of a request or a response. */
export interface Header {
  $ref?: string;
  name?: string;
  description?: string;
  required?: boolean;
  schema?: Schema;
  example?: unknown;
}

/** A body by media type. */
export type Content = Record<string, { schema: Schema; examples?: Record<string, Example> }>;

/** A response of an operation. */
export interface OperationResponse {
  $ref?: string;
  description?: string;
  headers?: Record<string, Header>;
  content?: Content;
}

/** An operation of the contract. */
export interface Operation {
  operationId: string;
  method: string;
  path: string;
  tags: string[];
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  'x-permission'?: string;
  /** Whether a retry after a 503 is safe. */
  'x-repeatable'?: boolean;
  /** Whether pages of other origins can call the operation. */
  'x-cross-origin'?: boolean;
  parameters?: Header[];
  requestBody?: { description?: string; required?: boolean; content: Content };
  responses: Record<string, OperationResponse>;
}

/** The OpenAPI document, with the parts that the documentation uses. */
export interface OpenApi {
  info: { title: string; version: string; summary: string; description: string };
  servers: { url: string; description: string; variables?: Record<string, { default: string }> }[];
  tags: { name: string; description: string }[];
  components: {
    securitySchemes: Record<string, { type: string; in?: string; name?: string; description: string }>;
    parameters: Record<string, Header>;
    schemas: Record<string, Schema>;
    examples: Record<string, Example>;
  };
}

/** An error of the catalog, with the texts of its page. */
export interface ErrorFact {
  code: string;
  status: number;
  title: string;
  detail: string;
  summary: string;
  page: {
    whatHappened: string;
    causes: string[];
    howToFix: string[];
    commonMistakes: string[];
    relatedErrors: { code: string; when: string }[];
  };
}

/** An environment variable. */
interface SettingFact {
  name: string;
  description: string;
  default: string | undefined;
  /** Whether every command reads it. */
  ofCommandLine: boolean;
}

/** An option of a command. */
interface OptionFact {
  flags: string;
  description: string;
  required: boolean;
  default: string | undefined;
}

/** A command of the command line, such as `portal create`. */
export interface CommandFact {
  name: string;
  description: string;
  options: OptionFact[];
  examples: string[];
}

/** A group of commands. */
export interface CommandGroupFact {
  name: string;
  description: string;
  commands: CommandFact[];
}

/** A handwritten page: a file in docs/. */
export interface GuideFact {
  /** Relative to docs/, such as `concepts/sessions.md`. */
  source: string;
  text: string;
}

/** A client that a generator creates from the contract. */
interface ClientFact {
  /** The language. */
  title: string;
  generator: string;
  version: string;
  /** What the tests do with the client. */
  verified: 'generated' | 'compiled' | 'run';
  /** The command that generates it. */
  recipe: readonly string[];
  /** Known limitations, as Markdown. */
  notes: readonly string[];
}

/** A promise of a client, and the clients that were judged by it. */
interface ClientPromiseFact {
  id: string;
  level: 'must' | 'should';
  /** The promise in words. */
  name: string;
  /** The document that makes it. */
  source: string;
}

/** The results of a client: what came of each promise, by its id. */
interface JudgedClientFact {
  title: string;
  /** The generator and its version; for the own client, its package. */
  made: string;
  outcomes: Record<string, string>;
}

/** All input. */
export interface Facts {
  document: OpenApi;
  operations: Operation[];
  errors: ErrorFact[];
  settings: SettingFact[];
  commandLine: {
    description: string;
    examples: string[];
    groups: CommandGroupFact[];
    /** The meaning of each exit code, in Markdown. */
    exitCodes: Record<number, string>;
  };
  guides: GuideFact[];
  /** The supported browsers, with the first version of each. */
  browsers: readonly { name: string; from: string }[];
  clients: ClientFact[];
  clientPromises: ClientPromiseFact[];
  judgedClients: JudgedClientFact[];
  /** The text of CHANGELOG.md. */
  changelog: string;
}
