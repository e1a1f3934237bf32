/** PHP: OpenAPI Generator's client on Guzzle, with Debian packages in place of Composer. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installDebian, systemBinary } from '../../tests/support/system-binary.ts';
import type { Language } from './language.ts';
import { generator, knownWarnings, prepareGenerator, recipe, version } from './openapi-generator.ts';

/** The autoloader that Composer would write. */
const autoload = `<?php

require '/usr/share/php/GuzzleHttp/autoload.php';

spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/../lib/' . str_replace('\\\\', '/', substr($class, strlen('Portico\\\\Client\\\\'))) . '.php';
    if (str_starts_with($class, 'Portico\\\\Client\\\\') && is_file($file)) {
        require $file;
    }
});
`;

export const php: Language = {
  id: 'php',
  title: 'PHP',
  generator: 'OpenAPI Generator, php',
  version,
  proves: 'run',
  recipe: recipe('php', '.', { invokerPackage: 'Portico\\Client' }),
  knownWarnings,
  first: { file: 'first.php', fence: 'php' },
  async prepare(bench) {
    await prepareGenerator(bench);
    systemBinary(['php'], { debian: 'php-cli', brew: 'php' });
    const loaded = await bench.run(['php', '-m']);
    const missing = ['curl', 'mbstring'].filter((extension) => !loaded.includes(extension));
    const guzzle = await bench.run([
      'php',
      '-r',
      'echo is_file("/usr/share/php/GuzzleHttp/autoload.php") ? "there" : "";',
    ]);
    if (missing.length > 0 || guzzle === '') installDebian('php-curl', 'php-mbstring', 'php-guzzlehttp-guzzle');
  },
  tool: generator,
  async compile({ directory, run }) {
    const names = await readdir(directory, { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.php'))) await run(['php', '-l', name], { quiet: true });
    await run(['mkdir', '-p', 'vendor']);
    await writeFile(join(directory, 'vendor/autoload.php'), autoload);
  },
  start: async (_, program) => ['php', `${program}.php`],
};
