/** The syntax tree of a Lua script. */
import luaparse from 'luaparse';

/** A node with the offsets in the source at which it begins and ends. */
export type Ranged = luaparse.Node & { range: [number, number] };

/** @throws SyntaxError if it is not Lua 5.1 */
export const parseLua = (source: string): luaparse.Chunk =>
  luaparse.parse(source, { luaVersion: '5.1', ranges: true, comments: false });

/** Every node below a node, itself included. */
export function* nodesOf(node: unknown): Generator<Ranged> {
  if (Array.isArray(node)) {
    for (const child of node) yield* nodesOf(child);
  } else if (typeof node === 'object' && node !== null && 'type' in node) {
    yield node as Ranged;
    for (const [field, child] of Object.entries(node)) if (field !== 'comments') yield* nodesOf(child);
  }
}

/** All statements in the order in which they begin. */
export const statementsOf = (ast: luaparse.Chunk): Ranged[] =>
  [...nodesOf(ast)]
    .flatMap((node) => ('body' in node ? (node.body as Ranged[]) : []))
    .toSorted((a, b) => a.range[0] - b.range[0] || b.range[1] - a.range[1]);
