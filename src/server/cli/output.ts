/** Everything that the command line prints. No other file of this folder writes to stdout or stderr. */
import widthOf from 'fast-string-width';

/**
 * Control characters, characters that change the direction of a text or are invisible, and line breaks of any kind: a value
 * with one could move the cursor, or look like another line. ZWNJ and ZWJ (200C, 200D) are part of words and emoji.
 */
const unprintable = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => {
  const hex = character.codePointAt(0)?.toString(16) ?? '';
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
};

/** The text on one line, with every character that a terminal would act on as `\u…`. */
export const oneLine = (text: string): string => text.replaceAll(unprintable, escaped);

/** The text with its line breaks, and everything else as `oneLine` prints it. */
const lines = (text: string): string => text.split('\n').map(oneLine).join('\n');

/** Prints to stdout: texts of ours, such as help. */
export const printText = (text: string): boolean => process.stdout.write(lines(text));

/** Prints to stderr: errors, notes and questions. */
export const printError = (text: string): boolean => process.stderr.write(lines(text));

/**
 * Prints one line of JSON, which escapes control characters itself.
 *
 * @returns false if the reader is slow: wait for `drain`
 */
export const printJson = (value: unknown, to: NodeJS.WriteStream = process.stdout): boolean =>
  to.write(`${JSON.stringify(value).replaceAll(unprintable, escapeInJson)}\n`);

/** JSON leaves C1 and bidirectional controls as they are. An escape of two code units means the same text. */
const escapeInJson = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** A time of the API, in Unix ms, in the time zone of the reader. */
const localTime = new Intl.DateTimeFormat('sv-SE', {
  ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
});

/** The names of the fields that are times. */
const isTime = (name: string) => name === 'time' || name.endsWith('At');

/** A value as people read it. */
export function shown(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' && isTime(name)) return oneLine(localTime.format(value));
  if (Array.isArray(value)) return value.map((item) => shown('', item)).join(', ');
  return oneLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

const padded = (text: string, width: number) => text + ' '.repeat(Math.max(width - widthOf(text), 0));

/** Rows with aligned columns, two spaces apart. */
function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => padded(cell, widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Prints a record as one line of JSON, or as one line per field. */
export function printRecord(record: object, { json }: { json?: true | undefined }): void {
  if (json) printJson(record);
  else process.stdout.write(aligned(Object.entries(record).map(([name, value]) => [name, shown(name, value)])));
}

/**
 * Prints a list as one line of JSON, or as a table.
 *
 * @param columns the fields of the table
 */
export function printList<Item extends object>(
  items: Item[],
  columns: (keyof Item & string)[],
  { json }: { json?: true | undefined },
): void {
  if (json) printJson(items);
  else if (items.length === 0) process.stdout.write('none\n');
  else process.stdout.write(aligned([columns, ...items.map((item) => columns.map((name) => shown(name, item[name])))]));
}

/** Prints one line of cells. A column is as wide as given, or as its cell if that is wider. */
export const printCells = (cells: string[], widths: number[]): boolean =>
  process.stdout.write(
    `${cells
      .map((cell, i) => padded(oneLine(cell), widths[i] ?? 0))
      .join('  ')
      .trimEnd()}\n`,
  );
