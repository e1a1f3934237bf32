/** Languages whose clients are made and no more, each for its reason. */
import type { Language } from './language.ts';
import { generator, knownWarnings, prepareGenerator, recipe, version } from './openapi-generator.ts';

const reserved = { pattern: /reserved word\) cannot be used as/, why: 'names that the language has taken are changed' };

/** What OpenAPI Generator calls each, and what keeps it from being compiled here. */
const rows: [id: string, title: string, name: string, why: string][] = [
  ['csharp', 'C#', 'csharp', 'the .NET SDK is not in Debian'],
  ['swift', 'Swift', 'swift6', 'its compiler is not in Debian 12'],
  ['dart', 'Dart', 'dart', 'its SDK is not in Debian'],
];

export const generatedOnly: Language[] = rows.map(([id, title, name, why]) => ({
  id,
  title,
  generator: `OpenAPI Generator, ${name}`,
  version,
  proves: 'generated',
  recipe: recipe(name, '.', {}),
  notes: [why],
  knownWarnings: [...knownWarnings, reserved],
  prepare: prepareGenerator,
  tool: generator,
}));
