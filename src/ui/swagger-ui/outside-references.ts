const isNode = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A copy of the document that leads nowhere else: references out of it are replaced, so that showing it fetches nothing.
 */
export const withoutOutsideReferences = (document: object): object =>
  JSON.parse(JSON.stringify(document), (_, value) =>
    isNode(value) && typeof value['$ref'] === 'string' && !value['$ref'].startsWith('#')
      ? { description: value['$ref'] }
      : value,
  );
