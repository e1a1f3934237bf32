/** The servers of an operation, with their variables. */
import { entriesAt, fieldOf, type Json, objectsAt, textAt, textOf, textsAt } from './json.ts';

/** A variable in the address of a server. */
interface ServerVariable {
  name: string;
  description: string | undefined;
  default: string;
  /** Empty if any value is possible. */
  values: string[];
}

/** A server, whose address has its variables in braces. */
export interface Server {
  url: string;
  description: string | undefined;
  variables: ServerVariable[];
}

/** The most variables and values of a server that a page offers. */
const maxOffered = 50;

function serverOf(server: Json): Server {
  const variables = entriesAt(server, 'variables')
    .slice(0, maxOffered)
    .map(([name, variable]) => ({
      name,
      description: textAt(variable, 'description'),
      default: textOf(fieldOf(variable, 'default') ?? ''),
      values: textsAt(variable, 'enum').slice(0, maxOffered),
    }));
  return { url: textAt(server, 'url') ?? '', description: textAt(server, 'description'), variables };
}

/** The servers of Swagger 2.0: a host, a path and schemes. */
function serversOfSwagger(document: unknown, operation: Json): Server[] {
  const host = textAt(document, 'host');
  if (host === undefined) return [];
  const schemes = textsAt(operation, 'schemes').length > 0 ? operation : document;
  const path = textAt(document, 'basePath') ?? '';
  const urls = textsAt(schemes, 'schemes').filter((scheme) => /^https?$/.test(scheme));
  return (urls.length === 0 ? ['https'] : urls).map((scheme) => ({
    ...{ url: `${scheme}://${host}${path === '/' ? '' : path}`, description: undefined, variables: [] },
  }));
}

/** The servers of an operation: its own, those of its path, or those of the document. */
export function serversOf(document: unknown, item: Json, operation: Json): Server[] {
  for (const place of [operation, item, document]) {
    const servers = objectsAt(place, 'servers').filter((server) => textAt(server, 'url') !== undefined);
    if (servers.length > 0) return servers.slice(0, maxOffered).map(serverOf);
  }
  return serversOfSwagger(document, operation);
}

/** The address of a server with values for its variables; a variable without a value has its default. */
export function urlOfServer({ url, variables }: Server, values: Readonly<Record<string, string>> = {}): string {
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable = variables.find((each) => each.name === name);
    return variable === undefined ? whole : (values[name] ?? variable.default);
  });
  return filled.endsWith('/') ? filled.slice(0, -1) : filled;
}

/**
 * The servers that can be called, each with only the values with which it can: what a menu offers works.
 *
 * @param chosen the values that the user has chosen for other variables
 */
export function callable(
  servers: Server[],
  isCallable: (url: string) => boolean,
  chosen: Readonly<Record<string, string>> = {},
): Server[] {
  return servers.flatMap((server) => {
    const variables = server.variables.map((variable) => {
      const works = (value: string) => isCallable(urlOfServer(server, { ...chosen, [variable.name]: value }));
      const values = variable.values.filter(works);
      // Any other text could be part of the host.
      const isFree = variable.values.length === 0 && works('a') && works('b.example.');
      return { ...variable, values: isFree ? [] : values.length > 0 ? values : [variable.default] };
    });
    return isCallable(urlOfServer(server)) ? [{ ...server, variables }] : [];
  });
}
