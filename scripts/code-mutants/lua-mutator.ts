/** Mutants of a Lua script: each is the whole text with one change that a test must notice. */
import type luaparse from 'luaparse';
import { nodesOf, parseLua, type Ranged, statementsOf } from './lua-syntax.ts';

/** A change of a Lua script. */
export interface LuaMutant {
  mutator: string;
  /** Line of the change, from 1. */
  line: number;
  /** The text before the change, and after it. */
  original: string;
  replacement: string;
  /** The whole script after the change. */
  text: string;
  /** Where the statement begins in which it is. */
  statement: number;
}

type Replace = (mutator: string, node: Ranged, replacement: string) => void;

const comparisons: Record<string, string[]> = {
  '==': ['~='],
  '~=': ['=='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
};
const calculations: Record<string, string> = { '+': '-', '-': '+', '*': '/', '/': '*' };
const conditions: Record<string, string> = { and: 'or', or: 'and' };

/** The name of the Redis command of `redis.call('NAME', …)`, or of a function of ours. */
function calledBy(node: luaparse.Node): { command?: string; name?: string; args: luaparse.Expression[] } | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const [first] = node.arguments;
  if (
    node.base.type === 'MemberExpression' &&
    node.base.identifier.name === 'call' &&
    first?.type === 'StringLiteral'
  ) {
    return { command: first.raw.slice(1, -1), args: node.arguments.slice(1) };
  }
  return { ...(node.base.type === 'Identifier' && { name: node.base.name }), args: node.arguments };
}

/** The names of keys that a script gets or a function takes. */
const keyNames = (nodes: Ranged[]) => [
  ...new Set(nodes.flatMap((node) => (node.type === 'Identifier' && /Key$/.test(node.name) ? [node.name] : []))),
];

function mutateNode(node: Ranged, keys: string[], source: string, replace: Replace): void {
  const textOf = (part: luaparse.Node) => source.slice(...(part as Ranged).range);
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const { left, operator, right } = node;
      const swap = (mutator: string, other: string) =>
        replace(mutator, node, `(${textOf(left)}) ${other} (${textOf(right)})`);
      for (const other of comparisons[operator] ?? []) swap('comparison', other);
      const calculation = calculations[operator];
      if (calculation !== undefined) swap('calculation', calculation);
      const condition = conditions[operator];
      if (condition !== undefined) swap('condition', condition);
      return;
    }
    case 'UnaryExpression':
      if (node.operator === 'not') replace('negation', node, textOf(node.argument));
      return;
    case 'NumericLiteral':
      replace('number', node, String(node.value + 1));
      return;
    case 'IfStatement': {
      const [clause] = node.clauses;
      const isCheck = node.clauses.length === 1 && clause?.body.every(({ type }) => type === 'ReturnStatement');
      if (isCheck) replace('removed check', node, '');
      return;
    }
    case 'CallStatement': {
      const called = calledBy(node.expression);
      if (called?.command !== undefined) replace('removed command', node, '');
      else if (called?.name !== undefined) replace('removed call', node, '');
      return;
    }
    case 'CallExpression': {
      const { command, args } = calledBy(node) ?? { args: [] };
      if (command === undefined) return;
      for (const [i, arg] of args.entries()) {
        const next = args[i + 1];
        if (arg.type === 'StringLiteral' && /^'(EX|PX)'$/.test(arg.raw) && next !== undefined) {
          const before = args[i - 1] ?? node.base;
          const [from, to] = [(before as Ranged).range[1], (next as Ranged).range[1]];
          replace('removed expiry', { ...node, range: [from, to] } as Ranged, '');
        }
      }
      const [key] = args;
      if (key?.type === 'Identifier' && keys.length > 1 && keys.includes(key.name)) {
        const other = keys[(keys.indexOf(key.name) + 1) % keys.length] ?? key.name;
        replace('other key', key as Ranged, other);
      }
    }
  }
}

/**
 * All mutants of a script.
 *
 * @throws SyntaxError if it is not Lua 5.1
 */
export function mutateLua(source: string): LuaMutant[] {
  const mutants: LuaMutant[] = [];
  const ast = parseLua(source);
  const statements = statementsOf(ast);
  const replace: Replace = (mutator, { range: [from, to] }, replacement) => {
    mutants.push({
      mutator,
      line: source.slice(0, from).split('\n').length,
      original: source.slice(from, to),
      replacement,
      text: source.slice(0, from) + replacement + source.slice(to),
      // A statement comes before those in it.
      statement: statements.findLast(({ range }) => range[0] <= from && to <= range[1])?.range[0] ?? 0,
    });
  };
  const nodes = [...nodesOf(ast)];
  const keys = keyNames(nodes);
  for (const node of nodes) mutateNode(node, keys, source, replace);
  return mutants;
}
