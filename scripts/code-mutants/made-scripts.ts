/**
 * Makes the scripts of the store once more while a mutant is active. Their declarations are read while modules are loaded, so a mutant
 * of one would need a load of its own. In the copy, all modules that declare scripts are bundled into one function that makes them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { MadeScript, MakeScripts } from './made-script.ts';
import { state } from './state.ts';

/** The module that has `makeScripts`, from the directory of the store in the copy. */
export const madeName = 'made-scripts.js';

/** Bundles the instrumented modules. */
async function bundle(directory: string): Promise<string> {
  const store = join(directory, 'src/server/store');
  const { outputFiles, metafile } = await build({
    entryPoints: [join(store, 'scripts.ts')],
    ...{ bundle: true, write: false, metafile: true, packages: 'external' },
    ...{ platform: 'node', format: 'iife', globalName: 'made' },
    define: { 'import.meta.dirname': JSON.stringify(join(store, 'scripts')) },
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  const names = [...new Set(imports)];
  const path = join(store, madeName);
  writeFileSync(
    path,
    `${names.map((name, i) => `import * as module${i} from '${name}';\n`).join('')}
    const modules = { ${names.map((name, i) => `'${name}': module${i}`).join(', ')} };
    export function makeScripts() {
      const require = (name) => modules[name];
      ${outputFiles[0]?.text}
      return made.scripts;
    }\n`,
  );
  return path;
}

/** All that a test can see of a script. */
function shown({ SCRIPT, NUMBER_OF_KEYS, names = [], outcomes = [], transformReply }: MadeScript): string {
  const values = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
  const replies = outcomes.map((outcome) => {
    try {
      return transformReply([outcome, ...values]);
    } catch {
      return 'an error';
    }
  });
  return JSON.stringify([SCRIPT, NUMBER_OF_KEYS, names, outcomes, replies]);
}

/**
 * The scripts that differ while each of some mutants is active, by its id. Mutants that change none are missing, and those that
 * cannot even be made are `failing`: no server starts with them.
 */
export async function changedScripts(
  directory: string,
  ids: string[],
): Promise<{ changed: Record<string, string[]>; failing: string[] }> {
  const { makeScripts } = (await import(pathToFileURL(await bundle(directory)).href)) as { makeScripts: MakeScripts };
  const { instrumented } = state();
  const original = new Map(Object.entries(makeScripts()).map(([name, script]) => [name, shown(script)]));
  const changed: Record<string, string[]> = {};
  const failing: string[] = [];
  for (const id of ids) {
    instrumented.activeMutant = id;
    try {
      const made = makeScripts();
      const names = [...original].flatMap(([name, before]) => {
        const script = made[name];
        return script === undefined || shown(script) !== before ? [name] : [];
      });
      if (names.length > 0) changed[id] = names;
    } catch {
      failing.push(id);
    }
  }
  instrumented.activeMutant = undefined;
  return { changed, failing };
}
