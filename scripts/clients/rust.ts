/** Rust: OpenAPI Generator's client on reqwest, built by cargo with the versions in our lockfile. */
import { join } from 'node:path';
import { systemBinary } from '../../tests/support/system-binary.ts';
import type { Language, Workbench } from './language.ts';
import { generator, knownWarnings, prepareGenerator, recipe, version } from './openapi-generator.ts';

/** Reuses compiled libraries between runs. */
const target = ({ cache }: Workbench) => join(cache, 'rust-target');

export const rust: Language = {
  id: 'rust',
  title: 'Rust',
  generator: 'OpenAPI Generator, rust, library reqwest',
  version,
  proves: 'run',
  recipe: recipe('rust', 'client', { packageName: 'portico_client', supportAsync: 'false' }),
  notes: [
    'the enumeration of an operation’s errors has no status; read it from `status` beside it',
    'the client cannot read values that are added to an enumeration',
    'pass `Some(json!({}))` to an operation without input: for `None` the client sends `null`, which the server refuses',
  ],
  knownWarnings: [
    ...knownWarnings,
    { pattern: /cannot be used as an? .* name\. Renamed to/, why: 'the generator renames to Rust conventions' },
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
