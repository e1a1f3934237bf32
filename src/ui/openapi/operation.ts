/** One operation of a document, read when it is shown. Swagger 2.0 is read as OpenAPI 3. */
import { entriesAt, fieldOf, isObject, type Json, objectsAt, textAt, textOf, textsAt } from './json.ts';
import type { Entry } from './navigation.ts';
import { resolve } from './references.ts';
import { type Alternative, alternativesOf } from './security.ts';
import { type Server, serversOf } from './servers.ts';

/** A named value that the document gives as an example. */
interface Example {
  name: string;
  summary: string | undefined;
  /** As it is in the document: a `$ref` in it is data. */
  value: unknown;
}

/** A body in one media type. */
export interface Content {
  mediaType: string;
  /** A JSON Schema, as it is in the document; undefined if there is none. */
  schema: unknown;
  examples: Example[];
}

/** A parameter, or the header of a response. */
export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  isRequired: boolean;
  isDeprecated: boolean;
  description: string | undefined;
  schema: unknown;
  examples: Example[];
  /** How several values are written (OpenAPI 3.1, section 4.8.12.2). */
  style: string;
  explode: boolean;
  allowReserved: boolean;
  /** The media type of its value; undefined if it is written by its style. */
  mediaType: string | undefined;
}

/** A body that the operation takes. */
interface RequestBody {
  isRequired: boolean;
  description: string | undefined;
  contents: Content[];
}

/** A response that the operation can have. */
interface OperationResponse {
  status: string;
  description: string | undefined;
  headers: Parameter[];
  contents: Content[];
}

/** A request that the API makes later, to an address in the request. */
interface Callback {
  name: string;
  method: string;
  /** A runtime expression. */
  url: string;
  description: string | undefined;
  body: RequestBody | undefined;
}

/** Everything of an operation that the page shows. */
export interface Operation {
  entry: Entry;
  description: string | undefined;
  externalDocs: { url: string; description: string | undefined } | undefined;
  parameters: Parameter[];
  body: RequestBody | undefined;
  responses: OperationResponse[];
  alternatives: Alternative[];
  servers: Server[];
  callbacks: Callback[];
}

/** How many parameters, responses, media types and examples of one operation are read. */
const maxRead = 200;

/** The examples of a media type or a parameter. */
function examplesOf(document: unknown, node: unknown): Example[] {
  const many = entriesAt(node, 'examples')
    .slice(0, maxRead)
    .map(([name, example]) => ({ name, example: resolve(document, example).value }))
    .filter(({ example }) => Object.hasOwn(example, 'value'))
    .map(({ name, example }) => ({ name, summary: textAt(example, 'summary'), value: example['value'] }));
  if (many.length > 0 || !isObject(node) || !Object.hasOwn(node, 'example')) return many;
  return [{ name: '', summary: undefined, value: node['example'] }];
}

const contentsOf = (document: unknown, node: unknown): Content[] =>
  entriesAt(node, 'content')
    .slice(0, maxRead)
    .map(([mediaType, content]) => {
      const value = resolve(document, content).value;
      return { mediaType, schema: fieldOf(value, 'schema'), examples: examplesOf(document, value) };
    });

const places = ['path', 'query', 'header', 'cookie'] as const;

/** The schema of a parameter of Swagger 2.0: its fields are among those of the parameter. */
const schemaOf = (parameter: Json): unknown => {
  const own = fieldOf(parameter, 'schema');
  if (own !== undefined) return own;
  const { name: _, in: __, required: ___, description: ____, examples: _____, example: ______, ...schema } = parameter;
  return schema;
};

/** The style of a list in Swagger 2.0, as OpenAPI 3 names it. */
function collectionStyle(parameter: Json): Partial<Pick<Parameter, 'style' | 'explode'>> {
  switch (textAt(parameter, 'collectionFormat')) {
    case 'multi':
      return { explode: true };
    case 'ssv':
      return { style: 'spaceDelimited', explode: false };
    case 'pipes':
      return { style: 'pipeDelimited', explode: false };
    case undefined:
      return textAt(parameter, 'type') === 'array' ? { explode: false } : {};
    default:
      return { explode: false };
  }
}

function parameterOf(document: unknown, parameter: Json, where: Parameter['in'], name: string): Parameter {
  const [content] = contentsOf(document, parameter);
  const usual = where === 'query' || where === 'cookie' ? 'form' : 'simple';
  const style = textAt(parameter, 'style') ?? usual;
  const explode = fieldOf(parameter, 'explode');
  return {
    ...{ name, in: where, style },
    isRequired: where === 'path' || fieldOf(parameter, 'required') === true,
    isDeprecated: fieldOf(parameter, 'deprecated') === true,
    description: textAt(parameter, 'description'),
    schema: content?.schema ?? schemaOf(parameter),
    examples: [...examplesOf(document, parameter), ...(content?.examples ?? [])],
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    allowReserved: fieldOf(parameter, 'allowReserved') === true,
    mediaType: content?.mediaType,
    ...collectionStyle(parameter),
  };
}

/** The parameters of an operation and of its path. Those of the operation win. */
function rawParametersOf(document: unknown, { item, operation }: Entry): Json[] {
  const found = new Map<string, Json>();
  for (const place of [item, operation]) {
    for (const reference of objectsAt(place, 'parameters').slice(0, maxRead)) {
      const parameter = resolve(document, reference).value;
      found.set(`${textAt(parameter, 'in')} ${textAt(parameter, 'name')}`, parameter);
    }
  }
  return [...found.values()];
}

/** The places in a path that no parameter fills: the document has forgotten them. They are texts. */
function forgottenOf(document: unknown, path: string, parameters: Parameter[]): Parameter[] {
  const names = new Set(Array.from(path.matchAll(/\{([^{}/]+)\}/g), ([, name = '']) => name));
  for (const parameter of parameters) if (parameter.in === 'path') names.delete(parameter.name);
  return [...names]
    .slice(0, maxRead)
    .map((name) => parameterOf(document, { schema: { type: 'string' } }, 'path', name));
}

/** The media types of Swagger 2.0 for bodies or responses. */
function mediaTypesOf(document: unknown, operation: Json, field: 'consumes' | 'produces'): string[] {
  const own = textsAt(operation, field);
  const all = own.length > 0 ? own : textsAt(document, field);
  return all.length > 0 ? all.slice(0, maxRead) : ['application/json'];
}

/** The body of Swagger 2.0: a parameter in the body, or the fields of a form. */
function bodyOfSwagger(document: unknown, operation: Json, raw: Json[]): RequestBody | undefined {
  const body = raw.find((parameter) => textAt(parameter, 'in') === 'body');
  if (body !== undefined) {
    return {
      isRequired: fieldOf(body, 'required') === true,
      description: textAt(body, 'description'),
      contents: mediaTypesOf(document, operation, 'consumes').map((mediaType) => ({
        ...{ mediaType, schema: fieldOf(body, 'schema'), examples: [] },
      })),
    };
  }
  const fields = raw.filter((parameter) => textAt(parameter, 'in') === 'formData');
  if (fields.length === 0) return undefined;
  const hasFile = fields.some((field) => textAt(field, 'type') === 'file');
  const names = fields.map((field) => [textAt(field, 'name') ?? '', field] as const);
  const properties = Object.fromEntries(
    names.map(([name, { in: _, name: __, required: ___, ...schema }]) => [
      name,
      textAt(schema, 'type') === 'file' ? { ...schema, type: 'string', format: 'binary' } : schema,
    ]),
  );
  const required = names.filter(([, field]) => fieldOf(field, 'required') === true).map(([name]) => name);
  return {
    isRequired: required.length > 0,
    description: undefined,
    contents: [
      {
        mediaType: hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded',
        schema: { type: 'object', properties, required },
        examples: [],
      },
    ],
  };
}

function bodyOf(document: unknown, operation: Json, raw: Json[]): RequestBody | undefined {
  const given = fieldOf(operation, 'requestBody');
  if (given === undefined) return bodyOfSwagger(document, operation, raw);
  const body = resolve(document, given).value;
  return {
    isRequired: fieldOf(body, 'required') === true,
    description: textAt(body, 'description'),
    contents: contentsOf(document, body),
  };
}

/** The content of a response of Swagger 2.0. */
function contentsOfSwagger(document: unknown, operation: Json, response: Json): Content[] {
  const schema = fieldOf(response, 'schema');
  const examples = entriesAt(response, 'examples');
  if (schema === undefined && examples.length === 0) return [];
  const mediaTypes = [
    ...new Set([...mediaTypesOf(document, operation, 'produces'), ...examples.map(([mediaType]) => mediaType)]),
  ];
  return mediaTypes.map((mediaType) => ({
    ...{ mediaType, schema },
    examples: examples
      .filter(([type]) => type === mediaType)
      .map(([, value]) => ({ name: '', summary: undefined, value })),
  }));
}

/** Success first: what readers look for. */
const statusOrder = (status: string): string => (/^[2]/.test(status) ? `0${status}` : `1${status}`);

function responsesOf(document: unknown, operation: Json): OperationResponse[] {
  return entriesAt(operation, 'responses')
    .filter(([status]) => !status.startsWith('x-'))
    .slice(0, maxRead)
    .sort(([a], [b]) => statusOrder(a).localeCompare(statusOrder(b)))
    .map(([status, reference]) => {
      const response = resolve(document, reference).value;
      const contents = contentsOf(document, response);
      return {
        status,
        description: textAt(response, 'description'),
        headers: entriesAt(response, 'headers')
          .slice(0, maxRead)
          .map(([name, header]) => parameterOf(document, resolve(document, header).value, 'header', name)),
        contents: contents.length > 0 ? contents : contentsOfSwagger(document, operation, response),
      };
    });
}

const callbacksOf = (document: unknown, operation: Json): Callback[] =>
  entriesAt(operation, 'callbacks')
    .slice(0, maxRead)
    .flatMap(([name, reference]) =>
      Object.entries(resolve(document, reference).value).flatMap(([url, path]) =>
        Object.entries(resolve(document, path).value)
          .filter(([method, called]) => /^(get|post|put|patch|delete)$/.test(method) && isObject(called))
          .map(([method, called]) => ({
            ...{ name, method: method.toUpperCase(), url },
            description: textAt(called, 'description') ?? textAt(called, 'summary'),
            body: bodyOf(document, called as Json, []),
          })),
      ),
    );

/** Reads an operation. */
export function operationOf(document: unknown, entry: Entry): Operation {
  const { item, operation } = entry;
  const raw = rawParametersOf(document, entry);
  const docs = fieldOf(operation, 'externalDocs');
  const url = textAt(docs, 'url');
  const parameters = raw.flatMap((parameter) => {
    const where = places.find((place) => place === textAt(parameter, 'in'));
    const name = fieldOf(parameter, 'name');
    return where === undefined || name === undefined ? [] : [parameterOf(document, parameter, where, textOf(name))];
  });
  return {
    entry,
    description: textAt(operation, 'description') ?? textAt(item, 'description'),
    externalDocs: url === undefined ? undefined : { url, description: textAt(docs, 'description') },
    parameters: entry.isWebhook ? parameters : [...parameters, ...forgottenOf(document, entry.path, parameters)],
    body: bodyOf(document, operation, raw),
    responses: responsesOf(document, operation),
    alternatives: alternativesOf(document, operation),
    servers: serversOf(document, item, operation),
    callbacks: callbacksOf(document, operation),
  };
}
