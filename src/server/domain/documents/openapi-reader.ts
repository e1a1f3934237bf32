import { Lexer, parseDocument, visit } from 'yaml';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import { parseWithSource, rawJson } from '../exact-json.ts';
import { type DocumentScopes, scopesOf } from './openapi-scopes.ts';
import { isObject, type Json, originsOfServers, settleServers } from './openapi-servers.ts';

/** The maximum depth: deeper than any real document, and still within the limits of JSON.stringify. */
const maxLevels = 500;
/** The maximum size after aliases are resolved, in characters. It is approximate, and near the limit of a fetch. */
const maxCharacters = 4 * 2 ** 20;

/**
 * The maximum number of tokens in JSON and in YAML. A document of 2 MiB that people wrote has up to 450,000; a hostile one has two
 * million, and each costs up to half a kilobyte of memory once it is parsed, so they are counted before that.
 */
const maxTokens = { json: 400_000, yaml: 600_000 };

/** What may be a number that JavaScript writes in another way: `10.00`, `1e3`, `-0`, or more digits than a double holds. */
const unusualNumber = /[\d.]{16}|\d[eE]|\.\d*0(?!\d)|-0/;

/** A number of JSON with its own text. */
const asWritten = (value: number, text: string): unknown => (String(value) === text ? value : rawJson(text));

/** A document in JSON, with its numbers as they are written. @throws SyntaxError if it is not JSON */
function parseJson(text: string): unknown {
  const document: unknown = JSON.parse(text);
  if (!unusualNumber.test(text)) return document;
  // The second parser calls itself at each level.
  refuseBombs(document);
  return parseWithSource(text, (_, value, { source }) =>
    typeof value === 'number' ? asWritten(value, source ?? '') : value,
  );
}

/** A number of YAML's core schema in the spelling of JSON; undefined for infinity, and for other spellings of YAML 1.1. */
function jsonOfNumber(text: string, value: number): string | undefined {
  if (/^0[xo]/.test(text)) return String(BigInt(text));
  const parts = /^[+]?(-?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = ''] = parts;
  const json = `${sign}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction && `.${fraction}`}${exponent}`;
  return Number(json) === value ? json : undefined;
}

/** A document in YAML, with its numbers as they are written. The last of two fields with one name counts. */
function parseYaml(text: string): unknown {
  countTokens(new Lexer().lex(text), maxTokens.yaml);
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'error', prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Scalar(place, node) {
      const { value, source } = node;
      if (typeof value !== 'number' || source === undefined) return;
      // A name in JSON is a text, and `1.10` is another one than `1.1`.
      if (place === 'key') node.value = source;
      else {
        const json = jsonOfNumber(source, value);
        if (json !== undefined) node.value = asWritten(value, json);
      }
    },
  });
  return document.toJS();
}

/** Counts as it goes, so nothing is stored. @throws DocumentUnavailable if there are too many */
function countTokens(tokens: Iterable<unknown>, max: number): void {
  let count = 0;
  for (const _ of tokens) if (++count > max) throw new DocumentUnavailable('it has too many values');
}

/** JSON is YAML too, but the JSON parser is a hundred times faster. */
function parse(text: string): unknown {
  // Commas and brackets in texts count too. Between two values there is at least one.
  countTokens(text.matchAll(/[,[{]/g), maxTokens.json);
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof DocumentUnavailable) throw error;
    return parseYaml(text);
  }
}

/** Walks the document without recursion. @throws DocumentUnavailable if it is too deep or too large */
function refuseBombs(document: unknown): void {
  const open: [value: unknown, level: number][] = [[document, 1]];
  let characters = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, level] = next;
    if (level > maxLevels) throw new DocumentUnavailable('it is nested too deeply');
    characters += typeof value === 'string' ? value.length + 3 : 5;
    if (characters > maxCharacters) throw new DocumentUnavailable('it is larger than 2 MiB');
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      characters += Array.isArray(value) ? 0 : name.length + 3;
      open.push([inner, level + 1]);
    }
  }
}

/** Whether this is an OpenAPI document of a supported version. */
const isOpenapi = (value: unknown): value is Json =>
  isObject(value) &&
  isObject(value['info']) &&
  (value['swagger'] === '2.0' || /^3\.\d/.test(typeof value['openapi'] === 'string' ? value['openapi'] : ''));

/**
 * Reads a document of the customer. It may take long, and may even end its process: see openapi-process.
 *
 * @param url the address of the document
 * @returns the document as JSON, with the origins of its servers and what it offers as scopes
 * @throws DocumentUnavailable; any other error means that it is not a document
 */
export function readOpenapi(text: string, url: string): { json: string; origins: string[]; scopes: DocumentScopes } {
  const document = parse(text);
  if (!isOpenapi(document)) throw new DocumentUnavailable('it is not an OpenAPI document');
  settleServers(document, url);
  // Absolute addresses are longer than relative ones, so the size is checked last.
  refuseBombs(document);
  const json = JSON.stringify(document);
  // Escapes are longer than the characters that they stand for.
  if (Buffer.byteLength(json) > maxCharacters) throw new DocumentUnavailable('it is larger than 2 MiB');
  return { json, origins: originsOfServers(document), scopes: scopesOf(document) };
}
