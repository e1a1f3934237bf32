/** An example of a value, from its schema. The work is bounded, also where references multiply in a small document. */
import { entriesAt, fieldOf, isObject, type Json, textAt, textOfNumber } from './json.ts';
import { resolve } from './references.ts';

/** How many values an example has, and how deep it is. */
const maxValues = 150;
const maxDepth = 7;

const texts: Record<string, string> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  byte: 'aGVsbG8=',
  binary: '',
  password: '********',
};

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Whether an example is for a request or for a response: some fields are only in one of them. */
export type Direction = 'request' | 'response';

/** Makes an example of a value. */
export function sampleOf(document: unknown, schema: unknown, direction: Direction): unknown {
  const budget = { left: maxValues };
  const value = sample(document, schema, direction, budget, [], 0);
  return value === nothing ? null : value;
}

/** What cannot be shown: it is in itself, or too much. */
const nothing = Symbol('nothing');

function sample(
  document: unknown,
  reference: unknown,
  direction: Direction,
  budget: { left: number },
  path: readonly string[],
  depth: number,
): unknown {
  const { value: schema, address } = resolve(document, reference);
  if (--budget.left < 0 || depth > maxDepth || (address !== undefined && path.includes(address))) return nothing;
  const inside = address === undefined ? path : [...path, address];
  const next = (value: unknown, level = depth) => sample(document, value, direction, budget, inside, level);
  for (const name of ['example', 'default', 'const']) if (Object.hasOwn(schema, name)) return schema[name];
  const [example] = listOf(schema['examples']);
  if (example !== undefined) return example;
  const [value] = listOf(schema['enum']);
  if (value !== undefined) return value;

  const parts = listOf(schema['allOf']);
  const variants = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])];
  const variant = variants.find((each) => textAt(each, 'type') !== 'null');
  const own = objectOf(schema, direction, (property) => next(property, depth + 1));
  const isOfAnyType = [undefined, 'object'].includes(textAt(schema, 'type'));
  if (parts.length > 0 || (variant !== undefined && (isOfAnyType || isObject(own)))) {
    const all = [...parts, ...(variant === undefined ? [] : [variant])].map((part) => next(part));
    const objects = all.filter(isObject);
    if (own !== undefined || objects.length > 0) return Object.assign({}, ...objects, own);
    return all.find((part) => part !== nothing && part !== null) ?? all[0] ?? nothing;
  }
  const types = [schema['type']].flat().filter((type) => typeof type === 'string' && type !== 'null');
  const type = types[0] ?? (own !== undefined ? 'object' : 'items' in schema ? 'array' : undefined);
  switch (type) {
    case 'object':
      return own ?? {};
    case 'array': {
      const item = schema['items'] === undefined ? nothing : next(schema['items'], depth + 1);
      return item === nothing ? [] : [item];
    }
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    case 'string':
      return texts[textAt(schema, 'format') ?? ''] ?? 'string';
    default:
      return [schema['type']].flat().includes('null') ? null : {};
  }
}

/** A number that the bounds allow, as they are written. */
function numberOf(schema: Json): unknown {
  const minimum = fieldOf(schema, 'minimum');
  if (textOfNumber(minimum) !== undefined && Number(textOfNumber(minimum)) > 0) return minimum;
  const maximum = textOfNumber(fieldOf(schema, 'maximum'));
  return maximum !== undefined && Number(maximum) < 1 ? (Number(maximum) >= 0 ? 0 : fieldOf(schema, 'maximum')) : 1;
}

/** The fields of an object, those that are required first if there are too many; undefined if the schema is of no object. */
function objectOf(schema: Json, direction: Direction, next: (property: unknown) => unknown): Json | undefined {
  const properties = entriesAt(schema, 'properties');
  const additional = fieldOf(schema, 'additionalProperties');
  if (properties.length === 0 && !isObject(additional)) return undefined;
  const hidden = direction === 'request' ? 'readOnly' : 'writeOnly';
  const object: Json = {};
  for (const [name, property] of properties) {
    if (fieldOf(property, hidden) === true || fieldOf(property, 'deprecated') === true) continue;
    const value = next(property);
    if (value !== nothing)
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  if (properties.length === 0) {
    const value = next(additional);
    if (value !== nothing) object['name'] = value;
  }
  return object;
}
