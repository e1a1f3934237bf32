/** Schemas as people read them, and examples of their values. The work is bounded, also for references that multiply. */
import { describe, expect, test } from '@jest/globals';
import { leastCpuMs } from '../least-cpu.ts';
import { parseJson, writeJson } from './json.ts';
import { sampleOf } from './sample-value.ts';
import { lineOf, linesOf, typeOf } from './schema.ts';

const schemas = {
  Project: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', readOnly: true, example: 'prj_1' },
      name: { type: 'string', maxLength: 64, description: 'Its name.' },
      parent: { $ref: '#/components/schemas/Project' },
      tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' } },
      old: { type: 'string', deprecated: true },
    },
  },
  Tag: { title: 'A tag', enum: ['a', 'b'], type: 'string' },
  Loop: { $ref: '#/components/schemas/Loop' },
  SelfAll: { allOf: [{ $ref: '#/components/schemas/SelfAll' }, { properties: { a: { type: 'boolean' } } }] },
  Both: {
    allOf: [
      { $ref: '#/components/schemas/Project' },
      { required: ['name'], properties: { more: { type: 'integer' } } },
    ],
  },
};
const document = { openapi: '3.1.0', components: { schemas } };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const linesAt = (schema: unknown) => linesOf(document, lineOf(document, schema));

test('an example is one of the possibilities, also if the schema says that it is an object', () => {
  const oneOf = [{ type: 'null' }, { type: 'object', properties: { id: { example: 1 } } }];
  expect(sampleOf(document, { type: 'object', oneOf }, 'response')).toEqual({ id: 1 });
  expect(sampleOf(document, { oneOf }, 'response')).toEqual({ id: 1 });
});

test('a schema with the base of what it is inside of has all of its fields; one that is itself again is a cycle', () => {
  const own = { Base: { properties: { id: {} } }, Mini: { allOf: [ref('Base'), { properties: { name: {} } }] } };
  const parent = { allOf: [ref('Mini'), { nullable: true }] };
  const again = { allOf: [ref('Folder')], description: 'The one above.' };
  const Folder = { allOf: [ref('Mini'), { properties: { parent, again } }] };
  const tree = {
    Tree: { properties: { sub: ref('Branch') } },
    Branch: { allOf: [ref('Tree'), { properties: { leaf: {} } }] },
  };
  const folders = { components: { schemas: { ...own, ...tree, Folder } } };
  const lines = linesOf(folders, lineOf(folders, ref('Folder')));
  expect(lines.map(({ name, isCycle }) => [name, isCycle])).toEqual([
    ...[
      ['id', false],
      ['name', false],
      ['parent', false],
      ['again', true],
    ],
  ]);
  const [sub] = linesOf(folders, lineOf(folders, ref('Tree')));
  expect(sub && linesOf(folders, sub).map(({ name, isCycle }) => [name, isCycle])).toEqual([
    ['sub', true],
    ['leaf', false],
  ]);
  const inner = lines.find(({ name }) => name === 'parent');
  expect(inner && linesOf(folders, inner).map(({ name }) => name)).toEqual(['id', 'name']);
});

test.each([
  [{ type: 'string', format: 'uuid' }, 'string<uuid>'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: 'integer', nullable: true }, 'integer | null'],
  [ref('Project'), 'Project'],
  [{ type: 'array', items: ref('Project') }, 'Project[]'],
  [{ type: 'array', items: { type: ['string', 'integer'] } }, '(string | integer)[]'],
  [{ oneOf: [ref('Project'), { type: 'null' }] }, 'Project | null'],
  [{ anyOf: [ref('Project'), ref('Tag'), { type: 'object' }] }, 'Project | Tag | object'],
  [{ items: {} }, 'any[]'],
  [{ enum: ['a'] }, 'string'],
  [ref('Loop'), 'Loop'],
  [ref('Missing'), 'Missing'],
  [ref('SelfAll'), 'SelfAll'],
  [{}, 'any'],
  [true, 'any'],
  [undefined, 'any'],
])('the type of %j is %s', (schema, type) => {
  expect(typeOf(document, schema)).toBe(type);
});

describe('the lines', () => {
  test('of an object are its fields, with what holds for them', () => {
    expect(
      linesAt(ref('Project')).map(({ name, type, isRequired, hasLines, isCycle }) => [
        name,
        type,
        isRequired,
        hasLines,
        isCycle,
      ]),
    ).toEqual([
      ['id', 'string', true, false, false],
      ['name', 'string', false, false, false],
      ['parent', 'Project', false, false, true],
      ['tags', 'string[]', false, false, false],
      ['old', 'string', false, false, false],
    ]);
    expect(linesAt(ref('Project'))[1]).toMatchObject({ constraints: [['maxLength', '64']], description: 'Its name.' });
    expect(linesAt(ref('Project'))[3]).toMatchObject({ values: ['a', 'b'] });
  });

  test('of a list are those of its items, and of `allOf` those of all parts', () => {
    const names = ['id', 'name', 'parent', 'tags', 'old'];
    expect(linesAt({ type: 'array', items: ref('Project') }).map(({ name }) => name)).toEqual(names);
    const both = linesAt(ref('Both'));
    expect(both.map(({ name }) => name)).toEqual([...names, 'more']);
    expect(both.filter(({ isRequired }) => isRequired).map(({ name }) => name)).toEqual(['id', 'name']);
    expect(linesAt(ref('SelfAll')).map(({ name }) => name)).toEqual(['a']);
  });

  test('of several possibilities have names', () => {
    const lines = linesAt({
      oneOf: [ref('Project'), { title: 'Two', type: 'string' }, { type: 'null' }],
      additionalProperties: ref('Tag'),
    });
    expect(lines.map(({ kind, name, type }) => [kind, name, type])).toEqual([
      ['anyField', '', 'string'],
      ['variant', 'Project', 'Project'],
      ['variant', 'Two', 'string'],
    ]);
  });

  test('show numbers as they are written, and names that are keywords', () => {
    const text = `{"type":"object","properties":{
      "required":{"type":"integer","maximum":9223372036854775807,"default":10.00,"example":1253261109769874438},
      "$ref":{"type":"string"},"Details":{"enum":["Cancel","Execute",1.0]}}}`;
    const lines = linesAt(parseJson(text));
    expect(lines.map(({ name }) => name)).toEqual(['required', '$ref', 'Details']);
    expect(lines[0]).toMatchObject({
      constraints: [['maximum', '9223372036854775807']],
      default: '10.00',
      example: '1253261109769874438',
    });
    expect(lines[2]?.values).toEqual(['Cancel', 'Execute', '1.0']);
  });
});

/** Each level has four fields of the next level: 4⁹ values in 2 kB. */
const levels = (make: (next: object) => object) => ({
  components: { schemas: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`L${i}`, make(ref(`L${i + 1}`))])) },
});
const four = (next: object) => ({ type: 'object', properties: { a: next, b: next, c: next, d: next } });

test.each([
  ['fields', levels(four)],
  ['possibilities', levels((next) => ({ oneOf: [next, { ...four(next) }, { items: next }, { anyOf: [next, next] }] }))],
  ['parts', levels((next) => ({ allOf: [next, { ...four(next) }, next, { allOf: [next, next] }] }))],
  ['lists', levels((next) => ({ type: 'array', items: { oneOf: [{ items: next }, { items: next, type: 'array' }] } }))],
])('a small schema with many %s takes little time', (_, hostile) => {
  const work = () => {
    const line = lineOf(hostile, ref('L0'));
    return [linesOf(hostile, line), sampleOf(hostile, ref('L0'), 'response'), typeOf(hostile, ref('L0'))];
  };
  expect(leastCpuMs(work)).toBeLessThan(100);
});

test('a long chain of parts ends', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [`L${i}`, { allOf: [ref(`L${i + 1}`)], properties: { [`p${i}`]: {} } }]),
  );
  const long = { components: { schemas: chain } };
  expect(linesOf(long, lineOf(long, ref('L0'))).length).toBeGreaterThan(10);
  expect(sampleOf(long, ref('L0'), 'response')).toHaveProperty('p0');
});

describe('an example', () => {
  const sample = (schema: unknown, direction: 'request' | 'response' = 'response') =>
    writeJson(sampleOf(document, schema, direction));

  test.each([
    [ref('Project'), '{"id":"prj_1","name":"string","tags":["a"]}'],
    [ref('Both'), '{"id":"prj_1","name":"string","tags":["a"],"more":1}'],
    [{ type: 'array', items: { type: 'string', format: 'date' } }, '["2026-01-31"]'],
    [{ oneOf: [{ type: 'null' }, { type: 'integer', minimum: 5 }] }, '5'],
    [{ type: 'number', maximum: -2 }, '-2'],
    [{ type: 'object', additionalProperties: { type: 'boolean' } }, '{"name":true}'],
    [{ default: { $ref: '#/x' } }, '{"$ref":"#/x"}'],
    [{ type: 'string', examples: ['a'], enum: ['b'] }, '"a"'],
    [{ const: 3 }, '3'],
    [ref('Loop'), '{}'],
    [{ type: ['null'] }, 'null'],
  ])('of %j is %s', (schema, expected) => {
    expect(sample(schema)).toBe(expected);
  });

  test('of a request has no fields that only responses have', () => {
    expect(sample(ref('Project'), 'request')).toBe('{"name":"string","tags":["a"]}');
  });
});
