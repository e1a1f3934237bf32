/** Rust: OpenAPI Generator's client on reqwest, built by cargo with the versions of our own lockfile. */
import { join } from 'node:path';
import { systemBinary } from '../../tests/support/system-binary.ts';
import type { Language, Workbench } from './language.ts';
import { generator, knownWarnings, prepareGenerator, recipe, version } from './openapi-generator.ts';

/** What is compiled of libraries is kept. */
const target = ({ cache }: Workbench) => join(cache, 'rust-target');

export const rust: Language = {
  id: 'rust',
  title: 'Rust',
  generator: 'OpenAPI Generator, rust, library reqwest',
  version,
  proves: 'run',
  recipe: recipe('rust', 'client', { packageName: 'portico_client', supportAsync: 'false' }),
  notes: [
    'the enumeration of an operation’s errors tells their shape, not their status: that is beside it, in `status`',
    'a value that is added to an enumeration cannot be read',
    'an operation without input takes `Some(json!({}))`: it sends `null` for `None`, which is refused',
  ],
  knownWarnings: [
    ...knownWarnings,
    { pattern: /cannot be used as an? .* name\. Renamed to/, why: 'names are put into the form of Rust' },
  ],
  first: { file: 'src/bin/first.rs', fence: 'rust' },
  async prepare(bench) {
    await prepareGenerator(bench);
    systemBinary(['cargo'], { debian: 'cargo', brew: 'rust' });
  },
  tool: generator,
  async compile(bench) {
    const env = { CARGO_TARGET_DIR: target(bench), CARGO_TERM_COLOR: 'never' };
    await bench.run(['cargo', 'build', '--quiet', '--locked', '--jobs', '2'], { env });
  },
  start: async (bench, program) => [join(target(bench), 'debug', program)],
};
