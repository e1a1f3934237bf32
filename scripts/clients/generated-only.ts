/** Languages whose clients are only generated, each with the reason. */
import type { Language } from './language.ts';
import { generator, knownWarnings, prepareGenerator, recipe, version } from './openapi-generator.ts';

const reserved = { pattern: /reserved word\) cannot be used as/, why: 'the generator renames reserved words' };

/** The name of each in OpenAPI Generator, and why it is not compiled here. */
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
