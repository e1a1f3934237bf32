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

/** How many origins of a document a security policy can name, and how many addresses of one server are tried. */
const maxOrigins = 20;
const maxAddresses = 200;

/** The values of a variable: its default first, then those that a reader can choose instead. */
function valuesOf(variables: unknown, name: string): string[] {
  const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (!isObject(variable)) return [];
  const choices = Array.isArray(variable['enum']) ? variable['enum'] : [];
  return [...new Set([variable['default'], ...choices].filter(isText))];
}

/** The addresses of a server with every value of its variables, that with their defaults first. */
function addressesOf({ url, variables }: Json): string[] {
  // Only the part before the path decides about the origin.
  const [base = ''] = /^[^/]*\/\/[^/]*/.exec(String(url)) ?? [String(url)];
  const names = new Set([...base.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name));
  let addresses = [base];
  for (const name of names) {
    const values = valuesOf(variables, name);
    if (values.length > 0)
      addresses = values
        .flatMap((value) => addresses.map((address) => address.replaceAll(`{${name}}`, () => value)))
        .slice(0, maxAddresses);
  }
  return addresses;
}

/** The distinct origins of the servers of a document after `settleServers`, as far as a security policy can name them. */
export function originsOfServers(document: Json): string[] {
  const { host, schemes } = document;
  const addresses =
    'swagger' in document
      ? (schemes as unknown[]).map((scheme) => `${scheme}://${host}`)
      : placesOf(document).flatMap(serversOf).flatMap(addressesOf);
  const origins = addresses.map(webOriginOf).filter((origin) => origin !== undefined);
  return [...new Set(origins)].slice(0, maxOrigins);
}
