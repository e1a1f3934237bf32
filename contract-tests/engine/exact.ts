import type { Spec } from './spec.ts';

/** Fields whose content is data or prose, not schemas. */
const data = new Set(['default', 'description', 'example', 'examples', 'x-error']);

const isObjectSchema = ({ type }: Record<string, unknown>) => [type].flat().includes('object');

function close(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(close);
  if (typeof node !== 'object' || node === null) return node;
  const schema = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, data.has(name) ? value : close(value)]),
  );
  const values = schema['x-extensible-enum'];
  return {
    ...schema,
    ...(values !== undefined && { enum: values }),
    ...(isObjectSchema(schema) && { additionalProperties: schema['additionalProperties'] ?? false }),
  };
}

/**
 * The contract as it is today. Responses are open: a later version may add fields and values. Here an object has the
 * documented fields only, and an open enum (`x-extensible-enum`) the documented values.
 */
export const exactContract = (spec: Spec): Spec => close(spec) as Spec;
