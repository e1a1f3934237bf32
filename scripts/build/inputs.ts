/** The inputs that each build has: our sources, and the versions of the packages. */
import { relative } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** Files of a bundle that are ours. For the packages stands package-lock.json. */
export const sourcesOf = ({ inputs }: Metafile): string[] => [
  'package-lock.json',
  ...Object.keys(inputs).filter((path) => !/(^|\/)node_modules\//.test(path) && !path.includes(':')),
];

/** A script and every module of ours that it imports. */
export async function modulesOf(script: string, root: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [relative(root, script)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'warning',
    outdir: 'dist',
  });
  return sourcesOf(metafile);
}
