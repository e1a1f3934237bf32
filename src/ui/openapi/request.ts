/** The request of an operation: from what the document says and what the user has entered. Secrets stay names until it is sent. */
import { isToken } from '../curl.ts';
import { isNumber, isObject, textAt, textOf, writeJson } from './json.ts';
import type { Content, Operation, Parameter } from './operation.ts';
import { resolve } from './references.ts';
import { sampleOf } from './sample-value.ts';
import type { Alternative } from './security.ts';
import { type Server, urlOfServer } from './servers.ts';

/** A text with secrets in it, by the names of their variables; `base64` encodes its parts together. */
export type Part = string | { secret: string } | { base64: (string | { secret: string })[] };

/** A part of a form: a text, or a file that the user chooses. */
export type FormPart = [name: string, value: string | { file: string }];

/** What a request sends as its body. */
type Body = { kind: 'text'; text: string } | { kind: 'form'; parts: FormPart[] } | { kind: 'file' };

/** A request, with secrets as names. */
export interface ApiRequest {
  method: string;
  /** Without the secrets of its query. */
  url: string;
  /** Secrets in the query. */
  secretQuery: [name: string, value: Part[]][];
  headers: [name: string, value: Part[]][];
  body: Body | undefined;
}

/** What the user has entered. Parameters by place and name: see `keyOf`. */
export interface Input {
  server: Server | undefined;
  serverValues: Readonly<Record<string, string>>;
  alternative: Alternative;
  parameters: Readonly<Record<string, string>>;
  mediaType: string | undefined;
  /** The text of the body, or its fields as JSON if it is a form. */
  body: string;
}

/** The name of a parameter among what the user enters: a header can have the name of a query parameter. */
export const keyOf = ({ in: where, name }: Pick<Parameter, 'in' | 'name'>): string => `${where} ${name}`;

/** The API of a document that names none. */
const unknownServer = 'https://api.example.com';

const isForm = (mediaType: string): boolean =>
  /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(mediaType);
const isJson = (mediaType: string): boolean => /[/+]json\b|^\*\/\*$/i.test(mediaType);

/** The example of a body as text. The fields of a form are JSON, too. */
export function bodyText(document: unknown, { mediaType, schema, examples }: Content): string {
  const value = examples[0]?.value ?? (schema === undefined ? undefined : sampleOf(document, schema, 'request'));
  if (value === undefined) return '';
  return typeof value === 'string' && !isNumber(value) && !isJson(mediaType) ? value : writeJson(value, 2);
}

/** The example of a parameter as the user would enter it: several values are JSON. Empty if it is optional and has no example. */
function parameterText(document: unknown, { schema, examples, isRequired }: Parameter): string {
  const { value: own } = resolve(document, schema);
  const given =
    examples[0]?.value ?? own['example'] ?? (Array.isArray(own['examples']) ? own['examples'][0] : undefined);
  const value = given ?? (isRequired ? sampleOf(document, schema, 'request') : undefined);
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? writeJson(value) : textOf(value);
}

const encode = (text: string, allowReserved: boolean): string =>
  allowReserved ? encodeURI(text).replaceAll('#', '%23') : encodeURIComponent(text);

/** The values of a parameter: a list or an object if the schema says so, and the user has entered one in JSON or with commas. */
function valuesOf(document: unknown, { schema }: Parameter, text: string): string | string[] | [string, string][] {
  const { value } = resolve(document, schema);
  const types = [value['type']].flat();
  if (/^\s*[[{]/.test(text)) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (Array.isArray(parsed)) return parsed.map(textOf);
      if (isObject(parsed)) return Object.entries(parsed).map(([name, item]): [string, string] => [name, textOf(item)]);
    } catch {
      // It is a text that begins with a bracket.
    }
  }
  return types.includes('array') ? text.split(',').map((item) => item.trim()) : text;
}

const delimiters: Record<string, string> = { spaceDelimited: '%20', pipeDelimited: '|' };

/** A parameter of the query, as its style says (OpenAPI 3.1, section 4.8.12.4). */
function queryOf(document: unknown, parameter: Parameter, text: string): string[] {
  const { name, style, explode, allowReserved } = parameter;
  const write = (value: string) => encode(value, allowReserved);
  const named = (key: string, value: string) => `${encodeURIComponent(key)}=${value}`;
  const values = parameter.mediaType === undefined ? valuesOf(document, parameter, text) : text;
  if (typeof values === 'string') return [named(name, write(values))];
  const isPairs = Array.isArray(values[0]);
  if (style === 'deepObject' && isPairs) {
    return (values as [string, string][]).map(([key, value]) => named(`${name}[${key}]`, write(value)));
  }
  if (explode)
    return values.map((value) => (Array.isArray(value) ? named(value[0], write(value[1])) : named(name, write(value))));
  return [
    named(
      name,
      values
        .flat()
        .map(write)
        .join(delimiters[style] ?? ','),
    ),
  ];
}

/** A parameter of the path or a header: `simple`, `label` or `matrix`. */
function simpleOf(document: unknown, parameter: Parameter, text: string, write: (value: string) => string): string {
  const { name, style, explode } = parameter;
  const values = valuesOf(document, parameter, text);
  const list = typeof values === 'string' ? [values] : values;
  const joined = (between: string, equals: string) =>
    list.map((value) => (Array.isArray(value) ? value.map(write).join(equals) : write(value))).join(between);
  if (style === 'label') return `.${joined(explode ? '.' : ',', explode ? '=' : ',')}`;
  if (style === 'matrix') return `;${encodeURIComponent(name)}=${joined(',', ',')}`;
  return joined(',', explode ? '=' : ',');
}

/** A header that HTTP allows: its value is one line. */
const isHeader = ([name, value]: [string, Part[]]): boolean =>
  isToken(name) && value.every((part) => typeof part !== 'string' || !/[\0\r\n]/.test(part));

function securityHeaders(alternative: Alternative): [string, Part[]][] {
  return alternative.flatMap(({ kind, parameter, variables: [first = 'API_KEY', second = ''] }): [string, Part[]][] => {
    const secret = { secret: first };
    switch (kind) {
      case 'bearer':
        return [['Authorization', ['Bearer ', secret]]];
      case 'basic':
        return [['Authorization', ['Basic ', { base64: [secret, ':', { secret: second }] }]]];
      case 'header':
        return [[parameter, [secret]]];
      case 'cookie':
        return [['Cookie', [`${parameter}=`, secret]]];
      default:
        return [];
    }
  });
}

/** The fields of a form, from what the user has entered as JSON. */
function formParts(document: unknown, content: Content | undefined, text: string): FormPart[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const properties = resolve(document, content?.schema).value['properties'];
  return Object.entries(isObject(value) ? value : {}).flatMap(([name, item]): FormPart[] => {
    const { value: schema } = resolve(document, isObject(properties) ? properties[name] : undefined);
    if (textAt(schema, 'format') === 'binary') return [[name, { file: name }]];
    const items = Array.isArray(item) ? item : [item];
    return items.map((each): FormPart => [name, textOf(each)]);
  });
}

function bodyOf(document: unknown, operation: Operation, { mediaType, body }: Input): Body | undefined {
  if (mediaType === undefined || body.trim() === '') return undefined;
  const content = operation.body?.contents.find((each) => each.mediaType === mediaType);
  if (!isForm(mediaType)) return { kind: 'text', text: body };
  const parts = formParts(document, content, body);
  if (!/^application\//i.test(mediaType)) return { kind: 'form', parts };
  const encoded = new URLSearchParams(parts.map(([name, value]) => [name, typeof value === 'string' ? value : '']));
  return { kind: 'text', text: encoded.toString() };
}

/** Builds the request. */
export function requestOf(document: unknown, operation: Operation, input: Input): ApiRequest {
  const { entry, parameters } = operation;
  const base = input.server === undefined ? unknownServer : urlOfServer(input.server, input.serverValues);
  const entered = parameters.flatMap((parameter) => {
    const text = input.parameters[keyOf(parameter)] ?? '';
    return text === '' ? [] : [[parameter, text] as const];
  });
  let path = entry.path;
  for (const [parameter, text] of entered) {
    if (parameter.in === 'path')
      path = path.replaceAll(`{${parameter.name}}`, () => simpleOf(document, parameter, text, encodeURIComponent));
  }
  const query = entered.flatMap(([parameter, text]) =>
    parameter.in === 'query' ? queryOf(document, parameter, text) : [],
  );
  const cookies = entered.filter(([{ in: where }]) => where === 'cookie');
  const secretQuery = input.alternative.flatMap(({ kind, parameter, variables: [variable = 'API_KEY'] }) =>
    kind === 'query' ? [[parameter, [{ secret: variable }]] as [string, Part[]]] : [],
  );
  const body = bodyOf(document, operation, input);
  const accepted = operation.responses.flatMap(({ contents }) => contents.map(({ mediaType }) => mediaType))[0];
  const headers: [string, Part[]][] = [
    ...securityHeaders(input.alternative),
    ...(accepted === undefined || isJson(accepted) ? [] : [['Accept', [accepted]] as [string, Part[]]]),
    ...(body?.kind === 'text' && input.mediaType ? [['Content-Type', [input.mediaType]] as [string, Part[]]] : []),
    ...entered
      .filter(([{ in: where }]) => where === 'header')
      .map(([parameter, text]): [string, Part[]] => [
        parameter.name,
        [simpleOf(document, parameter, text, (value) => value)],
      ]),
    ...cookies.map(([{ name }, text]): [string, Part[]] => ['Cookie', [`${name}=${encodeURIComponent(text)}`]]),
  ];
  const [withoutFragment = ''] = (base + path).split('#');
  return {
    method: entry.method,
    url:
      query.length === 0
        ? withoutFragment
        : `${withoutFragment}${withoutFragment.includes('?') ? '&' : '?'}${query.join('&')}`,
    secretQuery,
    headers: headers.filter(isHeader),
    body,
  };
}

/** The request before the user has entered anything. */
export function initialInput(document: unknown, operation: Operation, servers: Server[]): Input {
  const [content] = operation.body?.contents ?? [];
  return {
    server: servers[0] ?? operation.servers[0],
    serverValues: {},
    alternative: operation.alternatives[0] ?? [],
    parameters: Object.fromEntries(
      operation.parameters.map((parameter) => [keyOf(parameter), parameterText(document, parameter)]),
    ),
    mediaType: content?.mediaType,
    body: content === undefined ? '' : bodyText(document, content),
  };
}
