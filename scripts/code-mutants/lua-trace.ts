/**
 * Lets a script of the store write into the log of Redis which of its statements it reaches. What a script contains says little about
 * what a test reaches in it.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { redisLogsVariable } from '../../tests/support/redis.ts';
import { parseLua, statementsOf } from './lua-syntax.ts';
import type { LuaChange } from './protocol.ts';

/** The name of a statement, in coverage. */
export const statementId = (file: string, start: number): string => `${file}@${start}`;

/** A variable of each traced script: what it has reached. */
const reached = 'reachedStatements';

/** The file of a script, and the same with a line in the log for each statement that is reached, once in each call. */
export function traceLua(file: string, source: string): LuaChange {
  let text = '';
  let end = 0;
  for (const start of new Set(statementsOf(parseLua(source)).map(({ range }) => range[0]))) {
    const id = statementId(file, start);
    const note = `${reached}['${id}'] = true redis.log(redis.LOG_WARNING, 'reached ${id}')`;
    text += `${source.slice(end, start)}if not ${reached}['${id}'] then ${note} end `;
    end = start;
  }
  return { source, text: text + source.slice(end) };
}

/** A script whose files are traced. */
export function traceScript(script: string, files: LuaChange[]): string {
  const [, flags = '', code = ''] = /^(#![^\n]*\n)?(.*)$/s.exec(script) ?? [];
  const traced = files.reduce((all, { source, text }) => all.replace(source, () => text), code);
  return `${flags}local ${reached} = {}\n${traced}`;
}

/** Reads what was reached from the logs of every Redis that this process and its children start. */
export class ReachedStatements {
  readonly #directory: string;
  readonly #read = new Map<string, number>();

  /** @param directory for the logs of this process */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    process.env[redisLogsVariable] = directory;
  }

  /** The statements that were reached since the last call. */
  take(): string[] {
    const found = new Set<string>();
    for (const name of readdirSync(this.#directory)) {
      for (const [, id = ''] of this.#freshOf(name).matchAll(/ reached (\S+)$/gm)) found.add(id);
    }
    return [...found];
  }

  /** What was written to a log since the last call. The whole of one can have many megabytes. */
  #freshOf(name: string): string {
    const file = openSync(join(this.#directory, name), 'r');
    try {
      const from = this.#read.get(name) ?? 0;
      const fresh = Buffer.alloc(fstatSync(file).size - from);
      this.#read.set(name, from + readSync(file, fresh, 0, fresh.length, from));
      return fresh.toString('latin1');
    } finally {
      closeSync(file);
    }
  }
}
