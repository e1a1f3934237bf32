/** Moves the switches of arrow functions into the functions. */
import ts from 'typescript';

const isCallOf = (node: ts.Node, name: string): node is ts.CallExpression =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text.startsWith(name);

/** The arrow function that a switch has as its original, perhaps in a function that gives it its name. */
function arrowOf(node: ts.Expression): ts.ArrowFunction | undefined {
  if (ts.isArrowFunction(node)) return node;
  if (!ts.isCallExpression(node) || !ts.isParenthesizedExpression(node.expression)) return undefined;
  const naming = node.expression.expression;
  if (!ts.isArrowFunction(naming) || !ts.isBlock(naming.body)) return undefined;
  const [first] = naming.body.statements;
  const made = first && ts.isVariableStatement(first) ? first.declarationList.declarations[0]?.initializer : undefined;
  return made && ts.isArrowFunction(made) ? made : undefined;
}

/** The parts of `stryMutAct("1") ? () => undefined : (stryCov("1"), (a) => a.b)`. */
function partsOf(node: ts.Node) {
  if (!ts.isConditionalExpression(node) || !isCallOf(node.condition, 'stryMutAct')) return undefined;
  const { condition, whenTrue, whenFalse } = node;
  if (!ts.isArrowFunction(whenTrue) || !ts.isIdentifier(whenTrue.body) || whenTrue.body.text !== 'undefined')
    return undefined;
  if (!ts.isParenthesizedExpression(whenFalse) || !ts.isBinaryExpression(whenFalse.expression)) return undefined;
  const { left: cover, right } = whenFalse.expression;
  const arrow = arrowOf(right);
  return arrow && isCallOf(cover, 'stryCov') ? { condition, cover, arrow, body: arrow.body } : undefined;
}

/**
 * Stryker puts the switch of `(a) => a.b` around the function, so most of them are read only once: while a module is loaded. In the
 * result it is in the function and is read at each call, so that a test can switch the mutant on.
 *
 * @param text what the instrumenter has made of a file
 */
export function switchInside(text: string): string {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest);
  const edits: { from: number; to: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    const parts = partsOf(node);
    if (parts !== undefined) {
      const { condition, cover, arrow, body } = parts;
      const before = `${condition.getText(source)} ? undefined : (${cover.getText(source)}, (`;
      edits.push({ from: node.getStart(source), to: arrow.getStart(source), text: '' });
      edits.push({ from: body.getStart(source), to: body.getStart(source), text: before });
      edits.push({ from: body.end, to: body.end, text: '))' });
      edits.push({ from: arrow.end, to: node.end, text: '' });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  let result = '';
  let done = 0;
  for (const edit of edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    result += text.slice(done, edit.from) + edit.text;
    done = Math.max(done, edit.to);
  }
  return result + text.slice(done);
}
