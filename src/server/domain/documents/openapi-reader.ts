import { parse as parseYaml } from 'yaml';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import { isObject, type Json, originsOfServers, settleServers } from './openapi-servers.ts';

/** The maximum depth: deeper than any real document, and still within the limits of JSON.stringify. */
const maxLevels = 500;
/** The maximum size after aliases are resolved, in characters. It is approximate, and near the limit of a fetch. */
const maxCharacters = 4 * 2 ** 20;

/** A document that can be shown: as JSON, with the origins of its servers. */
export interface ReadDocument {
  json: string;
  origins: string[];
}

/** JSON is YAML too, but the JSON parser is a hundred times faster. The last of two fields with one name counts. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseYaml(text, { uniqueKeys: false, logLevel: 'error' });
  }
}

/** Walks the document without recursion. @throws DocumentUnavailable if it is too deep or too large */
function refuseBombs(document: Json): void {
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
 * Reads a document of the customer. It may take long, and may even end its thread: see openapi-thread.
 *
 * @param url the address of the document
 * @throws DocumentUnavailable; any other error means that it is not a document
 */
export function readOpenapi(text: string, url: string): ReadDocument {
  const document = parse(text);
  if (!isOpenapi(document)) throw new DocumentUnavailable('it is not an OpenAPI document');
  settleServers(document, url);
  // Absolute addresses are longer than relative ones, so the size is checked last.
  refuseBombs(document);
  return { json: JSON.stringify(document), origins: originsOfServers(document) };
}
