/** The build context of the image: the files that .dockerignore leaves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** What .dockerignore says, in the forms that ours has: `*` first, then what is included, and what is excluded again. */
export interface Context {
  /** Files and folders of the project. */
  included: string[];
  isExcluded(file: string): boolean;
}

/** Reads .dockerignore. */
export async function buildContext(): Promise<Context> {
  const lines = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');
  const excluded = lines.filter((line) => /^[\w*]/.test(line) && line !== '*');
  return {
    included: lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)),
    isExcluded: (file) =>
      excluded.some((pattern) =>
        pattern.startsWith('**/*')
          ? file.endsWith(pattern.slice(4))
          : file === pattern || file.startsWith(`${pattern}/`),
      ),
  };
}

/** Whether a file of the project is in the context. */
export const isIn = ({ included, isExcluded }: Context, file: string): boolean =>
  included.some((name) => file === name || file.startsWith(`${name}/`)) && !isExcluded(file);
