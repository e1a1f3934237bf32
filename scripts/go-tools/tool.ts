/**
 * Programs in Go that the checks use, built once from scripts/go-tools, whose go.sum pins every line of their source. Go itself
 * may be older than they need: then the one that go.mod names is fetched as the module that Go publishes it as.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { go } from '../../tests/support/toolchains.ts';

const run = promisify(execFile);
const source = import.meta.dirname;
const cache = join(import.meta.dirname, '../../node_modules/.cache/go-tools');
/** Each Go knows where its library is; GOROOT may be that of another one. */
const { GOROOT: _, ...inherited } = process.env;
const environment = { ...inherited, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' };

const numbers = (version: string) => version.split('.').map(Number);
const isAtLeast = (version: string, wanted: string) => {
  const [have, want] = [numbers(version), numbers(wanted)];
  const different = want.findIndex((part, i) => part !== (have[i] ?? 0));
  return different < 0 || (have[different] ?? 0) > (want[different] ?? 0);
};

/** What a module holds is not executable; Go sees to that itself when it is new enough to fetch its next version. */
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

/** A Go that go.mod is content with. */
async function goFor(mod: string): Promise<string> {
  const [, needed = ''] = /^go (\S+)$/m.exec(mod) ?? [];
  const [, wanted = ''] = /^toolchain go(\S+)$/m.exec(mod) ?? [];
  const { stdout } = await run(go(), ['version']);
  const [, have = '0'] = /go version go([\d.]+)/.exec(stdout) ?? [];
  return isAtLeast(have, needed) ? go() : fetchedGo(wanted);
}

/**
 * Where a tool is. It is built where it is not: that takes some seconds, and needs the modules' source.
 *
 * @param module its path, as go.mod has it
 * @throws Error with what Go says; MissingBinary
 */
export async function goTool(module: string): Promise<string> {
  const mod = await readFile(join(source, 'go.mod'), 'utf8');
  const sums = await readFile(join(source, 'go.sum'), 'utf8');
  const directory = join(
    cache,
    createHash('sha256')
      .update(mod + sums)
      .digest('hex')
      .slice(0, 16),
  );
  const binary = join(directory, module.split('/').at(-1) ?? '');
  const isThere = await access(binary).then(
    () => true,
    () => false,
  );
  if (isThere) return binary;
  await mkdir(directory, { recursive: true });
  const fresh = `${binary}.${process.pid}`;
  await run(await goFor(mod), ['build', '-o', fresh, module], { cwd: source, env: environment });
  // Atomic, so that another build never runs an incomplete file.
  await rename(fresh, binary);
  return binary;
}
