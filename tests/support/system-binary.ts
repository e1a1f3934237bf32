/** Finds programs that npm cannot install on PATH, or installs them with the system's package manager. */
import { execFileSync, type StdioOptions, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program is missing and must be installed by hand. The message contains the command. */
export class MissingBinary extends Error {}

const onPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** Only root on Debian or Ubuntu may install packages. */
const mayInstall = (): boolean => process.getuid?.() === 0 && onPath('apt-get') !== undefined;

/**
 * Installs Debian packages and prints a message.
 *
 * @throws MissingBinary with the command to run, if the user is not root on Debian or Ubuntu
 */
export function installDebian(...packages: string[]): void {
  const names = packages.join(' ');
  if (!mayInstall())
    throw new MissingBinary(`Install ${names} with \`sudo apt-get install ${names}\`, then try again.`);
  process.stderr.write(`installing Debian's ${names} with apt-get …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  // Several programs may install something at the same time.
  const patience = ['-o', 'DPkg::Lock::Timeout=120'];
  spawnSync('apt-get', [...patience, 'update', '-qq'], { env, stdio });
  const install = [...patience, 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  execFileSync('apt-get', install, { env, stdio });
}

/**
 * Returns the path of a program.
 *
 * As root on Debian or Ubuntu it installs a missing program and prints a message. Elsewhere it does not change the system.
 *
 * @param names the program's names, first choice first
 * @throws MissingBinary with the commands to run
 */
export function systemBinary(names: string[], { debian, brew }: { debian: string; brew: string }): string {
  const find = () => names.map(onPath).find((file) => file !== undefined);
  const found = find();
  if (found !== undefined) return found;

  if (mayInstall()) {
    process.stderr.write(`${names[0]} is not installed: `);
    installDebian(debian);
    const installed = find();
    if (installed !== undefined) return installed;
  }
  throw new MissingBinary(
    `${names.join(' or ')} is needed and not on PATH. Install it with \`sudo apt-get install ${debian}\` or \`brew install ${brew}\`, then try again.`,
  );
}
