import { describe, expect, test } from '@jest/globals';
import type { DocumentScopeKind as ScopeKind } from '../../store/control-data.ts';
import { scopesOf } from './openapi-scopes.ts';
import { catalogueOf } from './scope-catalogue.ts';

const info = { title: 'Acme' };

describe('what an operation needs', () => {
  /** The operation `op` with the tags T and U in a document, by `security` of the operation and of the document. */
  const alternatives = (kinds: ScopeKind[], own: unknown, ofDocument: unknown, tags: string[] = ['T', 'U']) => {
    const operation = { operationId: 'op', tags, ...(own !== undefined && { security: own }) };
    const document = { ...(ofDocument !== undefined && { security: ofDocument }), paths: { '/': { get: operation } } };
    const { operations } = catalogueOf(scopesOf({ openapi: '3.1.0', info, ...document }), kinds);
    return operations[0]?.[1];
  };
  const free = [[]];
  const oauth: ScopeKind[] = ['oauth'];
  const named: ScopeKind[] = ['tags', 'operations'];
  const all: ScopeKind[] = ['oauth', 'tags', 'operations'];
  const byName = [['T'], ['U'], ['op']];

  test.each([
    // What `security` says: of the operation, else of the document. oauth | tags and operations | all
    ['one scope', [{ o: ['a'] }], undefined, [['a']], byName, [['a'], ...byName]],
    ['two scopes at once', [{ o: ['a', 'b'] }], undefined, [['a', 'b']], byName, [['a', 'b'], ...byName]],
    [
      'scopes of two schemes at once',
      [{ o: ['a'], p: ['b'] }],
      undefined,
      [['a', 'b']],
      byName,
      [['a', 'b'], ...byName],
    ],
    ['alternatives', [{ o: ['a'] }, { p: ['b'] }], undefined, [['a'], ['b']], byName, [['a'], ['b'], ...byName]],
    [
      'an alternative that needs more',
      [{ o: ['a', 'b'] }, { o: ['b'] }],
      undefined,
      [['b']],
      byName,
      [['b'], ...byName],
    ],
    [
      'one alternative twice',
      [{ o: ['a', 'b'] }, { p: ['b', 'a'] }],
      undefined,
      [['a', 'b']],
      byName,
      [['a', 'b'], ...byName],
    ],
    ['that of the document', undefined, [{ o: ['a'] }], [['a']], byName, [['a'], ...byName]],
    ['its own instead of that of the document', [{ o: ['b'] }], [{ o: ['a'] }], [['b']], byName, [['b'], ...byName]],
    ['that anyone may call it', [], [{ o: ['a'] }], free, free, free],
    ['that anyone may call it, for all operations', undefined, [], free, free, free],
    ['that a credential is optional', [{ o: ['a'] }, {}], undefined, free, free, free],
    ['nothing', undefined, undefined, free, byName, byName],
    ['a credential without scopes', [{ key: [] }], undefined, free, byName, byName],
    [
      'a credential without scopes, or a scope',
      [{ key: [] }, { o: ['a'] }],
      undefined,
      free,
      byName,
      [['a'], ...byName],
    ],
    [
      'a credential without scopes and one with a scope at once',
      [{ key: [], o: ['a'] }],
      undefined,
      [['a']],
      byName,
      [['a'], ...byName],
    ],
    ['a scope that is named as a tag', [{ o: ['T'] }], undefined, [['T']], byName, byName],
  ])('if security says %s', (_, own, ofDocument, ...[byOauth, byTagsAndOperations, byAll]) => {
    expect(alternatives(oauth, own, ofDocument)).toEqual(byOauth);
    expect(alternatives(named, own, ofDocument)).toEqual(byTagsAndOperations);
    expect(alternatives(all, own, ofDocument)).toEqual(byAll);
  });

  test.each<[string, ScopeKind[], string[], string[][]]>([
    ['tags alone', ['tags'], ['T'], [['T']]],
    ['tags alone, and it has none', ['tags'], [], free],
    ['operations alone', ['operations'], ['T'], [['op']]],
    ['OAuth and tags', ['oauth', 'tags'], ['T'], [['a'], ['T']]],
    ['OAuth and tags, and it has none', ['oauth', 'tags'], [], [['a']]],
    ['operations, and a tag is named as it is', ['tags', 'operations'], ['op'], [['op']]],
  ])('if the source is %s', (_, kinds, tags, expected) => {
    expect(alternatives(kinds, [{ o: ['a'] }], undefined, tags)).toEqual(expected);
  });
});

describe('the scopes of a catalogue', () => {
  const document = {
    openapi: '3.0.3',
    info,
    components: { securitySchemes: { o: { type: 'oauth2', flows: { implicit: { scopes: { read: 'Read all' } } } } } },
    tags: [{ name: 'read', description: 'A tag' }, { name: 'Pets' }],
    paths: {
      '/': { get: { operationId: 'read' }, put: { operationId: 'Pets', summary: 'Put' }, post: { operationId: 'x y' } },
    },
  };
  const scopes = (...kinds: ScopeKind[]) => catalogueOf(scopesOf(document), kinds).scopes;

  test('are those of the chosen kinds, always in the same order; a name is of the first kind that has it', () => {
    const expected = [
      { scope: 'read', kind: 'oauth', description: 'Read all' },
      { scope: 'Pets', kind: 'tags' },
      { scope: 'x y', kind: 'operations', description: 'POST /' },
    ];
    expect(scopes('operations', 'tags', 'oauth')).toEqual(expected);
    expect(scopes('tags')).toEqual([
      { scope: 'read', kind: 'tags', description: 'A tag' },
      { scope: 'Pets', kind: 'tags' },
    ]);
    expect(scopes('operations').map(({ scope, kind }) => [scope, kind])).toEqual([
      ['read', 'operations'],
      ['Pets', 'operations'],
      ['x y', 'operations'],
    ]);
  });
});
