/**
 * A JSON Schema as people read it, one level at a time. The page asks for the next level when the user opens it, so the work grows
 * with what is shown and not with what the references make of it.
 */
import { entriesAt, fieldOf, isObject, type Json, textAt, textOf } from './json.ts';
import { nameOfReference, resolve } from './references.ts';

/** A line of a schema. */
export interface Line {
  /** The name of the field; empty for a variant, or for the whole. */
  name: string;
  /** What the line is: a field, any other field, a field whose name matches, an item, or one of several possibilities. */
  kind: 'whole' | 'field' | 'anyField' | 'pattern' | 'item' | 'variant';
  /** In the notation of TypeScript, such as `Project[] | null`. The same in every language. */
  type: string;
  isRequired: boolean;
  isDeprecated: boolean;
  /** Whether it is only in responses, or only in requests. */
  isReadOnly: boolean;
  isWriteOnly: boolean;
  description: string | undefined;
  /** Keywords of JSON Schema with their values, such as `maxLength` `64`. */
  constraints: [keyword: string, value: string][];
  /** The possible values; empty if any is possible. */
  values: string[];
  default: string | undefined;
  example: string | undefined;
  /** Whether it is inside of itself: then it is shown by name only. */
  isCycle: boolean;
  /** Whether `linesOf` finds lines in it. */
  hasLines: boolean;
  /** What is inside, as it is in the document. */
  schema: unknown;
  /** The addresses of the references that lead here. */
  path: readonly string[];
}

/** How many parts of an `allOf` and lines of a level are read. */
const maxParts = 50;
const maxLines = 1000;
const maxValues = 200;
/** How deep types and combinations are read for one line. */
const maxDepth = 8;

/** A schema without references and `allOf`: its parts are merged as far as people read them. */
interface Merged {
  schema: Json;
  name: string | undefined;
  addresses: string[];
  isCycle: boolean;
}

/** How many schemas are merged into one: references in an `allOf` can multiply. */
const maxMerged = 100;

/**
 * Merges a schema.
 *
 * @param path what the schema is inside of. What it consists of may be there as well: a folder in a folder has the base of all folders
 * @param chain the addresses that this merge has followed
 */
function merged(
  document: unknown,
  value: unknown,
  path: readonly string[],
  budget = { left: maxMerged },
  chain: readonly string[] = [],
): Merged {
  const { value: own, name, address } = resolve(document, value);
  const addresses = address === undefined ? [] : [address];
  if (address !== undefined && (path.includes(address) || chain.includes(address)))
    return { schema: {}, name, addresses, isCycle: true };
  const parts = Array.isArray(own['allOf']) ? own['allOf'].slice(0, maxParts) : [];
  if (parts.length === 0 || --budget.left < 0) return { schema: own, name, addresses, isCycle: false };
  const { allOf: _, ...rest } = own;
  // Such as a reference with a description beside it.
  const isOther = parts.length === 1 && !('properties' in rest);
  let schema: Json = {};
  let partName: string | undefined;
  for (const part of parts) {
    const found = merged(document, part, isOther ? path : [], budget, [...chain, ...addresses]);
    if (found.isCycle && isOther) return { ...found, name: name ?? found.name };
    if (found.isCycle) continue;
    if (isOther) addresses.push(...found.addresses);
    if (parts.length === 1) partName = found.name;
    schema = withFields(schema, found.schema);
  }
  return { schema: withFields(schema, rest), name: name ?? partName, addresses, isCycle: false };
}

/** A schema with what another one says in addition. */
function withFields(schema: Json, more: Json): Json {
  const properties = {
    ...(isObject(schema['properties']) ? schema['properties'] : {}),
    ...Object.fromEntries(entriesAt(more, 'properties')),
  };
  const required = [...listOf(schema['required']), ...listOf(more['required'])];
  return {
    ...schema,
    ...more,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const variantsOf = (schema: Json): unknown[] =>
  [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])].slice(0, maxParts);
const isNull = (schema: unknown) =>
  isObject(schema) && (schema['type'] === 'null' || (schema['const'] === null && 'const' in schema));

/** The types of a schema, without null. */
function typesOf(schema: Json): string[] {
  const types = (Array.isArray(schema['type']) ? schema['type'] : [schema['type']]).filter(
    (type) => typeof type === 'string',
  );
  if (types.length > 0) return types.filter((type) => type !== 'null');
  if ('properties' in schema || 'additionalProperties' in schema) return ['object'];
  return 'items' in schema || 'prefixItems' in schema ? ['array'] : [];
}

function isNullable(schema: Json): boolean {
  return (
    fieldOf(schema, 'nullable') === true ||
    listOf(schema['type']).includes('null') ||
    variantsOf(schema).some(isNull) ||
    schema['type'] === 'null'
  );
}

/** The type of a schema as a short text. */
export function typeOf(document: unknown, value: unknown, depth = 0): string {
  if (value === true || depth > maxDepth) return 'any';
  if (value === false) return 'never';
  // The addresses of a type that is in itself repeat: it is named.
  const { schema, name } = merged(document, value, []);
  const variants = variantsOf(schema).filter((variant) => !isNull(variant));
  const own = typesOf(schema);
  const texts =
    variants.length > 0 && own.length === 0
      ? [
          ...new Set(
            variants
              .slice(0, 6)
              .map((variant) =>
                isObject(variant) && textAt(variant, '$ref')
                  ? nameOfReference(textAt(variant, '$ref') ?? '')
                  : typeOf(document, variant, depth + 1),
              ),
          ),
        ]
      : own.map((type) => {
          if (type === 'array') {
            const item = 'items' in schema ? typeOf(document, schema['items'], depth + 1) : 'any';
            return item.includes(' ') ? `(${item})[]` : `${item}[]`;
          }
          if (type === 'object') return name ?? textAt(schema, 'title') ?? 'object';
          const format = textAt(schema, 'format');
          return format === undefined ? type : `${type}<${format}>`;
        });
  if (variants.length > 6 && own.length === 0) texts.push('…');
  const nullable = isNullable(schema) ? ['null'] : [];
  const all = [...texts, ...nullable];
  return all.length > 0 ? all.join(' | ') : (name ?? ('enum' in schema ? 'string' : 'any'));
}

const keywords = [
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'contentEncoding',
  'contentMediaType',
];

/** What is inside of lists and of the only variant beside null: fields of it are shown as fields of the line. */
function inner(document: unknown, value: unknown, path: readonly string[]): Merged & { path: string[] } {
  let at = merged(document, value, path);
  const addresses = [...path, ...at.addresses];
  for (let depth = 0; depth < maxDepth && !at.isCycle; depth++) {
    const variants = variantsOf(at.schema).filter((variant) => !isNull(variant));
    const next =
      variants.length === 1 && !('properties' in at.schema)
        ? variants[0]
        : typesOf(at.schema).includes('array')
          ? at.schema['items']
          : undefined;
    if (!isObject(next)) break;
    at = merged(document, next, addresses);
    addresses.push(...at.addresses);
  }
  return { ...at, path: addresses };
}

function hasLines({ schema, isCycle }: Merged): boolean {
  if (isCycle) return false;
  return (
    entriesAt(schema, 'properties').length > 0 ||
    variantsOf(schema).filter((variant) => !isNull(variant)).length > 1 ||
    isObject(schema['additionalProperties']) ||
    entriesAt(schema, 'patternProperties').length > 0 ||
    listOf(schema['prefixItems']).length > 0
  );
}

/** The line of a schema. */
export function lineOf(
  document: unknown,
  value: unknown,
  over: Partial<Pick<Line, 'name' | 'kind' | 'isRequired'>> = {},
  path: readonly string[] = [],
): Line {
  const { schema } = merged(document, value, []);
  const content = inner(document, value, path);
  const items = typesOf(schema).includes('array') ? merged(document, schema['items'], []).schema : {};
  const values = listOf(schema['enum'] ?? items['enum']).slice(0, maxValues);
  const examples = listOf(schema['examples']);
  const example = Object.hasOwn(schema, 'example') ? schema['example'] : examples[0];
  return {
    ...{ name: '', kind: 'whole', isRequired: false, ...over },
    type: typeOf(document, value),
    isDeprecated: fieldOf(schema, 'deprecated') === true,
    isReadOnly: fieldOf(schema, 'readOnly') === true,
    isWriteOnly: fieldOf(schema, 'writeOnly') === true,
    description: textAt(schema, 'description') ?? textAt(schema, 'title'),
    constraints: keywords.flatMap((keyword): [string, string][] => {
      const constraint = fieldOf(schema, keyword);
      return constraint === undefined || constraint === false || isObject(constraint)
        ? []
        : [[keyword, textOf(constraint)]];
    }),
    values: Object.hasOwn(schema, 'const') ? [textOf(schema['const'])] : values.map(textOf),
    default: Object.hasOwn(schema, 'default') ? textOf(schema['default']) : undefined,
    example: example === undefined ? undefined : textOf(example),
    isCycle: content.isCycle,
    hasLines: hasLines(content),
    schema: value,
    path,
  };
}

/** The lines inside of a line: its fields, possibilities and items. */
export function linesOf(document: unknown, { schema: value, path }: Pick<Line, 'schema' | 'path'>): Line[] {
  const { schema, path: inside, isCycle } = inner(document, value, path);
  if (isCycle) return [];
  const required = new Set(listOf(schema['required']));
  const variants = variantsOf(schema).filter((variant) => !isNull(variant));
  return [
    ...entriesAt(schema, 'properties').map(([name, property]) => ({
      schema: property,
      name,
      kind: 'field' as const,
      isRequired: required.has(name),
    })),
    ...entriesAt(schema, 'patternProperties').map(([name, property]) => ({
      schema: property,
      name,
      kind: 'pattern' as const,
      isRequired: false,
    })),
    ...(isObject(schema['additionalProperties'])
      ? [{ schema: schema['additionalProperties'], name: '', kind: 'anyField' as const, isRequired: false }]
      : []),
    ...listOf(schema['prefixItems']).map((item, i) => ({
      schema: item,
      name: String(i),
      kind: 'item' as const,
      isRequired: true,
    })),
    ...(variants.length > 1
      ? variants.map((variant) => ({
          schema: variant,
          name: resolve(document, variant).name ?? textAt(resolve(document, variant).value, 'title') ?? '',
          kind: 'variant' as const,
          isRequired: false,
        }))
      : []),
  ]
    .slice(0, maxLines)
    .map(({ schema: each, ...over }) => lineOf(document, each, over, inside));
}
