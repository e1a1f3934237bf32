/** The programs that run the documentation's snippets. They are found on PATH, or installed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemBinary } from './system-binary.ts';

export const python = () => systemBinary(['python3'], { debian: 'python3', brew: 'python' });
export const go = () => systemBinary(['go'], { debian: 'golang-go', brew: 'go' });

/** Go uses the installed version, even if a module requires another one. */
export const goEnvironment = { GOTOOLCHAIN: 'local', GOFLAGS: '' };

/** Installs all of them, so that no test includes the time for it. */
export async function prepareToolchains(): Promise<void> {
  systemBinary(['curl'], { debian: 'curl', brew: 'curl' });
  python();
  // On a new machine Go first compiles its standard library, which takes much longer than a snippet.
  await promisify(execFile)(go(), ['build', 'net/http'], { env: { ...process.env, ...goEnvironment } });
}
