/** What runs the documentation's snippets, where npm brings none: found on PATH, else installed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemBinary } from './system-binary.ts';

export const python = () => systemBinary(['python3'], { debian: 'python3', brew: 'python' });
export const go = () => systemBinary(['go'], { debian: 'golang-go', brew: 'go' });

/** For Go: the one that is there, whatever a module asks for. */
export const goEnvironment = { GOTOOLCHAIN: 'local', GOFLAGS: '' };

/** Sees to it that all of them are there, before anything is timed. */
export async function prepareToolchains(): Promise<void> {
  systemBinary(['curl'], { debian: 'curl', brew: 'curl' });
  python();
  // On a fresh machine Go first compiles its own library, which takes far longer than a program of ours.
  await promisify(execFile)(go(), ['build', 'net/http'], { env: { ...process.env, ...goEnvironment } });
}
