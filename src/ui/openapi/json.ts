/** JSON of a document that is not trusted, with its numbers as they are written. */

/** An object with unknown fields. */
export type Json = Record<string, unknown>;

/** Whether this is an object, and not a list. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of an object; undefined if it is none, or has no such field of its own. */
export const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** The text of a field; undefined if it has none. */
export function textAt(value: unknown, name: string): string | undefined {
  const found = fieldOf(value, name);
  return typeof found === 'string' && !isNumber(found) ? found : undefined;
}

/** The objects of a list in a field. */
export function objectsAt(value: unknown, name: string): Json[] {
  const found = fieldOf(value, name);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** The texts of a list in a field. */
export function textsAt(value: unknown, name: string): string[] {
  const found = fieldOf(value, name);
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

/** The fields of an object in a field, in their order. */
export const entriesAt = (value: unknown, name: string): [name: string, value: unknown][] => {
  const found = fieldOf(value, name);
  return isObject(found) ? Object.entries(found) : [];
};

/**
 * Stands before the digits of a number that a double would change. JSON has no other way to keep it, and only newer browsers tell
 * the text of a number (`JSON.parse` with source). A document that writes this into a text gets a number shown.
 */
const written = '\u0000number:';
const numberOfJson = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A text or a number. The texts are matched too, so that digits in them are none. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/**
 * Parses JSON. A number that JavaScript would write in another way, such as `10.00` or `9223372036854775807`, stays as it is
 * written: see `textOfNumber`.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  return JSON.parse(
    text.replace(textOrNumber, (found) =>
      found.startsWith('"') || String(Number(found)) === found || !numberOfJson.test(found)
        ? found
        : JSON.stringify(written + found),
    ),
  );
}

/** The text of a number as it is written; undefined for another value. */
export function textOfNumber(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || !value.startsWith(written)) return undefined;
  const text = value.slice(written.length);
  return numberOfJson.test(text) ? text : undefined;
}

/** Whether this is a number of JSON. */
export const isNumber = (value: unknown): boolean => textOfNumber(value) !== undefined;

/** A value as people read it: a text without quotes, everything else as JSON. */
export const textOf = (value: unknown): string =>
  textOfNumber(value) ?? (typeof value === 'string' ? value : writeJson(value));

/** How many characters of a value are written. */
const maxCharacters = 100_000;
/** How many levels of a value are written. */
const maxLevels = 100;

/**
 * A value as JSON on several lines, with its numbers as they are written. A very large or deep value ends with `…`.
 *
 * @param indent the spaces for each level; 0 for one line
 */
export function writeJson(value: unknown, indent = 0): string {
  let length = 0;
  const write = (item: unknown, space: string, level: number): string => {
    const number = textOfNumber(item);
    if (number !== undefined || typeof item !== 'object' || item === null) {
      const text = number ?? JSON.stringify(item) ?? 'null';
      length += text.length;
      return text;
    }
    const isList = Array.isArray(item);
    const [open, close] = isList ? '[]' : '{}';
    const inner = space + ' '.repeat(indent);
    const parts: string[] = [];
    for (const name of Object.keys(item)) {
      if (length > maxCharacters || level > maxLevels) {
        parts.push('…');
        break;
      }
      const label = isList ? '' : `${JSON.stringify(name)}:${indent > 0 ? ' ' : ''}`;
      length += label.length + inner.length + 2;
      parts.push(label + write((item as Json)[name], inner, level + 1));
    }
    if (parts.length === 0) return `${open}${close}`;
    if (indent === 0) return `${open}${parts.join(',')}${close}`;
    return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${space}${close}`;
  };
  return write(value, '', 1);
}
