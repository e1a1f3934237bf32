/** What a test needs to run a script of the store, or a function that scripts share (src/server/store/scripts/snippets), by itself. */
import type { CommandParser } from 'redis';
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

/** What a script takes, by the names in its code without `Key`. */
export interface ScriptInput {
  keys: Record<string, string>;
  args: Record<string, string | number | readonly string[]>;
}

/**
 * The keys and arguments that the store would send to a script.
 *
 * @param prefix goes before each key, which is otherwise the name that the script has for it, or that `keys` gives it
 */
export function sentTo(script: keyof typeof scripts, prefix: string, { keys, args }: ScriptInput) {
  const { names, parseCommand } = scripts[script];
  const keyNames = names.filter((name) => name.endsWith('Key')).map((name) => name.slice(0, -'Key'.length));
  const sent = { keys: [] as string[], arguments: [] as string[] };
  const parser: Pick<CommandParser, 'pushKey' | 'push'> = {
    pushKey: (key) => void sent.keys.push(String(key)),
    push: (...values) => void sent.arguments.push(...values.map(String)),
  };
  const input = { keys: Object.fromEntries(keyNames.map((name) => [name, prefix + (keys[name] ?? name)])), args };
  (parseCommand as (parser: unknown, input: unknown) => void)(parser, input);
  return sent;
}
