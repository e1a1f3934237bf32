import { parse as parseYaml } from 'yaml';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import { isObject, type Json, originsOfServers, settleServers } from './openapi-servers.ts';

/** Deeper than anybody writes, and no deeper than what can be written as JSON. */
const mostLevels = 500;
/** What aliases multiply must stay near to what was fetched. In characters, about. */
const mostCharacters = 4 * 2 ** 20;

/** A document that can be shown: as JSON, with the origins of its servers. */
export interface ReadDocument {
  json: string;
  origins: string[];
}

/** JSON is YAML too, but is read a hundred times faster as what it is. Of two fields of one name the last one counts. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseYaml(text, { uniqueKeys: false, logLevel: 'error' });
  }
}

/** Walks through all of it without a call for each level, and stops where it goes too deep or grows too large. */
function refuseBombs(document: Json): void {
  const open: [value: unknown, level: number][] = [[document, 1]];
  let characters = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, level] = next;
    if (level > mostLevels) throw new DocumentUnavailable('it is nested too deeply');
    characters += typeof value === 'string' ? value.length + 3 : 5;
    if (characters > mostCharacters) throw new DocumentUnavailable('it is larger than 2 MiB');
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      characters += Array.isArray(value) ? 0 : name.length + 3;
      open.push([inner, level + 1]);
    }
  }
}

/** Whether this is an OpenAPI document of a version that is promised. */
const isOpenapi = (value: unknown): value is Json =>
  isObject(value) &&
  isObject(value['info']) &&
  (value['swagger'] === '2.0' || /^3\.\d/.test(typeof value['openapi'] === 'string' ? value['openapi'] : ''));

/**
 * Reads a document that somebody else has written. May take long, and may even end the thread that it runs in: see
 * openapi-thread.
 *
 * @param url where it was found
 * @throws DocumentUnavailable; whatever else it throws means that it is no document
 */
export function readOpenapi(text: string, url: string): ReadDocument {
  const document = parse(text);
  if (!isOpenapi(document)) throw new DocumentUnavailable('it is not an OpenAPI document');
  settleServers(document, url);
  // What is absolute is longer than what was relative, so that is looked at last.
  refuseBombs(document);
  return { json: JSON.stringify(document), origins: originsOfServers(document) };
}
