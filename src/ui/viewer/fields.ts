import { lineOf } from '../openapi/schema.ts';

/** The values that a parameter can have, if it has one value; empty if any is possible. */
export function linesOfValue(document: unknown, schema: unknown): string[] {
  const line = lineOf(document, schema);
  if (/\[\]/.test(line.type)) return [];
  return line.type === 'boolean' ? ['true', 'false'] : line.values;
}
