/** The mutator of Lua scripts makes each kind of change, and only changes that Lua can parse. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import luaparse from 'luaparse';
import { mutateLua } from '../../scripts/code-mutants/lua-mutator.ts';

const root = join(import.meta.dirname, '../..');
/** What a mutator makes of a script. */
const textsOf = (mutator: string, source: string) =>
  mutateLua(source).flatMap((mutant) => (mutant.mutator === mutator ? [mutant.text] : []));

describe('the mutator', () => {
  test.each([
    ['comparison', 'return a < b', ['return (a) <= (b)', 'return (a) >= (b)']],
    ['comparison', 'return a == b', ['return (a) ~= (b)']],
    ['calculation', 'return a + b', ['return (a) - (b)']],
    ['condition', 'return a and b', ['return (a) or (b)']],
    ['negation', 'return not a', ['return a']],
    ['number', 'return 1', ['return 2']],
    ['removed check', "if a then return {'x'} end return a", [' return a']],
    ['removed command', "redis.call('DEL', aKey)", ['']],
    ['removed command', "redis.call('EXPIRE', aKey, ttl)", ['']],
    ['removed call', 'audit()', ['']],
    ['removed expiry', "return redis.call('SET', aKey, v, 'EX', ttl)", ["return redis.call('SET', aKey, v)"]],
    [
      'other key',
      "return redis.call('GET', aKey), redis.call('GET', bKey)",
      [
        "return redis.call('GET', bKey), redis.call('GET', bKey)",
        "return redis.call('GET', aKey), redis.call('GET', aKey)",
      ],
    ],
  ])('makes a %s of %s', (mutator, source, texts) => {
    expect(textsOf(mutator, source)).toEqual(texts);
  });

  test('keeps the order of calculations, whatever stood in brackets', () => {
    expect(textsOf('condition', 'return a and (b or c)')).toEqual([
      'return (a) or (b or c)',
      'return a and ((b) and (c))',
    ]);
  });

  test('says where the change is', () => {
    expect(mutateLua('local a = b\nreturn a < b')).toContainEqual({
      mutator: 'comparison',
      line: 2,
      original: 'a < b',
      replacement: '(a) <= (b)',
      text: 'local a = b\nreturn (a) <= (b)',
      statement: 12,
    });
  });

  test('says in which statement it is: the innermost one', () => {
    const source = 'if a then\n  b = 1\nelseif c < d then\n  b = 2\nend';
    const placed = mutateLua(source).map(({ original, statement }) => [original, source.slice(statement).slice(0, 5)]);
    expect(placed).toEqual([
      ['1', 'b = 1'],
      ['c < d', 'if a '],
      ['c < d', 'if a '],
      ['2', 'b = 2'],
    ]);
  });
});

test('every mutant of every script of ours is Lua, and differs from the original', () => {
  const files = globSync('src/server/store/scripts/**/*.lua', { cwd: root });
  const mutants = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    return mutateLua(source).map(({ text }) => ({ text, isChanged: text !== source }));
  });
  expect(mutants.length).toBeGreaterThan(400);
  for (const { text, isChanged } of mutants) {
    expect(isChanged).toBe(true);
    expect(() => luaparse.parse(text, { luaVersion: '5.1' })).not.toThrow();
  }
});
