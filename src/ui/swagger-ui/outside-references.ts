const isNode = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Returns a copy of the document without external references, so that rendering fetches nothing.
 */
export const withoutOutsideReferences = (document: object): object =>
  JSON.parse(JSON.stringify(document), (_, value) =>
    isNode(value) && typeof value['$ref'] === 'string' && !value['$ref'].startsWith('#')
      ? { description: value['$ref'] }
      : value,
  );
