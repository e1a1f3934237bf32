/** Runs functions that scripts of the store share (src/server/store/scripts/snippets), in a script that has them. */
import { scripts } from '../../src/server/store/scripts.ts';

/**
 * The text of a script that runs other code right behind a function of its own, and then ends. It is the text that the store would send
 * now, so a mutant of it is in the text, too.
 *
 * @param code Lua that uses the functions so far and returns
 * @throws Error if the script has no such function
 */
export function behindFunction(script: keyof typeof scripts, name: string, code: string): string {
  const text = scripts[script].SCRIPT;
  const [declared] = new RegExp(`local function ${name}\\(.*?^end\\n`, 'ms').exec(text) ?? [];
  if (declared === undefined) throw new Error(`The script ${script} has no function ${name}`);
  return text.replace(declared, () => `${declared}do\n${code}\nend\n`);
}
