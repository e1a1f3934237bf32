/** A copy of the project whose code has all mutants, each with a switch that is off. */
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { scripts } from '../../src/server/store/scripts.ts';
import { mutateLua } from './lua-mutator.ts';
import type { LuaChange } from './protocol.ts';

/** One change of the code. */
export interface Mutant {
  id: string;
  /** From the root of the project. */
  file: string;
  line: number;
  mutator: string;
  original: string;
  replacement: string;
  /** Only for Lua. */
  lua?: LuaChange;
}

const root = join(import.meta.dirname, '../..');
const directory = join(root, '.portico/code-mutants');
const copied = ['clients', 'contract-tests', 'dist', 'docs', 'generated', 'scripts', 'spec', 'src', 'tests'];
const copiedFiles = ['jest.config.js', 'openapi.yaml', 'package.json', 'README.md', 'CHANGELOG.md'];

/** Texts: the mutants of the contract prove those that callers see; the others are help, log and names. */
const excluded = 'StringLiteral';

const silent = () => {};
const logger = {
  ...{ isTraceEnabled: () => false, isDebugEnabled: () => false, isInfoEnabled: () => false },
  ...{ isWarnEnabled: () => false, isErrorEnabled: () => false, isFatalEnabled: () => false },
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
};

interface Position {
  line: number;
  column: number;
}

/** The text between two positions of Stryker: lines and columns from 0. */
function textBetween(source: string, start: Position, end: Position): string {
  const lines = source.split('\n').slice(start.line, end.line + 1);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column);
  lines[0] = (lines[0] ?? '').slice(start.column);
  return lines.join('\n');
}

async function instrument(files: string[]): Promise<Mutant[]> {
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const { files: changed, mutants } = await new Instrumenter(logger).instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    { ignorers: [], excludedMutations: [excluded], plugins: null },
  );
  for (const { name, content } of changed) writeFileSync(join(directory, name), content);
  return mutants
    .filter(({ status }) => status !== 'Ignored')
    .map(({ id, fileName: file, location: { start, end }, mutatorName: mutator, replacement }) => {
      const original = textBetween(sources.get(file) ?? '', start, end);
      return { id, file, line: start.line + 1, mutator, original, replacement };
    });
}

/** The mutants of a Lua file. */
function mutantsOfLua(file: string): Mutant[] {
  const source = readFileSync(join(root, file), 'utf8');
  return mutateLua(source).map(({ text, ...mutant }, i) => ({
    id: `${file}#${i}`,
    file,
    ...mutant,
    lua: { source, text },
  }));
}

/** The scripts that a mutant of Lua changes: they contain its file, which may be a snippet. */
export const scriptsOf = ({ lua }: Mutant): string[] =>
  lua === undefined
    ? []
    : Object.entries(scripts).flatMap(([name, { SCRIPT }]) => (SCRIPT.includes(lua.source) ? [name] : []));

/** Makes the copy, and returns its directory and all mutants of these files. */
export async function copyWithMutants(files: string[]): Promise<{ directory: string; mutants: Mutant[] }> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const name of [...copied, ...copiedFiles]) {
    cpSync(join(root, name), join(directory, name), {
      recursive: true,
      filter: (source) => !/node_modules|dist\/server|docs\/evidence/.test(source),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const mutants = [
    ...(await instrument(files.filter((file) => file.endsWith('.ts')))),
    ...files.filter((file) => file.endsWith('.lua')).flatMap(mutantsOfLua),
  ];
  const mutated = [...new Set(mutants.flatMap(scriptsOf))];
  const footer = `\n(globalThis as any).__stryker__?.switchScripts(scripts, ${JSON.stringify(mutated)});\n`;
  appendFileSync(join(directory, 'src/server/store/scripts.ts'), footer);
  return { directory, mutants };
}
