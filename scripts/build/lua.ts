/** Copies the Lua scripts of the server to where `tsc` has written the code that reads them. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const scripts = 'src/server/store/scripts';

cpSync(join(root, scripts), join(root, 'dist/server', scripts), {
  recursive: true,
  filter: (source) => !source.endsWith('.ts'),
});
