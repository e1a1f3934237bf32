/**
 * `npm run prove -- NAME` runs one proof: a check that a promise holds while processes are killed, clocks jump or networks break.
 * What each one proves, and what it cannot, is in docs/operate/what-is-proved.md. It exits with 0 if the promise held, with 1 if
 * it was broken, and with 2 if the proof could not run.
 */
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const proofs = globSync('*/main.ts', { cwd: import.meta.dirname })
  .map((file) => basename(dirname(file)))
  .toSorted();
const [name = '', ...options] = process.argv.slice(2);
const main = join(import.meta.dirname, name, 'main.ts');
if (!proofs.includes(name)) {
  process.stderr.write(`usage: npm run prove -- NAME [--help]\nNAME is one of: ${proofs.join(', ')}\n`);
  process.exit(2);
}
process.argv.splice(1, process.argv.length - 1, main, ...options);
await import(main);
