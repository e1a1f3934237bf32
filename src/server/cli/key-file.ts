/** Files of keys to import: JSON lines, or CSV with a header. */
import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { pipeline } from 'node:stream';
import { parse as parseCsv } from 'csv-parse';
import type { KeyToImport } from '../../../generated/client/types.gen.ts';
import { CommandFailure } from './failure.ts';
import { readTime } from './key-options.ts';
import { readRateLimit } from './policy-options.ts';

/** A line of the file: a key, or what is wrong with the line. The server checks the key itself. */
export interface KeyLine {
  line: number;
  key?: KeyToImport;
  wrong?: string;
}

const list = (text: string): string[] => text.split('|').map((item) => item.trim());

/** @throws Error */
function readBoolean(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error('must be true or false');
}

/** How the text of each column is read. An empty cell is a missing field. */
const columns: { [Field in keyof KeyToImport]-?: (text: string) => KeyToImport[Field] } = {
  hash: String,
  start: String,
  externalId: String,
  name: String,
  enabled: readBoolean,
  managed: readBoolean,
  expires: (text) => (/^\d+$/.test(text) ? Number(text) : readTime(text)),
  meta: JSON.parse,
  ratelimit: readRateLimit,
  scopes: list,
  ipRanges: list,
};

/** The columns of a CSV file, for the help. */
export const columnNames = Object.keys(columns);

/** A key of the cells of a row. @throws Error, which names the column */
function keyOf(row: Record<string, string>): KeyToImport {
  const fields = Object.entries(row).flatMap(([name, text]) => {
    if (text === '') return [];
    try {
      return [[name, columns[name as keyof KeyToImport](text)]];
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  });
  return Object.fromEntries(fields);
}

async function* readCsv(file: FileHandle): AsyncGenerator<KeyLine> {
  const header = (names: string[]) => {
    const unknown = names.find((name) => !Object.hasOwn(columns, name));
    if (unknown === undefined) return names;
    throw new CommandFailure('invalid_file', `There is no column "${unknown}". Use ${columnNames.join(', ')}.`, 2);
  };
  const rows = parseCsv({ columns: header, bom: true, info: true, skip_empty_lines: true, trim: true });
  // The loop below throws what either of them fails with.
  pipeline(file.createReadStream(), rows, () => {});
  for await (const { record, info } of rows) {
    try {
      yield { line: info.lines, key: keyOf(record) };
    } catch (error) {
      yield { line: info.lines, wrong: (error as Error).message };
    }
  }
}

async function* readJsonLines(file: FileHandle): AsyncGenerator<KeyLine> {
  let line = 0;
  for await (const text of file.readLines()) {
    line++;
    if (text.trim() === '') continue;
    try {
      yield { line, key: JSON.parse(text) };
    } catch {
      yield { line, wrong: 'is not JSON' };
    }
  }
}

/**
 * The keys of a file, line by line. A file whose name ends with `.csv` is CSV; any other has a JSON object on each line.
 *
 * @throws CommandFailure invalid_file
 */
export async function* readKeyFile(name: string): AsyncGenerator<KeyLine> {
  let file: FileHandle | undefined;
  try {
    file = await open(name);
    if ((await file.stat()).isDirectory()) throw new Error('is a directory');
    yield* extname(name).toLowerCase() === '.csv' ? readCsv(file) : readJsonLines(file);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      'invalid_file',
      code === 'ENOENT' ? `There is no file ${name}.` : `${name}: ${message}`,
      2,
    );
  } finally {
    await file?.close();
  }
}
