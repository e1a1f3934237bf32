import { webOriginOf } from '../portals/web-origin.ts';

/** A JSON object with unknown fields. */
export type Json = Record<string, unknown>;

/** Whether this is a JSON object, and not a list. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

/** The objects that can have `servers`: the document, its paths and their operations. */
function placesOf(document: Json): Json[] {
  const paths = Object.values(isObject(document['paths']) ? document['paths'] : {}).filter(isObject);
  return [document, ...paths, ...paths.flatMap((path) => Object.values(path).filter(isObject))];
}

const serversOf = ({ servers }: Json): Json[] =>
  Array.isArray(servers) ? servers.filter((server) => isObject(server) && isText(server['url'])) : [];

/** The absolute form of an address in the document. Variables in braces stay as they are. */
function absolute(address: string, base: URL): string {
  if (/^([a-z][a-z\d+.-]*:|\{)/i.test(address)) return address;
  if (address.startsWith('//')) return base.protocol + address;
  const found = URL.parse(address, base.href)?.href ?? address;
  return found.replaceAll(/%7b/gi, '{').replaceAll(/%7d/gi, '}');
}

/**
 * Makes the addresses of the API in the document absolute, so that they do not depend on the reader. A document without
 * servers gets its own origin. Changes the document.
 */
export function settleServers(document: Json, url: string): void {
  const base = new URL(url);
  if ('swagger' in document) {
    if (!isText(document['host'])) document['host'] = base.host;
    if (!Array.isArray(document['schemes'])) document['schemes'] = [base.protocol.slice(0, -1)];
    return;
  }
  for (const server of placesOf(document).flatMap(serversOf)) server['url'] = absolute(String(server['url']), base);
  if (serversOf(document).length === 0) document['servers'] = [{ url: base.origin }];
}

/** An address with its variables at their defaults. */
function atDefaults({ url, variables }: Json): string {
  return String(url).replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
    return isObject(variable) && isText(variable['default']) ? variable['default'] : whole;
  });
}

/** How many origins of a document a security policy can name. */
const maxOrigins = 20;

/** The distinct origins of the servers of a document with absolute addresses, as far as a security policy can name them. */
export function originsOfServers(document: Json): string[] {
  const { host, schemes } = document;
  const addresses =
    'swagger' in document
      ? (Array.isArray(schemes) ? schemes : []).map((scheme) => `${scheme}://${host}`)
      : placesOf(document).flatMap(serversOf).map(atDefaults);
  const origins = addresses.map(webOriginOf).filter((origin) => origin !== undefined);
  return [...new Set(origins)].slice(0, maxOrigins);
}
