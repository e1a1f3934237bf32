/**
 * Go programs that the checks use, built once: those of scripts/go-tools, whose go.sum pins their source, and our own. If the installed Go is
 * too old, the version in go.mod is downloaded as a Go module.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { go } from '../../tests/support/toolchains.ts';

const run = promisify(execFile);
const source = import.meta.dirname;
const cache = join(import.meta.dirname, '../../node_modules/.cache/go-tools');
/** Without GOROOT, which can belong to another Go version. */
const { GOROOT: _, ...inherited } = process.env;
const environment = { ...inherited, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' };

const numbers = (version: string) => version.split('.').map(Number);
const isAtLeast = (version: string, wanted: string) => {
  const [have, want] = [numbers(version), numbers(wanted)];
  const different = want.findIndex((part, i) => part !== (have[i] ?? 0));
  return different < 0 || (have[different] ?? 0) > (want[different] ?? 0);
};

/** Files in a module are not executable; older Go versions do not change that themselves. */
async function makeExecutable(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
}

async function fetchedGo(version: string): Promise<string> {
  const system = `${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;
  const module = `golang.org/toolchain@v0.0.1-go${version}.${system}`;
  const { stdout } = await run(go(), ['mod', 'download', '-json', module], { env: { ...process.env, GOFLAGS: '' } });
  const { Dir: directory } = JSON.parse(stdout) as { Dir: string };
  await makeExecutable(join(directory, 'bin'));
  await makeExecutable(join(directory, 'pkg/tool'));
  return join(directory, 'bin/go');
}

/** A Go that is new enough for go.mod. */
async function goFor(mod: string): Promise<string> {
  const [, needed = ''] = /^go (\S+)$/m.exec(mod) ?? [];
  const [, wanted = ''] = /^toolchain go(\S+)$/m.exec(mod) ?? [];
  const { stdout } = await run(go(), ['version']);
  const [, have = '0'] = /go version go([\d.]+)/.exec(stdout) ?? [];
  return isAtLeast(have, needed) ? go() : fetchedGo(wanted);
}

/** The path of a program, built if no program of this name and fingerprint is in the cache. */
async function built(directory: string, name: string, fingerprint: string, target: string): Promise<string> {
  const place = join(cache, createHash('sha256').update(fingerprint).digest('hex').slice(0, 16));
  const binary = join(place, name);
  const exists = await access(binary).then(
    () => true,
    () => false,
  );
  if (exists) return binary;
  await mkdir(place, { recursive: true });
  const fresh = `${binary}.${randomUUID()}`;
  const mod = await readFile(join(directory, 'go.mod'), 'utf8');
  await run(await goFor(mod), ['build', '-o', fresh, target], { cwd: directory, env: environment });
  // Renaming is atomic, so a concurrent run never executes a partial file.
  await rename(fresh, binary);
  return binary;
}

const textsOf = async (directory: string, files: string[]): Promise<string> =>
  (await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))).join('');

/**
 * The path of a tool, built if it is missing; building takes some seconds and downloads its modules.
 *
 * @param module its import path
 * @throws Error with the output of Go, or MissingBinary
 */
export const goTool = async (module: string): Promise<string> =>
  built(source, module.split('/').at(-1) ?? '', await textsOf(source, ['go.mod', 'go.sum']), module);

/**
 * The path of a Go program of ours, built if its source has changed.
 *
 * @param directory its module, whose go.sum pins what it imports
 * @throws Error with the output of Go, or MissingBinary
 */
export async function goProgram(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter((file) => /\.(go|mod|sum)$/.test(file)).toSorted();
  return built(directory, basename(directory), await textsOf(directory, files), '.');
}
