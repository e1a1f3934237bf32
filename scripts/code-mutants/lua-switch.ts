/** Makes the scripts of the store follow the active mutant, and note which test runs them. */
import { createHash } from 'node:crypto';
import { traceScript } from './lua-trace.ts';
import type { MadeScript, MakeScripts } from './made-script.ts';
import type { LuaChange } from './protocol.ts';

/** The parts of the object of instrumented code that matter here. */
interface Active {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage: { perTest: Record<string, Record<string, number>> };
  lua?: LuaChange | undefined;
  traces?: LuaChange[] | undefined;
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

/**
 * The copy of the project calls it in each VM.
 *
 * @param scripts the scripts of the store
 * @param names those that mutants change
 * @param changed the scripts that a mutant of their declarations changes, by its id
 */
export function switchScripts(
  this: Active,
  scripts: Record<string, MadeScript>,
  names: string[],
  changed: Record<string, string[]>,
  makeScripts: MakeScripts,
): void {
  let made: { id?: string | undefined; scripts: Record<string, MadeScript> } = { scripts: {} };
  /** The script as the active mutant makes it, if it does. */
  const remade = (name: string): MadeScript | undefined => {
    const id = this.activeMutant;
    if (id === undefined || !changed[id]?.includes(name)) return undefined;
    if (made.id !== id) made = { id, scripts: makeScripts() };
    const script = made.scripts[name];
    if (script === undefined) throw new Error(`There is no script ${name}`);
    return script;
  };
  for (const name of names) {
    const script = scripts[name];
    if (script === undefined) continue;
    const { SCRIPT, parseCommand, transformReply } = script;
    let traced = '';
    const text = () => {
      const { lua, traces } = this;
      if (traces !== undefined) {
        traced ||= traceScript(SCRIPT, traces);
        return traced;
      }
      return remade(name)?.SCRIPT ?? (lua === undefined ? SCRIPT : SCRIPT.replace(lua.source, () => lua.text));
    };
    Object.defineProperty(script, 'SCRIPT', { enumerable: true, get: text });
    script.transformReply = (reply) => (remade(name)?.transformReply ?? transformReply)(reply);
    script.parseCommand = (parser, input) => {
      // The server starts before the first test.
      const hits = this.mutantCoverage.perTest[this.currentTestId ?? ''] ?? {};
      hits[`lua:${name}`] = (hits[`lua:${name}`] ?? 0) + 1;
      const other = remade(name);
      // The client has put EVALSHA, the hash of the original and the number of its keys there. A test that sends the text has not.
      const { redisArgs } = parser;
      const isMutated = other !== undefined || (this.lua !== undefined && SCRIPT.includes(this.lua.source));
      const isChanged = isMutated || this.traces !== undefined;
      if (isChanged && redisArgs !== undefined) redisArgs[1] = sha1(text());
      if (other !== undefined && redisArgs !== undefined) redisArgs[2] = String(other.NUMBER_OF_KEYS);
      (other?.parseCommand ?? parseCommand)(parser, input);
    };
  }
}
