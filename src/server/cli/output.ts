/** Everything that the command line prints. No other file of this folder writes to stdout or stderr. */
import measure from 'fast-string-truncated-width';
import { durationText } from './duration.ts';

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

/** The last part of the name of a field: `ratelimit.duration` → `duration`. */
const lastOf = (name: string) => name.split('.').at(-1) ?? '';
/** The names of the fields that are times, and of those that are durations. */
const isTime = (name: string) => ['time', 'expires'].includes(name) || name.endsWith('At');
const isDuration = (name: string) => ['duration', 'maxLifetime'].includes(name);

/** A value as people read it. */
export function shown(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' && isTime(lastOf(name))) return oneLine(localTime.format(value));
  if (typeof value === 'number' && isDuration(lastOf(name))) return durationText(value);
  if (Array.isArray(value)) return value.map((item) => shown('', item)).join(', ');
  return oneLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

const widthOf = (text: string): number => measure(text).width;
const padded = (text: string, width: number) => text + ' '.repeat(Math.max(width - widthOf(text), 0));

/** The text in at most so many columns of a terminal, with an ellipsis if some of it is missing. */
function cut(text: string, width: number): string {
  const { index, ellipsed } = measure(text, { limit: width, ellipsis: '…' });
  return ellipsed ? `${text.slice(0, index)}…` : text;
}

/** The distance between two columns. */
const gap = 2;
/** No column is cut to less than this, or than its name. */
const leastWidth = 10;

/** What people copy from a table stays whole: ids, and the names that commands take. */
const isCopied = (name: string) => /(Id|^handle|^slug|^resource|^by|^start)$/.test(name);

/** The widths of columns in a terminal of this width: the widest are cut first. A table that is still too wide wraps. */
function fitted(widths: number[], names: string[], terminal: number): number[] {
  const fit = [...widths];
  const least = names.map((name) => (isCopied(name) ? Number.POSITIVE_INFINITY : Math.max(leastWidth, name.length)));
  for (;;) {
    const total = fit.reduce((sum, width) => sum + width + gap, -gap);
    const widest = Math.max(...fit.filter((width, i) => width > (least[i] ?? 0)));
    if (total <= terminal || widest < 0) return fit;
    const i = fit.findIndex((width, at) => width === widest && width > (least[at] ?? 0));
    fit[i] = widest - 1;
  }
}

/** Rows with aligned columns. */
function aligned(rows: string[][], names: string[] = [], terminal = Number.POSITIVE_INFINITY): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))));
  const fit = fitted(widths, names, terminal);
  const line = (row: string[]) =>
    row.map((cell, i) => padded(cut(cell, fit[i] ?? 0), fit[i] ?? 0)).join(' '.repeat(gap));
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** The fields of a record, each with its full name: those of `{ a: { b: 1 } }` are `a.b`. */
function fieldsOf(record: object, path = ''): [name: string, value: unknown][] {
  return Object.entries(record).flatMap(([name, value]): [string, unknown][] => {
    const full = `${path}${name}`;
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isNested && Object.keys(value).length > 0 ? fieldsOf(value, `${full}.`) : [[full, value]];
  });
}

/** Prints a record as one line of JSON, or as one line per field. */
export function printRecord(record: object, { json }: { json?: true | undefined }): void {
  if (json) printJson(record);
  else process.stdout.write(aligned(fieldsOf(record).map(([name, value]) => [oneLine(name), shown(name, value)])));
}

/**
 * Prints a list as one line of JSON, or as a table. In a terminal, the table is as wide as the terminal at most; in a file it
 * has every value in full.
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
  else {
    const rows = items.map((item) => columns.map((name) => shown(name, item[name])));
    const { isTTY, columns: terminal } = process.stdout;
    process.stdout.write(aligned([columns, ...rows], columns, isTTY ? terminal : undefined));
  }
}

/** Prints one line of cells. A column is as wide as given, or as its cell if that is wider. */
export const printCells = (cells: string[], widths: number[]): boolean =>
  process.stdout.write(
    `${cells
      .map((cell, i) => padded(oneLine(cell), widths[i] ?? 0))
      .join('  ')
      .trimEnd()}\n`,
  );
