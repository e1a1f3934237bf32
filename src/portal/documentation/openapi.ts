/**
 * Reads a few facts from a customer's OpenAPI document, 2.0 or 3.x. The document is not trusted: an invalid part counts as
 * missing.
 */

import { curlUrl, isToken, isVisible } from '../../ui/curl.ts';

/** How a request sends the key. */
export type KeyPlace = { in: 'bearer' } | { in: 'header' | 'query'; name: string };

/** The facts for the section about authentication. */
export interface Basics {
  place: KeyPlace;
  /** A request that needs no parameters. */
  url: string;
}

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodeAt = (node: unknown, ...path: string[]): Node =>
  path.reduce<Node>((at, name) => (isNode(at[name]) ? at[name] : {}), isNode(node) ? node : {});
const listAt = (node: Node, name: string): Node[] => (Array.isArray(node[name]) ? node[name].filter(isNode) : []);

/** The security schemes; those of the document's default requirements come first. */
function schemesOf(document: unknown): [name: string, scheme: Node][] {
  const schemes = { ...nodeAt(document, 'securityDefinitions'), ...nodeAt(document, 'components', 'securitySchemes') };
  const needed = listAt(nodeAt(document), 'security').flatMap((way) => Object.keys(way));
  const rank = (name: string) => (needed.includes(name) ? needed.indexOf(name) : needed.length);
  return Object.entries(schemes)
    .filter((entry): entry is [string, Node] => isNode(entry[1]))
    .sort(([a], [b]) => rank(a) - rank(b));
}

/** The place, unless no request can have it there: the name of a header is a token, and people must see each name as it is. */
export function usablePlace(place: KeyPlace): KeyPlace | undefined {
  if (place.in === 'bearer') return place;
  const isUsable = place.in === 'header' ? isToken(place.name) : place.name !== '' && isVisible(place.name);
  return isUsable ? place : undefined;
}

function placeOf({ type, scheme, in: where, name }: Node): KeyPlace | undefined {
  if (type === 'http' && String(scheme).toLowerCase() === 'bearer') return { in: 'bearer' };
  if (type !== 'apiKey' || typeof name !== 'string') return undefined;
  return where === 'header' || where === 'query' ? usablePlace({ in: where, name }) : undefined;
}

/** The schemes that accept a pasted API key. */
export const keySchemes = (document: unknown): [name: string, scheme: Node][] =>
  schemesOf(document).filter(([, scheme]) => placeOf(scheme) !== undefined);

/** The API of a document that names none. */
const unknownServer = 'https://api.example.com';

/** The base URL of the API, with the defaults of its variables. */
function serverOf(document: unknown): string {
  const [server] = listAt(nodeAt(document), 'servers');
  if (typeof server?.['url'] === 'string') {
    const variables = nodeAt(server, 'variables');
    return server['url'].replaceAll(/\{([^{}]+)\}/g, (_, name) => String(nodeAt(variables, name)['default'] ?? ''));
  }
  const { host, basePath, schemes } = nodeAt(document);
  if (typeof host !== 'string') return unknownServer;
  const protocol = Array.isArray(schemes) && typeof schemes[0] === 'string' ? schemes[0] : 'https';
  return `${protocol}://${host}${typeof basePath === 'string' ? basePath : ''}`;
}

/** The first path with a GET operation and without path parameters. */
function readablePath(document: unknown): string {
  const paths = Object.entries(nodeAt(document, 'paths'));
  const isReadable = (path: string, item: unknown) =>
    path.startsWith('/') && !path.includes('{') && isNode(item) && 'get' in item;
  return paths.find(([path, item]) => isReadable(path, item))?.[0] ?? '/';
}

/** Describes how to call the API. Without a document, requests send the key as a bearer token. */
export function basicsOf(document: unknown): Basics {
  const [scheme] = keySchemes(document);
  const path = readablePath(document);
  return {
    place: (scheme && placeOf(scheme[1])) ?? { in: 'bearer' },
    url: curlUrl(serverOf(document).replace(/\/$/, '') + path) ?? `${unknownServer}/`,
  };
}
