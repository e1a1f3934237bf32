/** Go: oapi-codegen, built from its source into the cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { go as systemGo } from '../../tests/support/toolchains.ts';
import type { Language, Workbench } from './language.ts';

const version = '2.8.2';
const generator = ({ cache }: Workbench) => join(cache, `oapi-codegen-${version}`);
/** Go downloads a newer version of itself from the module proxy if a module requires it. */
const env = { GOTOOLCHAIN: 'auto', GOFLAGS: '' };

export const go: Language = {
  id: 'go',
  title: 'Go',
  generator: 'oapi-codegen',
  version,
  proves: 'run',
  recipe: ['oapi-codegen', '-config', 'oapi-codegen.yaml', 'openapi.yaml'],
  notes: ['`nullable-type: true`, else the client cannot send `null` to clear a field'],
  first: { file: 'first/main.go', fence: 'go' },
  async prepare(bench) {
    if (existsSync(generator(bench))) return;
    const module = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen';
    const install = { env: { ...env, GOBIN: generator(bench) }, quiet: true };
    await bench.run([systemGo(), 'install', `${module}@v${version}`], install);
  },
  tool: (bench) => ({ command: [join(generator(bench), 'oapi-codegen')] }),
  async compile({ run }) {
    // go.sum pins the modules.
    await run([systemGo(), 'mod', 'download'], { env, quiet: true });
    await run([systemGo(), 'vet', '-mod=readonly', './...'], { env });
    await run([systemGo(), 'build', '-mod=readonly', '-o', 'bin/', './first', './flow', './judge'], { env });
  },
  start: async ({ directory }, program) => [join(directory, 'bin', program)],
};
