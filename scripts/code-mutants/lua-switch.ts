/** Makes the scripts of the store follow the active mutant, and note which test runs them. */
import { createHash } from 'node:crypto';
import type { LuaChange } from './protocol.ts';

/** The parts of the object of instrumented code that matter here. */
interface Active {
  currentTestId?: string | undefined;
  mutantCoverage: { perTest: Record<string, Record<string, number>> };
  lua?: LuaChange | undefined;
}

/** What node-redis has of a script. */
interface Script {
  SCRIPT: string;
  parseCommand(parser: { redisArgs: unknown[] }, input: object): void;
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

/** The copy of the project calls it in each VM with the scripts of the store, and the names of those that have mutants. */
export function switchScripts(this: Active, scripts: Record<string, Script>, names: string[]): void {
  for (const name of names) {
    const script = scripts[name];
    if (script === undefined) continue;
    const { SCRIPT, parseCommand } = script;
    const text = () => (this.lua === undefined ? SCRIPT : SCRIPT.replace(this.lua.source, () => this.lua?.text ?? ''));
    Object.defineProperty(script, 'SCRIPT', { enumerable: true, get: text });
    script.parseCommand = (parser, input) => {
      // The server starts before the first test.
      const hits = this.mutantCoverage.perTest[this.currentTestId ?? ''] ?? {};
      hits[`lua:${name}`] = (hits[`lua:${name}`] ?? 0) + 1;
      // The client has put EVALSHA and the hash of the original there.
      if (this.lua !== undefined && SCRIPT.includes(this.lua.source)) parser.redisArgs[1] = sha1(text());
      parseCommand(parser, input);
    };
  }
}
