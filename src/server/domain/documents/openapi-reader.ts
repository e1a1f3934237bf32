import { CORE_SCHEMA, type LoadOptions, load, Type, YAMLException } from 'js-yaml';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import { parseWithSource, rawJson } from '../exact-json.ts';
import { type DocumentScopes, scopesOf } from './openapi-scopes.ts';
import { isObject, type Json, originsOfServers, settleServers } from './openapi-servers.ts';

/** The maximum depth: deeper than any real document, and still within the limits of JSON.stringify. */
const maxLevels = 500;
/** How many times larger a document can be as JSON, after aliases are resolved. */
const maxGrowth = 2;

/**
 * The maximum number of values, approximately, for each MiB that a document can have. Documents that people wrote have up to 25,000
 * in a MiB; a hostile one has 300,000, and each costs up to a hundred bytes of memory once it is parsed, so they are counted before.
 */
const maxValuesPerMib = 75_000;

/** What may be a number that JavaScript writes in another way: `10.00`, `1e3`, `-0`, or more digits than a double holds. */
const unusualNumber = /[\d.]{16}|\d[eE]|\.\d*0(?!\d)|-0/;
/** A text or a number of JSON. The texts are matched too, so that digits in them are none. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** A number of JSON with its own text. */
const asWritten = (value: number, text: string): unknown => (String(value) === text ? value : rawJson(text));

function hasUnusualNumber(json: string): boolean {
  for (const [found] of json.matchAll(textOrNumber))
    if (!found.startsWith('"') && unusualNumber.test(found)) return true;
  return false;
}

/** A document in JSON, with its numbers as they are written. @throws SyntaxError if it is not JSON */
function parseJson(text: string, maxCharacters: number): unknown {
  const document: unknown = JSON.parse(text);
  if (!unusualNumber.test(text) || !hasUnusualNumber(text)) return document;
  // The second parser calls itself at each level.
  refuseBombs(document, maxCharacters);
  return parseWithSource(text, (_, value, { source }) =>
    typeof value === 'number' ? asWritten(value, source ?? '') : value,
  );
}

/** A number of YAML's core schema in the spelling of JSON; undefined for infinity and for what is no number, which JSON does not have. */
function jsonOfNumber(text: string): string | undefined {
  if (/^0[xo]/.test(text)) return String(BigInt(text));
  const parts = /^[+]?(-?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = ''] = parts;
  return `${sign}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction && `.${fraction}`}${exponent}`;
}

/** A number of YAML that JavaScript writes in another way. As a name it is its own text: `1.10` is another one than `1.1`. */
class YamlNumber {
  readonly #source: string;
  readonly #json: unknown;

  constructor(source: string, json: unknown) {
    this.#source = source;
    this.#json = json;
  }

  /** The library takes an object without this for a map, which is no name. */
  get [Symbol.toStringTag](): string {
    return 'Number';
  }

  toString(): string {
    return this.#source;
  }

  toJSON(): unknown {
    return this.#json;
  }
}

function yamlNumber(source: string): unknown {
  const value = Number(source);
  if (String(value) === source) return value;
  const json = jsonOfNumber(source);
  return json === undefined ? null : new YamlNumber(source, asWritten(value, json));
}

const numberType = (name: string, spelling: RegExp) =>
  new Type(`tag:yaml.org,2002:${name}`, {
    kind: 'scalar',
    resolve: (text: unknown) => spelling.test(String(text)),
    construct: yamlNumber,
  });

/** YAML 1.2 (section 10.3.2, core schema), with numbers as they are written, and merge keys. Other tags change no value. */
const yamlSchema = CORE_SCHEMA.extend({
  implicit: [
    numberType('int', /^(?:[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+)$/),
    numberType('float', /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/),
    new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (text: unknown) => text === '<<' }),
  ],
  explicit: (['scalar', 'sequence', 'mapping'] as const).flatMap((kind) =>
    ['!', 'tag:'].map((prefix) => new Type(prefix, { kind, multi: true, construct: (value: unknown) => value })),
  ),
});

/** Its types do not have all of its options yet. */
const yamlOptions: LoadOptions & { maxDepth: number; maxTotalMergeKeys: number } = {
  schema: yamlSchema,
  json: true,
  maxDepth: maxLevels,
  maxTotalMergeKeys: 100_000,
};

/** A document in YAML, with its numbers as they are written. The last of two fields with one name counts. */
function parseYaml(text: string): unknown {
  try {
    return load(text, yamlOptions);
  } catch (error) {
    const isDeep = error instanceof YAMLException && error.reason.startsWith('nesting exceeded');
    throw isDeep ? new DocumentUnavailable('it is nested too deeply', error) : error;
  }
}

/** Counts as it goes, so nothing is stored. @throws DocumentUnavailable if there are too many */
function refuseManyValues(text: string, between: RegExp, maxMib: number): void {
  let count = 0;
  for (const _ of text.matchAll(between))
    if (++count > maxValuesPerMib * maxMib) throw new DocumentUnavailable('it has too many values');
}

/** JSON is YAML too, but the JSON parser is much faster. */
function parse(text: string, maxMib: number, maxCharacters: number): unknown {
  // What stands in texts counts too. Between two values there is at least one of these.
  refuseManyValues(text, /[,[{]/g, maxMib);
  try {
    return parseJson(text, maxCharacters);
  } catch (error) {
    if (error instanceof DocumentUnavailable) throw error;
    refuseManyValues(text, /[,[{\n]/g, maxMib);
    return parseYaml(text);
  }
}

/** @throws DocumentUnavailable if the document is too deep or too large. The depth is limited, so the walk can call itself. */
function refuseBombs(document: unknown, maxCharacters: number): void {
  let characters = 0;
  const count = (more: number) => {
    characters += more;
    if (characters > maxCharacters) throw tooLarge(maxCharacters);
  };
  const walk = (value: unknown, level: number): void => {
    if (level > maxLevels) throw new DocumentUnavailable('it is nested too deeply');
    count(typeof value === 'string' ? value.length + 3 : 5);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) walk(item, level + 1);
    else
      for (const name of Object.keys(value)) {
        count(name.length + 3);
        walk((value as Json)[name], level + 1);
      }
  };
  walk(document, 1);
}

const tooLarge = (maxCharacters: number) =>
  new DocumentUnavailable(`it is larger than ${maxCharacters / maxGrowth / 2 ** 20} MiB`);

/** Whether this is an OpenAPI document of a supported version. */
const isOpenapi = (value: unknown): value is Json =>
  isObject(value) &&
  isObject(value['info']) &&
  (value['swagger'] === '2.0' || /^3\.\d/.test(typeof value['openapi'] === 'string' ? value['openapi'] : ''));

/**
 * Reads a document of the customer. It may take long, and may even end its process: see openapi-process.
 *
 * @param url the address of the document
 * @param maxMib the maximum size of a document, in MiB
 * @returns the document as JSON, with the origins of its servers and what it offers as scopes
 * @throws DocumentUnavailable; any other error means that it is not a document
 */
export function readOpenapi(
  text: string,
  url: string,
  maxMib: number,
): { json: string; origins: string[]; scopes: DocumentScopes } {
  const maxCharacters = maxGrowth * maxMib * 2 ** 20;
  const document = parse(text, maxMib, maxCharacters);
  if (!isOpenapi(document)) throw new DocumentUnavailable('it is not an OpenAPI document');
  settleServers(document, url);
  // Absolute addresses are longer than relative ones, so the size is checked last.
  refuseBombs(document, maxCharacters);
  const json = JSON.stringify(document);
  // Escapes are longer than the characters that they stand for.
  if (Buffer.byteLength(json) > maxCharacters) throw tooLarge(maxCharacters);
  return { json, origins: originsOfServers(document), scopes: scopesOf(document) };
}
