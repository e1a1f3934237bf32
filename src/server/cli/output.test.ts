import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { oneLine, printCells, printError, printJson, printList, printRecord, printText, shown } from './output.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** What a function writes to a stream. */
function outputOf(act: () => unknown, stream: 'stdout' | 'stderr' = 'stdout'): string {
  let output = '';
  const write = jest.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    output += chunk;
    return true;
  });
  act();
  write.mockRestore();
  return output;
}

test.each([
  ['a color and a cleared line', '\u001b[31mred\u001b[2K', String.raw`\u001b[31mred\u001b[2K`],
  ['line breaks', 'a\nb\r\nc\u0085d\u2028e\u2029f', String.raw`a\u000ab\u000d\u000ac\u0085d\u2028e\u2029f`],
  ['a one-byte CSI', 'a\u009b2Jb', String.raw`a\u009b2Jb`],
  ['tab, backspace and delete', 'a\tb\bc\u007f', String.raw`a\u0009b\u0008c\u007f`],
  ['a bidirectional override', 'a\u202egnp.exe', String.raw`a\u202egnp.exe`],
  ['an isolate, a mark and a zero-width space', '\u2066a\u200eb\u200bc', String.raw`\u2066a\u200eb\u200bc`],
  ['a tag character', 'a\u{e0041}', String.raw`a\u{e0041}`],
  ['half of a surrogate pair', 'a\ud83d', String.raw`a\ud83d`],
])('%s cannot be printed', (_, text, printed) => {
  expect(oneLine(text)).toBe(printed);
});

test.each(['Zoë', 'मानक हिन्दी', 'می‌خواهم', '👩‍💻 ✅', '日本', 'a b'])('%s is printed as it is', (text) => {
  expect(oneLine(text)).toBe(text);
});

test('only the line breaks of our own texts are printed', () => {
  expect(outputOf(() => printText('a\n\u001b[31mb\n'))).toBe('a\n\\u001b[31mb\n');
  expect(outputOf(() => printError('a\nb\u009b\n'), 'stderr')).toBe('a\nb\\u009b\n');
});

test('JSON is one line that a terminal can show, and means the same', () => {
  const value = { name: 'a\u001b\n\u009b\u202e\u2028\u{e0041}👩‍💻' };
  const output = outputOf(() => printJson(value));
  expect(output).toBe(`{"name":"a${String.raw`\u001b\n\u009b\u202e\u2028\udb40\udc41`}👩‍💻"}\n`);
  expect(JSON.parse(output)).toEqual(value);
});

const at = Date.UTC(2026, 10, 26, 7, 8, 9);

test('a value for people', () => {
  // The time zone is that of the machine.
  expect(shown('createdAt', at)).toMatch(/^2026-11-2\d \d\d:\d\d:09 \S+$/);
  expect(shown('time', at)).toBe(shown('expiresAt', at));
  expect(shown('version', at)).toBe(String(at));
  expect(shown('permissions', ['a.b.c', 'd\n'])).toBe('a.b.c, d\\u000a');
  expect(shown('branding', { primaryColor: '#2563eb' })).toBe('{"primaryColor":"#2563eb"}');
  expect([shown('name', undefined), shown('enabled', false), shown('count', 0)]).toEqual(['', 'false', '0']);
});

test('a record has a line per field, whose values are aligned', () => {
  expect(outputOf(() => printRecord({ name: 'Acme', allowedReturnOrigins: ['a', 'b'], enabled: true }, {}))).toBe(
    'name                  Acme\nallowedReturnOrigins  a, b\nenabled               true\n',
  );
  expect(outputOf(() => printRecord({ name: 'a\nb' }, { json: true }))).toBe('{"name":"a\\nb"}\n');
});

test('the fields of a nested record have their full names', () => {
  const record = {
    name: 'A',
    policy: { perKey: { ratelimit: { limit: 5, duration: 60_000 } }, scopes: ['a', 'b'] },
    meta: {},
  };
  expect(outputOf(() => printRecord({ ...record, 'a\u001b': { 'b\n': 1 } }, {}))).toBe(
    [
      'name                              A',
      'policy.perKey.ratelimit.limit     5',
      'policy.perKey.ratelimit.duration  1m',
      'policy.scopes                     a, b',
      'meta                              {}',
      String.raw`a\u001b.b\u000a                   1`,
      '',
    ].join('\n'),
  );
});

describe('in a terminal', () => {
  const { isTTY: wasTTY, columns } = process.stdout;
  afterEach(() => {
    Object.assign(process.stdout, { isTTY: wasTTY, columns });
  });
  const items = [
    { apiId: 'api_2c9a0jf23l4k567mnopq', name: 'A name that is rather long', note: 'short' },
    { apiId: 'api_2', name: '日本語日本語日本語', note: 'as long as the name is, and longer' },
  ];
  const tableOf = (width: number, isTTY = true) => {
    // A process without a terminal has no such properties.
    Object.assign(process.stdout, { isTTY, columns: width });
    return outputOf(() => printList(items, ['apiId', 'name', 'note'], {}))
      .trimEnd()
      .split('\n');
  };

  test('a table is as wide as the terminal, and what people copy is whole', () => {
    const full = tableOf(200);
    expect(full[2]).toBe('api_2                     日本語日本語日本語          as long as the name is, and longer');
    expect(tableOf(70)).toEqual([
      'apiId                     name                   note',
      'api_2c9a0jf23l4k567mnopq  A name that is rathe…  short',
      'api_2                     日本語日本語日本語     as long as the name …',
    ]);
  });

  test('a column has ten characters at least, and a file has all', () => {
    expect(tableOf(20)[1]).toBe('api_2c9a0jf23l4k567mnopq  A name th…  short');
    expect(tableOf(20, false)).toEqual(tableOf(200));
  });
});

test('a list is a table whose columns are as wide as their values', () => {
  const items: { id: string; name?: string; extra: number }[] = [
    { id: 'one', name: '日本', extra: 1 },
    { id: 'a-much-longer-id', extra: 2 },
    { id: 'x', name: 'a\nx  fake', extra: 3 },
  ];
  expect(outputOf(() => printList(items, ['id', 'name', 'extra'], {}))).toBe(
    [
      'id                name            extra',
      'one               日本            1',
      'a-much-longer-id                  2',
      'x                 a\\u000ax  fake  3',
      '',
    ].join('\n'),
  );
  expect(outputOf(() => printList([], ['length'], {}))).toBe('none\n');
  expect(outputOf(() => printList([{ a: 1, b: 2 }], ['a'], { json: true }))).toBe('[{"a":1,"b":2}]\n');
  expect(outputOf(() => printList([], ['length'], { json: true }))).toBe('[]\n');
});

test('a row of cells has the given widths, and one that is too wide keeps its distance', () => {
  expect(outputOf(() => printCells(['a', 'bb', 'c'], [3, 1, 5]))).toBe('a    bb  c\n');
  expect(outputOf(() => printCells(['a\u001b', 'b'], [1]))).toBe('a\\u001b  b\n');
});
