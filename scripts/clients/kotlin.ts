/** Kotlin: OpenAPI Generator's client on OkHttp and Moshi. Its build is Gradle's; ours is Maven's, with the same libraries. */
import type { Language } from './language.ts';
import { generator, knownWarnings, maven, prepareGenerator, recipe, version } from './openapi-generator.ts';

export const kotlin: Language = {
  id: 'kotlin',
  title: 'Kotlin',
  generator: 'OpenAPI Generator, kotlin',
  version,
  proves: 'compiled',
  recipe: recipe('kotlin', '.', { packageName: 'dev.portico.client' }),
  notes: ['it leaves out what is `null`, so what `null` clears cannot be cleared'],
  knownWarnings,
  prepare: prepareGenerator,
  tool: generator,
  async compile({ run }) {
    await run([maven(), '-q', '-B', 'compile']);
  },
};
