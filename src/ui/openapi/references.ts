/** References within a document. They are followed when they are shown, and only within the document: nothing is fetched. */
import { fieldOf, isObject, type Json, textAt } from './json.ts';

/** How many references lead to one value. */
const maxSteps = 20;

/** What a reference leads to. */
export interface Resolved {
  /** The value; an empty object if there is none, or no more than its address is known. */
  value: Json;
  /** The last part of the address, such as the name of a schema. */
  name?: string;
  /** The address, by which a cycle is found. */
  address?: string;
  /** Whether it leads nowhere in this document. */
  isMissing?: boolean;
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The value at a JSON pointer in a URI fragment (RFC 6901, section 6); undefined if there is none. */
function valueAt(document: unknown, address: string): unknown {
  if (address === '#') return document;
  if (!address.startsWith('#/')) return undefined;
  let at = document;
  for (const part of address.slice(2).split('/')) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = Array.isArray(at) ? at[Number(name)] : fieldOf(at, name);
  }
  return at;
}

/** The name of what a reference leads to: the last part of its address. */
export const nameOfReference = (address: string): string =>
  decoded(address.split('/').at(-1) ?? '')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~') || address;

/**
 * Follows the references of a value. Fields beside a reference are added to what it leads to, as in OpenAPI 3.1, and win over its own.
 *
 * @param document the whole document
 */
export function resolve(document: unknown, value: unknown): Resolved {
  const over: Json[] = [];
  let at = value;
  let address: string | undefined;
  for (let steps = 0; steps < maxSteps; steps++) {
    const next = textAt(at, '$ref') ?? textAt(at, '$dynamicRef');
    if (next === undefined) break;
    // The name of a loop is that of its start.
    address ??= next;
    const { $ref: _, $dynamicRef: __, ...beside } = at as Json;
    over.unshift(beside);
    at = valueAt(document, next);
  }
  if (address === undefined) return { value: isObject(at) ? at : {} };
  const isMissing = !isObject(at) || textAt(at, '$ref') !== undefined;
  const found = isMissing ? {} : (at as Json);
  return {
    value: over.every((fields) => Object.keys(fields).length === 0) ? found : Object.assign({}, found, ...over),
    name: nameOfReference(address),
    address,
    ...(isMissing && { isMissing }),
  };
}
