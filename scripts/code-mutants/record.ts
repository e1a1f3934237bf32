/** What a run has found out so far, in files: a run that is cut has its numbers, and another one can go on where it was cut. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from './protocol.ts';
import type { Outcome } from './report.ts';

const directory = join(import.meta.dirname, '../../.portico/code-mutants-record');
const pathOf = (name: string) => join(directory, name);

/** The report, as text. */
export const reportPath = pathOf('report.txt');

/** What is stored of one mutant. */
export interface Result {
  status: Outcome['status'];
  /** The file and the test that noticed it. */
  killer?: { file: string; test?: string | undefined } | undefined;
}

function read<Value>(name: string, hash: string, none: Value): Value {
  try {
    const stored = JSON.parse(readFileSync(pathOf(name), 'utf8'));
    return stored.hash === hash ? stored.value : none;
  } catch {
    return none;
  }
}

function write(name: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(pathOf(name), text);
}

/** What runs of the same code and tests have measured. */
export const readMeasured = (hash: string): Measured[] => read('measured.json', hash, []);
export const writeMeasured = (hash: string, value: Measured[]): void =>
  write('measured.json', JSON.stringify({ hash, value }));

/** The results of runs of the same code and tests, by the ids of mutants. */
export const readResults = (hash: string): Record<string, Result> => read('results.json', hash, {});
export const writeResults = (hash: string, value: Record<string, Result>): void =>
  write('results.json', JSON.stringify({ hash, value }));

export const writeReport = (lines: string[]): void => write('report.txt', `${lines.join('\n')}\n`);
