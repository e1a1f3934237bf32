const isNode = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutOutside(value: unknown): unknown {
  if (!isNode(value)) return value;
  const { $ref, externalValue, ...rest } = value;
  if (typeof $ref === 'string' && !$ref.startsWith('#')) return { description: $ref };
  return typeof externalValue === 'string' ? { description: externalValue, ...rest } : value;
}

/**
 * Returns a copy of the document without what is elsewhere: external references, and the external values of examples. Their
 * addresses become descriptions. Swagger UI fetches nothing anyway (see call-api.ts), but would show an error for each.
 */
export const withoutOutsideReferences = (document: object): object =>
  JSON.parse(JSON.stringify(document), (_, value) => withoutOutside(value));
