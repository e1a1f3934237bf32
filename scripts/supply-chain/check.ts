/** Checks every package of the lock file: that its install script is known, and that its licence is allowed. `npm run lint` runs it. */
import { type Lock, nameOf, readJson, readLock } from './packages.ts';

/** Which licences packages can have. scripts/supply-chain/licences.json has them. */
export interface Licences {
  /** Of what we ship and of tools. */
  allowed: string[];
  /** Of tools only, whose code is in nothing that we ship. */
  tools: string[];
  /** The licence of a package whose lock entry has none, from its own files. */
  named: Record<string, string>;
}

/** Packages with an install script that nobody has decided about. No script runs: .npmrc has `ignore-scripts`. */
export const unknownScripts = (lock: Lock, decided: Record<string, boolean>): string[] =>
  Object.entries(lock)
    .filter(([place, { hasInstallScript }]) => hasInstallScript === true && !(nameOf(place) in decided))
    .map(([place]) => `${place} has an install script: read it, and add the package to allowScripts in package.json`);

/** Whether one of these licences is enough for an SPDX expression: all of an AND, one of an OR. */
function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const words = expression.replaceAll(/^\(|\)$/g, '');
  if (allowed.has(words)) return true;
  if (words.includes(' OR ')) return words.split(' OR ').some((part) => allowed.has(part));
  return /\sAND\s/i.test(words) && words.split(/\sAND\s/i).every((part) => allowed.has(part));
}

/**
 * Packages whose licence is not allowed, or unknown.
 *
 * @param bundled the places of those that are in the portal, although npm calls them dependencies of the development
 */
export function refusedLicences(lock: Lock, { allowed, tools, named }: Licences, bundled: string[]): string[] {
  const [ofShipped, ofTools] = [new Set(allowed), new Set([...allowed, ...tools])];
  return Object.entries(lock).flatMap(([place, { license, dev }]) => {
    const name = nameOf(place);
    const expression = license ?? named[name];
    const isTool = dev === true && !bundled.includes(place);
    if (expression !== undefined && isAllowed(expression, isTool ? ofTools : ofShipped)) return [];
    return [`${place} has the licence ${expression ?? 'unknown'}: see scripts/supply-chain/licences.json`];
  });
}

if (import.meta.main) {
  const lock = await readLock();
  const { allowScripts } = await readJson<{ allowScripts: Record<string, boolean> }>('package.json');
  const licences = await readJson<Licences>('scripts/supply-chain/licences.json');
  const { packages } = await readJson<{ packages: string[] }>('dist/portal/metafile.json');
  const problems = [...unknownScripts(lock, allowScripts), ...refusedLicences(lock, licences, packages)];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
