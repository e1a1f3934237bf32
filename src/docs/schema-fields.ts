/** Lists the fields of a JSON Schema for people, with all references resolved. */
import type { OpenApi, Schema } from './facts.ts';
import { code, oneLine } from './write-markdown.ts';

/** A field. Its name is its path: `branding.logoUrl`, `keys[].name`. */
export interface Field {
  name: string;
  required: boolean;
  /** This and the following are Markdown. */
  type: string;
  constraints: string[];
  description: string;
  default: string | undefined;
  example: string | undefined;
  isSecret: boolean;
}

/**
 * Resolves a reference within the document. Keywords next to the reference override those of its target.
 *
 * @throws Error if the target does not exist
 */
export function resolved<Node extends { $ref?: string }>(document: OpenApi, node: Node): Node {
  if (node.$ref === undefined) return node;
  const { $ref, ...overrides } = node;
  let target: unknown = document;
  for (const part of $ref.slice(2).split('/')) target = (target as Record<string, unknown>)[part];
  if (target === undefined) throw new Error(`openapi.yaml: ${$ref} does not exist`);
  return { ...resolved(document, target as Node), ...overrides } as Node;
}

const literal = (value: unknown) => code(JSON.stringify(value));
/** The maximum of an int64 is no limit that a reader needs to know. */
const isLimit = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function range(min: number | undefined, max: number | undefined, unit: string): string[] {
  const units = unit === '' ? '' : ` ${unit}`;
  if (isLimit(min) && isLimit(max)) return [min === max ? `${min}${units}` : `${min} to ${max}${units}`];
  if (isLimit(min)) return [`at least ${min}${units}`];
  return isLimit(max) ? [`at most ${max}${units}`] : [];
}

function typeOf(document: OpenApi, schema: Schema): string {
  const types = [schema.type ?? []].flat();
  const names = types.map((type) => {
    if (type !== 'array' || schema.items === undefined) return type;
    return `${typeOf(document, resolved(document, schema.items))}[]`;
  });
  if (names.length > 0) return names.join(' or ');
  return schema.enum === undefined ? 'any' : 'string';
}

/** Formats in plain English. */
const formats: Record<string, string> = { uri: 'a URL', int64: '64-bit integer' };

function constraintsOf(document: OpenApi, schema: Schema): string[] {
  const items = schema.items === undefined ? undefined : resolved(document, schema.items);
  return [
    ...(schema.format === undefined ? [] : [formats[schema.format] ?? `a ${schema.format}`]),
    ...(schema.enum === undefined ? [] : [`one of ${schema.enum.map(literal).join(', ')}`]),
    ...(schema.const === undefined ? [] : [`always ${literal(schema.const)}`]),
    ...range(schema.minLength, schema.maxLength, 'characters'),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minItems, schema.maxItems, 'items'),
    ...(schema.uniqueItems === true ? ['unique items'] : []),
    ...(schema.pattern === undefined ? [] : [`matches ${code(schema.pattern)}`]),
    // Items without fields have no row of their own.
    ...(items === undefined || items.properties !== undefined
      ? []
      : constraintsOf(document, items).map((constraint) => `each ${constraint}`)),
  ];
}

/** The fields of an object. A field precedes the fields inside it. */
export function fieldsOf(document: OpenApi, schema: Schema, prefix = ''): Field[] {
  const { properties = {}, required = [] } = resolved(document, schema);
  return Object.entries(properties).flatMap(([name, property]) => {
    const field = resolved(document, property);
    const path = `${prefix}${name}`;
    const items = field.items === undefined ? undefined : resolved(document, field.items);
    const inner = items?.properties === undefined ? field : items;
    return [
      {
        name: path,
        required: required.includes(name),
        type: typeOf(document, field),
        constraints: constraintsOf(document, field),
        description: oneLine(field.description ?? ''),
        default: field.default === undefined ? undefined : literal(field.default),
        example: field.examples?.[0] === undefined ? undefined : literal(field.examples[0]),
        isSecret: field['x-secret'] === true,
      },
      ...fieldsOf(document, inner, items?.properties === undefined ? `${path}.` : `${path}[].`),
    ];
  });
}

/**
 * The table cells of a field: name, type with constraints, description with default and example.
 *
 * @param isResponse marks a field that can be absent instead of a required one, and shows no example
 */
export function fieldRow(field: Field, { isResponse = false } = {}): string[] {
  const presence = field.required ? (isResponse ? '' : '**required**') : 'optional';
  const notes = [
    ...(field.isSecret ? ['Secret.'] : []),
    ...(field.default === undefined ? [] : [`Default: ${field.default}.`]),
    ...(field.example === undefined || isResponse ? [] : [`Example: ${field.example}.`]),
  ];
  return [
    [code(field.name), presence].filter(Boolean).join(' '),
    [field.type, ...field.constraints].join('; '),
    [field.description, ...notes].join(' '),
  ];
}
