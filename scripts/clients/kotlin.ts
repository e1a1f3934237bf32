/** Kotlin: OpenAPI Generator's client on OkHttp and Moshi. The generated build uses Gradle; ours uses Maven with the same libraries. */
import type { Language } from './language.ts';
import { generator, knownWarnings, maven, prepareGenerator, recipe, version } from './openapi-generator.ts';

export const kotlin: Language = {
  id: 'kotlin',
  title: 'Kotlin',
  generator: 'OpenAPI Generator, kotlin',
  version,
  proves: 'compiled',
  recipe: recipe('kotlin', '.', { packageName: 'dev.portico.client' }),
  notes: ['the client omits `null`, so it cannot clear fields'],
  knownWarnings,
  prepare: prepareGenerator,
  tool: generator,
  async compile({ run }) {
    await run([maven(), '-q', '-B', 'compile']);
  },
};
