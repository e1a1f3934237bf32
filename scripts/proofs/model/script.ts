/** The calls of a run as a script for a shell. */
import { operations } from '../../../generated/operations.ts';
import type { SentCall } from './calls.ts';
import type { Named } from './world.ts';

const head = `# Paste this into a shell. It needs curl, and a root key of an empty workspace.
URL=http://localhost:3000
ROOT_KEY=rk_...
LAST=$(mktemp)
call() { # operation, bearer, body, header
  curl -sS -X POST "$URL/v2/$1" -H "Authorization: Bearer $2" -H 'Content-Type: application/json' \${4:+-H "$4"} -d "$3" >"$LAST"
  echo "$1 $3"; cat "$LAST"; echo
}
field() { sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p" "$LAST"; }
handle() { sed -n "s/.*\\"handle\\":\\"\\([^\\"]*\\)\\"[^}]*\\"actor\\":{\\"id\\":\\"$1\\".*/\\1/p" "$LAST"; }`;

const bare = (name: string) => `"$${name}"`;

/** JSON in single quotes, with a variable for each value that came from a response, also inside a text. */
function quoted(body: object, names: Map<string, string>): string {
  const json = JSON.stringify(body).replaceAll("'", `'\\''`);
  const withVariables = [...names].reduce((text, [value, name]) => text.replaceAll(value, `'${bare(name)}'`), json);
  return `'${withVariables}'`;
}

/** A variable for a value of the response. */
function assignment(path: string, { name }: Named): string {
  const person = /^handle of (.*)$/.exec(path)?.[1];
  if (person !== undefined) return `${name}=$(handle ${person})`;
  return `${name}=$(field ${path.split('.').at(-1)})`;
}

function lines({ operation, bearer, body, idempotencyKey, binds }: SentCall, names: Map<string, string>): string[] {
  if (operations[operation].method === 'get') return [`curl -sS "$URL/v2/${operation}"; echo`];
  const header = idempotencyKey === undefined ? '' : ` 'Idempotency-Key: ${idempotencyKey}'`;
  return [
    `call ${operation} ${bearer === undefined ? "''" : bare(bearer.name)} ${quoted(body ?? {}, names)}${header}`,
    ...Object.entries(binds).map(([path, named]) => assignment(path, named)),
  ];
}

/**
 * The script of a run. Its last call is the one that diverges.
 *
 * @param message what the model expects, and what came
 */
export function scriptOf(sent: SentCall[], message: string): string {
  const usesReader = sent.some(({ bearer }) => bearer?.name === 'READER_KEY');
  const reader = usesReader ? ['READER_KEY=rk_... # the same workspace, and permissions to read only'] : [];
  const bound = sent.flatMap(({ binds }) => Object.values(binds));
  const names = new Map(bound.flatMap(({ name, value }) => (value === undefined ? [] : [[value, name] as const])));
  const comment = message.split('\n').map((line) => `# ${line}`.trimEnd());
  return [head, ...reader, ...sent.flatMap((call) => lines(call, names)), ...comment].join('\n');
}
