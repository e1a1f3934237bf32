/** Lays a JSON Schema out as a list of fields that a person can read, with every reference followed. */
import type { OpenApi, Schema } from './facts.ts';
import { code, oneLine } from './write-markdown.ts';

/** A field, named by where it is: `branding.logoUrl`, `keys[].name`. */
export interface Field {
  name: string;
  required: boolean;
  /** All that follow are Markdown. */
  type: string;
  constraints: string[];
  description: string;
  default: string | undefined;
  example: string | undefined;
  isSecret: boolean;
}

/** Follows a reference into the document; what stands beside it counts too, and more. */
export function resolved<Node extends { $ref?: string }>(document: OpenApi, node: Node): Node {
  if (node.$ref === undefined) return node;
  const { $ref, ...beside } = node;
  let target: unknown = document;
  for (const part of $ref.slice(2).split('/')) target = (target as Record<string, unknown>)[part];
  if (target === undefined) throw new Error(`openapi.yaml: nothing at ${$ref}`);
  return { ...resolved(document, target as Node), ...beside } as Node;
}

const shown = (value: unknown) => code(JSON.stringify(value));
/** Numbers beyond which there is no number in JSON that can be trusted limit nothing that a person would send. */
const isLimit = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function range(least: number | undefined, most: number | undefined, unit: string): string[] {
  const units = unit === '' ? '' : ` ${unit}`;
  if (isLimit(least) && isLimit(most)) return [least === most ? `${least}${units}` : `${least} to ${most}${units}`];
  if (isLimit(least)) return [`at least ${least}${units}`];
  return isLimit(most) ? [`at most ${most}${units}`] : [];
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

/** What a format says, for people. */
const formats: Record<string, string> = { uri: 'a URL', int64: 'takes a 64-bit integer' };

function constraintsOf(document: OpenApi, schema: Schema): string[] {
  const items = schema.items === undefined ? undefined : resolved(document, schema.items);
  return [
    ...(schema.format === undefined ? [] : [formats[schema.format] ?? `a ${schema.format}`]),
    ...(schema.enum === undefined ? [] : [`one of ${schema.enum.map(shown).join(', ')}`]),
    ...(schema.const === undefined ? [] : [`always ${shown(schema.const)}`]),
    ...range(schema.minLength, schema.maxLength, 'characters'),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minItems, schema.maxItems, 'items'),
    ...(schema.uniqueItems === true ? ['no item twice'] : []),
    ...(schema.pattern === undefined ? [] : [`matches ${code(schema.pattern)}`]),
    // What holds for each item of a list of simple things has no row of its own.
    ...(items === undefined || items.properties !== undefined
      ? []
      : constraintsOf(document, items).map((constraint) => `each ${constraint}`)),
  ];
}

/** The fields of an object, each before those within it. */
export function fieldsOf(document: OpenApi, schema: Schema, prefix = ''): Field[] {
  const { properties = {}, required = [] } = resolved(document, schema);
  return Object.entries(properties).flatMap(([name, property]) => {
    const field = resolved(document, property);
    const path = `${prefix}${name}`;
    const items = field.items === undefined ? undefined : resolved(document, field.items);
    const within = items?.properties === undefined ? field : items;
    return [
      {
        name: path,
        required: required.includes(name),
        type: typeOf(document, field),
        constraints: constraintsOf(document, field),
        description: oneLine(field.description ?? ''),
        default: field.default === undefined ? undefined : shown(field.default),
        example: field.examples?.[0] === undefined ? undefined : shown(field.examples[0]),
        isSecret: field['x-secret'] === true,
      },
      ...fieldsOf(document, within, items?.properties === undefined ? `${path}.` : `${path}[].`),
    ];
  });
}

/** The cells of a field: name, type with constraints, description with default and example. */
export function fieldRow(field: Field, { isAnswer = false } = {}): string[] {
  const presence = field.required ? (isAnswer ? '' : '**required**') : isAnswer ? 'not always' : 'optional';
  const notes = [
    ...(field.isSecret ? ['A secret.'] : []),
    ...(field.default === undefined ? [] : [`Default: ${field.default}.`]),
    ...(field.example === undefined || isAnswer ? [] : [`Example: ${field.example}.`]),
  ];
  return [
    [code(field.name), presence].filter(Boolean).join(' '),
    [field.type, ...field.constraints].join('; '),
    [field.description, ...notes].join(' '),
  ];
}
