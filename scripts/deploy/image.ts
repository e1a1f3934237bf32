/**
 * Builds the image of the Dockerfile without an image registry, and runs it as Kubernetes would: read-only, as another user, without
 * capabilities, beside a Redis. It needs root on Debian, and the packages buildah, runc, debootstrap and redis-server. Takes ten minutes
 * and 4 GB.
 *
 * The base image is made here: Debian's smallest system, and the Node and npm of this machine. So all of the Dockerfile runs except its
 * first words, the name of the base image. Each `RUN` runs in a chroot (`buildah build --isolation chroot`), which needs no cgroups. The
 * result runs with runc in namespaces of its own, but in the network of this machine, so that it finds the Redis.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { expectServes, start } from './serves.ts';

const root = join(import.meta.dirname, '../..');
const base = 'localhost/portico-base';
const tag = 'localhost/portico';
/** A bundle of certificates in which companies put their own. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();

/** What the image says about its containers. */
interface ImageConfig {
  User: string;
  WorkingDir: string;
  Env: string[];
  Cmd: string[];
  Healthcheck: { Test: string[] };
}

/** The commands of buildah, with all images in this directory. */
function imagesIn(directory: string) {
  const store = ['--storage-driver', 'vfs', '--root', join(directory, 'images'), '--runroot', join(directory, 'run')];
  return (...args: string[]) => run('buildah', ...store, ...args);
}
type Images = ReturnType<typeof imagesIn>;

/** Makes the base image: Debian, Node and npm. */
async function makeBase(buildah: Images, directory: string): Promise<void> {
  const files = join(directory, 'base');
  run('debootstrap', '--variant=minbase', 'bookworm', files);
  const library = join(files, 'usr/local/lib/node_modules');
  await mkdir(library, { recursive: true });
  await copyFile(process.execPath, join(files, 'usr/local/bin/node'));
  const npm = dirname(dirname(await realpath(run('sh', '-c', 'command -v npm'))));
  await cp(npm, join(library, 'npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(files, 'usr/local/bin/npm'));
  const env = ['PATH=/usr/local/bin:/usr/bin:/bin'];
  if (existsSync(certificates)) {
    await mkdir(join(files, dirname(certificates)), { recursive: true });
    await copyFile(certificates, join(files, certificates));
    env.push(`NODE_EXTRA_CA_CERTS=${certificates}`);
  }
  const container = buildah('from', 'scratch');
  buildah('add', '-q', container, `${files}/`, '/');
  buildah('config', ...env.flatMap((each) => ['--env', each]), container);
  buildah('commit', '-q', '--rm', container, base);
  await rm(files, { recursive: true });
}

/** Builds the image. @returns its settings, and a folder with its files */
async function build(buildah: Images, directory: string): Promise<{ config: ImageConfig; files: string }> {
  const file = join(directory, 'Dockerfile');
  await writeFile(file, (await readFile(join(root, 'Dockerfile'), 'utf8')).replaceAll(/^FROM \S+/gm, `FROM ${base}`));
  const how = ['--isolation', 'chroot', '--network', 'host', '--pull-never', '--layers=false', '--format', 'docker'];
  buildah('build', ...how, '--ignorefile', join(root, '.dockerignore'), '--file', file, '--tag', tag, root);
  const { Docker } = JSON.parse(buildah('inspect', '--type', 'image', tag)) as { Docker: { config: ImageConfig } };
  return { config: Docker.config, files: buildah('mount', buildah('from', '--pull-never', tag)) };
}

/** Writes what runc runs: the image as it is, with the settings of a strict pod. */
async function writeBundle(directory: string, files: string, config: ImageConfig, env: string[]): Promise<void> {
  const [uid, gid] = config.User.split(':').map(Number);
  const tmpfs = { type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] };
  const bundle = {
    ociVersion: '1.0.2',
    process: {
      ...{ user: { uid, gid }, args: config.Cmd, cwd: config.WorkingDir, env: [...config.Env, ...env] },
      ...{ noNewPrivileges: true, capabilities: {} },
    },
    root: { path: files, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', ...tmpfs, options: ['nosuid', 'mode=755'] },
      { destination: '/tmp', ...tmpfs },
    ],
    linux: { namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })) },
  };
  await mkdir(directory);
  await writeFile(join(directory, 'config.json'), JSON.stringify(bundle));
}

/** Runs the image beside a Redis, and calls it. @throws Error if a step fails */
async function use(directory: string, { config, files }: { config: ImageConfig; files: string }): Promise<void> {
  const redis = await startRedis();
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const bundle = join(directory, 'bundle');
  await writeBundle(bundle, files, config, [`PORT=${port}`, 'HOST=127.0.0.1', `REDIS_URL=${redis.url}`]);
  const name = `portico-${randomUUID()}`;
  const runc = ['--root', join(directory, 'runc')];
  const inside = (...command: string[]) => run('runc', ...runc, 'exec', name, ...command);
  const server = start('runc', [...runc, 'run', '--bundle', bundle, name], {});
  const more = async () => {
    const [, ...check] = config.Healthcheck.Test;
    inside(...check);
    const status = inside('cat', '/proc/1/status');
    for (const wanted of [/^Uid:\s+1000\s/m, /^CapEff:\s+0+$/m, /^NoNewPrivs:\s+1$/m])
      if (!wanted.test(status)) throw new Error(`${wanted} is not in\n${status}`);
    const written = inside('sh', '-c', 'touch /app/written 2>/dev/null && echo written || true');
    if (written !== '') throw new Error('the file system can be written');
    const { rootKey } = JSON.parse(inside('portico', 'workspace', 'create', '--name', 'Acme', '--json'));
    const headers = { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' };
    const { status: created } = await fetch(`${url}/v2/apis.createApi`, {
      method: 'POST',
      headers,
      body: '{"name":"Payments"}',
    });
    if (created !== 200) throw new Error(`apis.createApi returned ${created}`);
    console.log('healthy, as user 1000, without capabilities, read-only; its command line and its API work');
  };
  try {
    await expectServes(url, server, more, () => run('runc', ...runc, 'kill', name, 'TERM'));
  } finally {
    server.process.kill('SIGKILL');
    await redis.stop();
  }
}

const directory = await mkdtemp(join(tmpdir(), 'portico-image-'));
const buildah = imagesIn(directory);
try {
  await makeBase(buildah, directory);
  const image = await build(buildah, directory);
  await use(directory, image);
  console.log('the image was built and has run');
} finally {
  buildah('rm', '--all');
  await rm(directory, { recursive: true, force: true });
}
