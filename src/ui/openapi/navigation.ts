/** The operations of a document by tag, for the tree on the left. Computed once; nothing else of an operation is read. */
import { entriesAt, fieldOf, isObject, type Json, objectsAt, textAt, textsAt } from './json.ts';
import { resolve } from './references.ts';

/** The methods of a path item (OpenAPI 3.1, section 4.8.9). */
const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

/** An operation in the tree. */
export interface Entry {
  /** Names the operation in a URL. */
  id: string;
  /** In capitals. */
  method: string;
  /** The path; the name of a webhook. */
  path: string;
  title: string;
  isDeprecated: boolean;
  /** Whether the API calls the user, and not the user the API. */
  isWebhook: boolean;
  /** The path item and the operation, as they are in the document. */
  item: Json;
  operation: Json;
}

/** A tag with its operations. */
export interface Group {
  /** Empty for operations without a tag. */
  name: string;
  description: string | undefined;
  isWebhooks: boolean;
  entries: Entry[];
}

/** Makes an id that no other operation has. */
function uniqueId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let n = 2; taken.has(id); n++) id = `${wanted}-${n}`;
  taken.add(id);
  return id;
}

const idOf = (operation: Json, method: string, path: string): string => {
  const own = textAt(operation, 'operationId')?.trim();
  return (
    own ||
    `${method}-${path
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-/, '')
      .replace(/-$/, '')}`
  );
};

/** The operations of a field of the document, in its order. */
function* operationsOf(document: unknown, field: 'paths' | 'webhooks', taken: Set<string>): Generator<[string, Entry]> {
  for (const [path, value] of entriesAt(document, field)) {
    if (path.startsWith('x-')) continue;
    const item = resolve(document, value).value;
    for (const method of methods) {
      const operation = fieldOf(item, method);
      if (!isObject(operation)) continue;
      const [tag = ''] = textsAt(operation, 'tags');
      const title = textAt(operation, 'summary')?.trim() || textAt(operation, 'operationId')?.trim() || path;
      yield [
        tag,
        {
          ...{
            id: uniqueId(idOf(operation, method, path), taken),
            method: method.toUpperCase(),
            path,
            title,
            item,
            operation,
          },
          isDeprecated: fieldOf(operation, 'deprecated') === true,
          isWebhook: field === 'webhooks',
        },
      ];
    }
  }
}

/** The groups of a document: tags in its order, then others in the order of their operations, then webhooks. */
export function groupsOf(document: unknown): Group[] {
  const groups = new Map<string, Group>();
  const taken = new Set<string>();
  for (const tag of objectsAt(document, 'tags')) {
    const name = textAt(tag, 'name');
    if (name !== undefined && !groups.has(name))
      groups.set(name, { name, description: textAt(tag, 'description'), isWebhooks: false, entries: [] });
  }
  for (const [name, entry] of operationsOf(document, 'paths', taken)) {
    const group = groups.get(name) ?? { name, description: undefined, isWebhooks: false, entries: [] };
    group.entries.push(entry);
    groups.set(name, group);
  }
  const webhooks = [...operationsOf(document, 'webhooks', taken)].map(([, entry]) => entry);
  return [
    ...[...groups.values()].filter(({ entries }) => entries.length > 0),
    ...(webhooks.length === 0 ? [] : [{ name: '', description: undefined, isWebhooks: true, entries: webhooks }]),
  ];
}

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** The groups with the operations that have all words of a search in their title, path, method, id or tag. */
export function searched(groups: Group[], search: string): Group[] {
  const words = folded(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  return groups.flatMap((group) => {
    const entries = group.entries.filter(({ title, path, method, id }) => {
      const text = folded(`${title} ${path} ${method} ${id} ${group.name}`);
      return words.every((word) => text.includes(word));
    });
    return entries.length === 0 ? [] : [{ ...group, entries }];
  });
}
