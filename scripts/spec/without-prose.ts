/** The document without the parts that its readers do not need. */

/**
 * Removes fields from an OpenAPI document, at every depth. The names of schema properties are data, so they stay.
 *
 * @param isProse whether a field of this name, with this value, is left out
 */
export function withoutProse(
  node: unknown,
  isProse: (name: string, value: unknown) => boolean,
  namesAreProperties = false,
): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutProse(item, isProse));
  if (typeof node !== 'object' || node === null) return node;
  const left = Object.entries(node).filter(([name, value]) => namesAreProperties || !isProse(name, value));
  return Object.fromEntries(left.map(([name, value]) => [name, withoutProse(value, isProse, name === 'properties')]));
}
