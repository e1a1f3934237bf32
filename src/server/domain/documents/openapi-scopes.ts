import { isObject, type Json } from './openapi-servers.ts';

/** A name that a key can carry, with what the document says about it. */
type NamedScope = [name: string, description?: string];

/** One operation of a document, with what its callers need. */
export interface DocumentOperation {
  operationId: string;
  description: string;
  /** Whether the document says that callers need no credential: `security: []`, or `{}` among the alternatives. */
  isPublic: boolean;
  /** The scopes of each alternative of `security`: a caller needs all of one of them. Empty without `security`. */
  security: string[][];
  tags: string[];
}

/** What a document offers as scopes. The lists are in the order of the document. */
export interface DocumentScopes {
  /** The scopes of OAuth flows, then all others that a `security` names, such as those of OpenID Connect. */
  oauth: NamedScope[];
  tags: NamedScope[];
  operations: DocumentOperation[];
  /** How many of each do not fit, or have a name that no scope can have. An operation with an ambiguous id counts too. */
  omitted: { scopes: number; operations: number };
}

/** The most that is read of one document. Real ones have up to 100 scopes and 1,000 operations. */
export const maxScopes = 500;
export const maxOperations = 2000;
/** The most alternatives of an operation, the most scopes of them together, and the most tags: a verification sends them to Redis. */
const maxAlternatives = 20;
const maxNamed = 50;
const maxTags = 10;
/** The longest name in characters, as `Scope` of the contract, and the longest description. */
const maxName = 256;
const maxDescription = 300;
/** The most characters of all operations together. */
const maxCharacters = 2 ** 19;

/** The methods of a path item; `query` is one of OpenAPI 3.2. */
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
/** How many references may follow each other. */
const maxReferences = 8;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const entriesOf = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : []);
const own = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Whether a scope can have this name: `Scope` of the contract, without white space at its ends. */
const isName = (name: unknown): name is string =>
  typeof name === 'string' &&
  name !== '' &&
  name.length <= maxName &&
  name.trim() === name &&
  name.isWellFormed() &&
  !/[\p{Cc}\ufffd]/u.test(name);

/** The first paragraph of a text in one line, shortened. */
function shortened(value: unknown): string {
  const [first = ''] = textOf(value)
    .trim()
    .split(/\n\s*\n/, 1);
  // A part of it is enough, so that a text of megabytes costs nothing.
  const line = first
    .slice(0, 4 * maxDescription)
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= maxDescription
    ? line
    : `${characters
        .slice(0, maxDescription - 1)
        .join('')
        .trimEnd()}…`;
}

/** What a value refers to within the document, or the value itself. Other documents are not read. */
function resolved(document: Json, value: unknown): unknown {
  let found = value;
  for (let i = 0; i < maxReferences; i++) {
    const reference = own(found, '$ref');
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return found;
    found = reference
      .slice(2)
      .split('/')
      .reduce<unknown>((inner, part) => own(inner, unescaped(part)), document);
  }
  return undefined;
}

/** A part of a JSON pointer in a URL (RFC 6901, section 6). */
const unescaped = (part: string): string => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The security schemes of the document: OpenAPI 3 has them among its components. */
const schemesOf = (document: Json): unknown[] =>
  entriesOf(
    'swagger' in document ? document['securityDefinitions'] : own(document['components'], 'securitySchemes'),
  ).map(([, scheme]) => resolved(document, scheme));

/** The scopes that the OAuth flows of a scheme declare. A scheme of Swagger 2.0 is its only flow. */
function declaredBy(scheme: unknown): [string, unknown][] {
  if (own(scheme, 'type') !== 'oauth2') return [];
  const flows = [scheme, ...entriesOf(own(scheme, 'flows')).map(([, flow]) => flow)];
  return flows.flatMap((flow) => entriesOf(own(flow, 'scopes'))).filter(([name]) => !name.startsWith('x-'));
}

/** The scopes that each alternative of a `security` needs: of all its schemes, which OpenAPI 3.1 calls roles if it is not OAuth. */
const alternativesOf = (security: unknown): string[][] =>
  listOf(security)
    .filter(isObject)
    .map((schemes) => [
      ...new Set(
        Object.values(schemes)
          .flatMap(listOf)
          .filter((name) => typeof name === 'string'),
      ),
    ]);

/** Every operation of the paths, with its method and path. Callbacks and webhooks are calls of the customer's own server. */
function* operationsOf(document: Json): Generator<{ operation: Json; place: string }> {
  for (const [path, item] of entriesOf(document['paths'])) {
    const pathItem = resolved(document, item);
    const named = methods.map((method): [string, unknown] => [method, own(pathItem, method)]);
    for (const [method, operation] of [...named, ...entriesOf(own(pathItem, 'additionalOperations'))])
      if (isObject(operation)) yield { operation, place: `${method.toUpperCase()} ${path}` };
  }
}

/** Collects names with their first description, and counts those that have no place. */
function collector() {
  const found = new Map<string, string>();
  const omitted = new Set<string>();
  return {
    add(name: unknown, description?: unknown): void {
      if (typeof name !== 'string') return;
      if (!isName(name) || (!found.has(name) && found.size >= maxScopes)) omitted.add(name);
      else found.set(name, found.get(name) || shortened(description));
    },
    has: (name: unknown): name is string => typeof name === 'string' && found.has(name),
    omitted: () => omitted.size,
    list: () => [...found].map(([name, text]): NamedScope => (text === '' ? [name] : [name, text])),
  };
}

/** Whether this is a `security` whose meaning is certain. A scheme without a list is a usual mistake in YAML. */
const isSecurity = (security: unknown): boolean =>
  security === undefined ||
  (Array.isArray(security) && security.every((schemes) => isObject(schemes) && Object.values(schemes).every(isNames)));
const isNames = (names: unknown): boolean =>
  names === null || (Array.isArray(names) && names.every((name) => typeof name === 'string'));

/** A requirement of no scheme: callers need no credential. */
const isEmpty = (schemes: unknown): boolean => isObject(schemes) && Object.keys(schemes).length === 0;

/**
 * The scopes that a document offers: its OAuth scopes, tags and operations, within bounds. An operation without an id cannot be named.
 * One is left out, and counted, if what it needs cannot be said in full: so nobody gets more than the document says.
 *
 * @param document an OpenAPI document 2.0 or 3. What is malformed in it is ignored
 */
export function scopesOf(document: Json): DocumentScopes {
  const [oauth, tags] = [collector(), collector()];
  for (const [name, description] of schemesOf(document).flatMap(declaredBy)) oauth.add(name, description);
  for (const tag of listOf(document['tags']))
    tags.add(own(tag, 'name'), own(tag, 'description') ?? own(tag, 'summary'));
  const all = [...operationsOf(document)];
  const ofDocument = alternativesOf(document['security']);
  for (const name of [ofDocument, ...all.map(({ operation }) => alternativesOf(operation['security']))].flat(2))
    oauth.add(name);
  for (const { operation } of all) for (const tag of listOf(operation['tags'])) tags.add(tag);

  const uses = Map.groupBy(all, ({ operation }) => operation['operationId']);
  const operations: DocumentOperation[] = [];
  let [omitted, characters] = [0, 0];
  for (const { operation, place } of all) {
    const { operationId } = operation;
    if (operationId === undefined) continue;
    const security = operation['security'] ?? document['security'] ?? undefined;
    const alternatives = operation['security'] == null ? ofDocument : alternativesOf(security);
    const names = alternatives.flat();
    const ownTags = [...new Set(listOf(operation['tags']).map(textOf))];
    const fits =
      operations.length < maxOperations &&
      alternatives.length <= maxAlternatives &&
      names.length <= maxNamed &&
      ownTags.length <= maxTags;
    const isCertain = () =>
      isName(operationId) &&
      uses.get(operationId)?.length === 1 &&
      isSecurity(security) &&
      isNames(operation['tags'] ?? null) &&
      names.every(oauth.has) &&
      ownTags.every(tags.has);
    const found: DocumentOperation = {
      operationId: String(operationId),
      description: shortened(operation['summary']) || shortened(operation['description']) || shortened(place),
      isPublic: Array.isArray(security) && (security.length === 0 || security.some(isEmpty)),
      security: alternatives,
      tags: ownTags,
    };
    const length = fits && isCertain() ? JSON.stringify(found).length : Number.POSITIVE_INFINITY;
    if (characters + length > maxCharacters) omitted++;
    else {
      operations.push(found);
      characters += length;
    }
  }
  const scopes = oauth.omitted() + tags.omitted();
  return { oauth: oauth.list(), tags: tags.list(), operations, omitted: { scopes, operations: omitted } };
}
