/** A copy of the project whose code has all mutants, each with a switch that is off. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { scripts } from '../../src/server/store/scripts.ts';
import { switchInside } from './arrows.ts';
import { mutateLua } from './lua-mutator.ts';
import { statementId } from './lua-trace.ts';
import { changedScripts, madeName } from './made-scripts.ts';
import type { LuaChange } from './protocol.ts';
import { repeatedIn } from './repeated.ts';

/** One change of the code. */
export interface Mutant {
  id: string;
  /** From the root of the project. */
  file: string;
  /** The first line of the original, from 1, and the last one. */
  line: number;
  endLine: number;
  mutator: string;
  original: string;
  replacement: string;
  /** Only for Lua: the change, and the id of the statement in which it is. */
  lua?: LuaChange;
  statement?: string;
  /** The scripts that it changes, for a mutant of their declarations. */
  declares?: string[] | undefined;
  /** No server starts with it. */
  isFatal?: boolean;
}

const root = join(import.meta.dirname, '../..');
const directory = join(root, '.portico/code-mutants');
const copied = ['clients', 'contract-tests', 'dist', 'docs', 'generated', 'scripts', 'spec', 'src', 'tests'];
const copiedFiles = ['jest.config.js', 'openapi.yaml', 'package.json', 'README.md', 'CHANGELOG.md'];

/** The modules that declare the scripts of the store. */
const declarations = 'src/server/store/scripts/';

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

/** Turns lines and columns from 0 into offsets in a text. */
function offsetsIn(source: string): (position: Position) => number {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return ({ line, column }) => (starts[line] ?? 0) + column;
}

async function instrument(files: string[]): Promise<Mutant[]> {
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const { files: changed, mutants } = await new Instrumenter(logger).instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    { ignorers: [], excludedMutations: [excluded], plugins: null },
  );
  for (const { name, content } of changed) writeFileSync(join(directory, name), switchInside(content));
  const byFile = Map.groupBy(
    mutants.filter(({ status }) => status !== 'Ignored'),
    ({ fileName }) => fileName,
  );
  return [...byFile].flatMap(([file, found]) => {
    const source = sources.get(file) ?? '';
    const offsetOf = offsetsIn(source);
    const placed = found.map(({ id, location: { start, end }, mutatorName: mutator, replacement }) => ({
      ...{ id, file, line: start.line + 1, endLine: end.line + 1, mutator, replacement },
      ...{ from: offsetOf(start), to: offsetOf(end) },
    }));
    const repeated = repeatedIn(placed, source);
    return placed
      .filter(({ id }) => !repeated.has(id))
      .map(({ from, to, ...mutant }) => ({ ...mutant, original: source.slice(from, to) }));
  });
}

/** The mutants of a Lua file. */
function mutantsOfLua(file: string): Mutant[] {
  const source = readFileSync(join(root, file), 'utf8');
  return mutateLua(source).map(({ text, statement, ...mutant }, i) => {
    const endLine = mutant.line + mutant.original.split('\n').length - 1;
    const place = { statement: statementId(file, statement), endLine };
    return { id: `${file}#${i}`, file, ...place, ...mutant, lua: { source, text } };
  });
}

/** The scripts that a mutant changes. One of Lua changes those that contain its file, which may be a snippet. */
export const scriptsOf = ({ lua, declares = [] }: Mutant): string[] =>
  lua === undefined
    ? declares
    : Object.entries(scripts).flatMap(([name, { SCRIPT }]) => (SCRIPT.includes(lua.source) ? [name] : []));

/** The copy of the project. */
interface Copy {
  directory: string;
  mutants: Mutant[];
  /** The text of each file before it was mutated. */
  sources: Map<string, string>;
  /** The same for two copies whose code, tests and mutants are the same. */
  hash: string;
}

/** The hash of all files that decide what a test does. */
function hashOf(): string {
  const hash = createHash('sha256');
  const names = globSync(['{contract-tests,generated,scripts,spec,src,tests}/**/*.*', ...copiedFiles], {
    cwd: directory,
  });
  for (const name of names.toSorted()) {
    const path = join(directory, name);
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Makes the copy, with all mutants of these files. */
export async function copyWithMutants(files: string[]): Promise<Copy> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const name of [...copied, ...copiedFiles]) {
    cpSync(join(root, name), join(directory, name), {
      recursive: true,
      filter: (source) => !/node_modules|dist\/server|docs\/evidence/.test(source),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const instrumented = await instrument(files.filter((file) => file.endsWith('.ts')));
  const ids = instrumented.filter(({ file }) => file.startsWith(declarations)).map(({ id }) => id);
  const { changed, failing } = await changedScripts(directory, ids);
  const mutants = [
    ...instrumented.map((mutant) => ({
      ...mutant,
      declares: changed[mutant.id],
      isFatal: failing.includes(mutant.id),
    })),
    ...files.filter((file) => file.endsWith('.lua')).flatMap(mutantsOfLua),
  ];
  const mutated = [...new Set(mutants.flatMap(scriptsOf))];
  const footer = `
import { makeScripts } from './${madeName}';
(globalThis as any).__stryker__?.switchScripts(scripts, ${JSON.stringify(mutated)}, ${JSON.stringify(changed)}, makeScripts);
`;
  appendFileSync(join(directory, 'src/server/store/scripts.ts'), footer);
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  return { directory, mutants, sources, hash: hashOf() };
}
