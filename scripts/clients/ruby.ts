/** Ruby: OpenAPI Generator's client on Typhoeus, from a Debian package. */
import { readdir } from 'node:fs/promises';
import { installDebian, systemBinary } from '../../tests/support/system-binary.ts';
import { CommandFailed } from './command.ts';
import type { Language, Workbench } from './language.ts';
import { generator, knownWarnings, prepareGenerator, recipe, version } from './openapi-generator.ts';

const has = async ({ run }: Workbench, library: string): Promise<boolean> => {
  try {
    await run(['ruby', '-e', `require '${library}'`]);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
};

export const ruby: Language = {
  id: 'ruby',
  title: 'Ruby',
  generator: 'OpenAPI Generator, ruby',
  version,
  proves: 'run',
  recipe: recipe(
    ...(['ruby', '.', { gemName: 'portico_client', moduleName: 'PorticoClient' }] as const),
    ...['--openapi-normalizer', 'SECURITY_SCHEMES_FILTER=type:http'],
  ),
  notes: [
    'without cookie authentication, for which the generator writes invalid Ruby ([issue 6959](https://github.com/OpenAPITools/openapi-generator/issues/6959))',
    'the base URL is the variable `baseUrl` of the first server',
  ],
  knownWarnings,
  first: { file: 'first.rb', fence: 'ruby' },
  async prepare(bench) {
    await prepareGenerator(bench);
    systemBinary(['ruby'], { debian: 'ruby', brew: 'ruby' });
    if (!(await has(bench, 'typhoeus'))) installDebian('ruby-typhoeus');
  },
  tool: generator,
  async compile({ directory, run }) {
    const names = await readdir(directory, { recursive: true });
    const compile = 'ARGV.each { |file| RubyVM::InstructionSequence.compile_file(file) }';
    await run(['ruby', '-W0', '-e', compile, ...names.filter((one) => one.endsWith('.rb'))]);
  },
  // Debian's own list of media types makes one of its libraries warn.
  start: async (_, program) => ['ruby', '-W0', '-Ilib', `${program}.rb`],
};
