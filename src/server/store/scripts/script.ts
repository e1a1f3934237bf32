/**
 * Lua scripts with names. Each script is a `.lua` file beside this one and a declaration of what it takes and returns. The
 * generated head of the script gives the declared names to Lua: the key `session` is `sessionKey` there, and the argument
 * `slug` is `slug`. So callers pass objects, nobody counts `KEYS` and `ARGV`, and the reply is one of the declared outcomes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandParser, defineScript, type RedisArgument } from 'redis';

/** Reads one field of a reply. */
type Reader = (value: unknown) => unknown;

/** Reads all fields that are left. */
interface ListReader<Item> {
  each: (value: unknown) => Item;
}

/** The outcomes of a script by name, each with its fields in the order of the reply. */
type Outcomes = Record<string, Record<string, Reader | ListReader<unknown>>>;

type FieldOf<R> = R extends ListReader<infer Item> ? Item[] : R extends (value: unknown) => infer Value ? Value : never;

/** The reply of a script with these outcomes, as a discriminated union. */
export type ReplyOf<O> = O extends Outcomes
  ? {
      [Name in keyof O & string]: { outcome: Name } & { [Field in keyof O[Name]]: FieldOf<O[Name][Field]> };
    }[keyof O & string]
  : never;

export const text: (value: unknown) => string = String;
export const number: (value: unknown) => number = Number;
/** All fields that are left, as one list. */
export const list = <Item>(each: (value: unknown) => Item): ListReader<Item> => ({ each });

/** A constant as Lua writes it. One that a command takes is a text, also if it is a number: snippets/clock.lua says why. */
type Constant = string | number | readonly Constant[];

/** Lua that several scripts share, with the keys, arguments and outcomes that it adds to each of them. */
export interface Snippet<Key extends string = string, Arg extends string = string, O extends Outcomes = Outcomes> {
  /** The Lua of the snippets that it calls, and then its own. */
  lua: readonly string[];
  keys: readonly Key[];
  args: readonly Arg[];
  outcomes: O;
}

const read = (name: string) => readFileSync(join(import.meta.dirname, `${name}.lua`), 'utf8');

const luaOf = (value: Constant): string => {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'number' ? String(value) : `{${value.map(luaOf).join(', ')}}`;
};

/** Constants as local variables of Lua. */
const constantsOf = (constants: Record<string, Constant>): string =>
  Object.entries(constants)
    .map(([name, value]) => `local ${name} = ${luaOf(value)}\n`)
    .join('');

/** The snippet of `snippets/<name>.lua`. `constants` become local variables of Lua, in front of it. */
export function snippet<
  const Uses extends readonly Snippet[] = [],
  const Key extends string = never,
  const Arg extends string = never,
  const O extends Outcomes = Record<never, never>,
>(
  name: string,
  {
    keys = [],
    args = [],
    constants = {},
    outcomes = {} as O,
    ...more
  }: {
    keys?: readonly Key[];
    args?: readonly Arg[];
    constants?: Record<string, Constant>;
    /** What it calls. */
    uses?: Uses;
    outcomes?: O;
  } = {},
): Snippet<Key | Uses[number]['keys'][number], Arg | Uses[number]['args'][number], O | Uses[number]['outcomes']> {
  const uses: readonly Snippet[] = more.uses ?? [];
  return {
    lua: [...uses.flatMap(({ lua }) => lua), `${constantsOf(constants)}${read(`snippets/${name}`)}`],
    keys: [...uses.flatMap((used) => used.keys), ...keys],
    args: [...uses.flatMap((used) => used.args), ...args],
    outcomes: Object.assign({}, ...uses.map((used) => used.outcomes), outcomes),
  };
}

/** An object with these names, or nothing where there are none. */
type Named<Field extends string, Name extends string, Value> = [Name] extends [never]
  ? unknown
  : Record<Field, Record<Name, Value>>;

/** What the caller of a script passes. Arguments are sent as text; `Rest` is the one that takes any number of
 * them, also as bytes. */
export type ScriptInput<Key extends string, Arg extends string, Rest extends string> = Named<'keys', Key, string> &
  ([Rest] extends [never]
    ? Named<'args', Arg, string | number>
    : { args: Record<Arg, string | number> & Record<Rest, readonly RedisArgument[]> });

/** The input of any script, as the generated code reads it. */
interface AnyInput {
  keys?: Record<string, string>;
  args?: Record<string, string | number | readonly RedisArgument[]>;
}

/**
 * What a script writes, if it makes no change: nothing, or only counts. Counts are what a failover may lose: calls, verifications, and
 * what is done again anyway. Other scripts make changes; redis/replication.ts says what that means.
 */
type Writes = 'nothing' | 'counts';

/** Redis refuses each write of a script with this first line. https://redis.io/docs/latest/develop/interact/programmability/lua-api/ */
const noWrites = '#!lua flags=no-writes\n';

/** The head of a script: local variables of Lua for everything that its caller passes. */
function headOf(keys: readonly string[], args: readonly string[], rest: string | undefined): string {
  const lines = [
    ...keys.map((name, i) => `local ${name}Key = KEYS[${i + 1}]`),
    ...args.map((name, i) => `local ${name} = ARGV[${i + 1}]`),
    ...(rest === undefined ? [] : [`local ${rest} = {unpack(ARGV, ${args.length + 1})}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Reads replies by the declared outcomes. Throws on any other. */
function replyReader(name: string, outcomes: Outcomes): (reply: unknown[]) => unknown {
  const fieldsOf = new Map(Object.entries(outcomes).map(([outcome, fields]) => [outcome, Object.entries(fields)]));
  return ([outcome, ...values]) => {
    const fields = fieldsOf.get(String(outcome));
    if (fields === undefined) throw new Error(`The script ${name} replied with an undeclared outcome`);
    const reply: Record<string, unknown> = { outcome };
    for (const [i, [field, reader]] of fields.entries()) {
      reply[field] = typeof reader === 'function' ? reader(values[i]) : values.slice(i).map(reader.each);
    }
    return reply;
  };
}

/**
 * The script of `<name>.lua`, for node-redis.
 *
 * @param declaration what it shares with others (`uses`), and the names of its keys, of its arguments in any order, of the
 *   argument that takes any number of values (`rest`), and its outcomes
 */
export function script<
  const Uses extends readonly Snippet[] = [],
  const Key extends string = never,
  const Arg extends string = never,
  const Rest extends string = never,
  const O extends Outcomes = Record<never, never>,
>(
  name: string,
  declaration: {
    uses?: Uses;
    keys?: readonly Key[];
    args?: readonly Arg[];
    rest?: Rest;
    /** Local variables of Lua in front of it. */
    constants?: Record<string, Constant>;
    /** By default changes. */
    writes?: Writes;
    outcomes: O;
  },
) {
  type Used = Uses[number];
  type Input = ScriptInput<Key | Used['keys'][number], Arg | Used['args'][number], Rest>;
  type Reply = ReplyOf<O> | ReplyOf<Used['outcomes']>;

  const uses: readonly Snippet[] = declaration.uses ?? [];
  // Several parts of a script may need the same key, the same argument or the same snippet.
  const keys = [...new Set<string>([...uses.flatMap((used) => used.keys), ...(declaration.keys ?? [])])];
  const args = [...new Set<string>([...uses.flatMap((used) => used.args), ...(declaration.args ?? [])])];
  const shared = new Set(uses.flatMap(({ lua }) => lua));
  const { rest, writes } = declaration;
  const outcomes: Outcomes = Object.assign({}, ...uses.map((used) => used.outcomes), declaration.outcomes);
  return {
    ...defineScript({
      NUMBER_OF_KEYS: keys.length,
      SCRIPT: [
        writes === 'nothing' ? noWrites : '',
        headOf(keys, args, rest),
        ...shared,
        constantsOf(declaration.constants ?? {}),
        read(name),
      ].join(''),
      parseCommand(parser: CommandParser, input: Input): void {
        const { keys: keyOf = {}, args: values = {} } = input as AnyInput;
        for (const key of keys) parser.pushKey(String(keyOf[key]));
        for (const arg of args) parser.push(String(values[arg]));
        if (rest !== undefined) parser.push(...(values[rest] as readonly RedisArgument[]));
      },
      transformReply: replyReader(name, outcomes) as (reply: unknown[]) => Reply,
    }),
    writes,
    /** The names that Lua gets, and the outcomes that it may return: a test checks that it uses exactly these. */
    names: [...keys.map((key) => `${key}Key`), ...args, ...(rest === undefined ? [] : [rest])],
    outcomes: Object.keys(outcomes),
  };
}
