/**
 * What the documentation is made from. All of it is gathered elsewhere (scripts/build/docs-facts.ts), so that this room knows
 * neither the disk nor the process: facts in, files out.
 */

/** A JSON Schema 2020-12 object: the keywords that the contract uses. */
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

/** A header, of a request or a response. */
export interface Header {
  $ref?: string;
  name?: string;
  description?: string;
  required?: boolean;
  schema?: Schema;
  example?: unknown;
}

/** What is sent, or comes back, in each media type. */
export type Content = Record<string, { schema: Schema; examples?: Record<string, Example> }>;

/** An answer. */
export interface Answer {
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
  /** Whether it is harmless to send it again after a 503. */
  'x-repeatable'?: boolean;
  parameters?: Header[];
  requestBody?: { description?: string; required?: boolean; content: Content };
  responses: Record<string, Answer>;
}

/** The whole document, as much of it as is read here. */
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

/** An error of the catalogue, with its page's prose. */
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

/** A variable of the environment. */
interface SettingFact {
  name: string;
  description: string;
  default: string | undefined;
  ofCommandLine: boolean;
}

/** An option of a command. */
interface OptionFact {
  flags: string;
  description: string;
  required: boolean;
  default: string | undefined;
}

/** A command of the command line, `portal create` for one. */
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

/** A page that somebody has written: a file below docs/. */
export interface GuideFact {
  /** Relative to docs/, such as `concepts/sessions.md`. */
  source: string;
  text: string;
}

/** A client that is made of the contract, and how far it is proved. */
interface ClientFact {
  /** The language. */
  title: string;
  generator: string;
  version: string;
  proves: 'generated' | 'compiled' | 'run';
  /** What to type. */
  recipe: readonly string[];
  /** What there is to know of it, as Markdown. */
  notes: readonly string[];
}

/** Everything. */
export interface Facts {
  document: OpenApi;
  operations: Operation[];
  errors: ErrorFact[];
  settings: SettingFact[];
  commandLine: { description: string; examples: string[]; groups: CommandGroupFact[] };
  guides: GuideFact[];
  clients: ClientFact[];
  /** CHANGELOG.md. */
  changelog: string;
}
