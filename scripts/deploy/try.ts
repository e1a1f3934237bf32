/**
 * Runs the instructions of the Dockerfile without Docker: each stage in its own folder, with the Node of this project. Then
 * starts the result as another user with a real Redis. It must become ready, pass its own health check, serve the portal
 * and the documentation, and exit with 0 on SIGTERM. Takes one to two minutes.
 */
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { buildContext } from './context.ts';
import { expectServes, start } from './serves.ts';

const root = join(import.meta.dirname, '../..');
const path = `${dirname(process.execPath)}:${process.env['PATH']}`;

/** The state of one stage: its files, working directory, environment and commands. */
interface Stage {
  root: string;
  workdir: string;
  env: Record<string, string>;
  command: string[];
  healthcheck: string[];
}

/** The instructions of the Dockerfile, with continued lines joined. */
const instructions = (text: string): [string, string][] =>
  text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]);

/** Copies the build context. */
async function copyContext(to: string): Promise<void> {
  const { included, isExcluded } = await buildContext();
  for (const name of included)
    await cp(join(root, name), join(to, name), {
      recursive: true,
      filter: (file) => !isExcluded(relative(root, file)),
    });
}

async function copy(stage: Stage, argument: string, stages: Map<string, Stage>, context: string): Promise<void> {
  const words = argument.split(/\s+/);
  const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1];
  const files = words.filter((word) => !word.startsWith('--'));
  const to = files.pop() ?? '';
  const from = option('from') === undefined ? context : (stages.get(option('from') ?? '')?.root ?? '');
  const target = to.startsWith('/') ? join(stage.root, to) : join(stage.root, stage.workdir, to);
  for (const file of files) {
    const into = to.endsWith('/') ? join(target, basename(file)) : target;
    await mkdir(dirname(into), { recursive: true });
    await cp(join(from, file), into, { recursive: true });
    if (option('chmod') !== undefined) await chmod(into, Number.parseInt(option('chmod') ?? '', 8));
  }
}

/** Runs all instructions of the Dockerfile and returns its last stage. */
async function build(directory: string): Promise<Stage> {
  const context = join(directory, 'context');
  await copyContext(context);
  const stages = new Map<string, Stage>();
  let stage: Stage = { root: '', workdir: '/', env: {}, command: [], healthcheck: [] };
  for (const [instruction, argument] of instructions(await readFile(join(root, 'Dockerfile'), 'utf8'))) {
    const [, name = 'last'] = / AS (\S+)$/.exec(argument) ?? [];
    const cwd = join(stage.root, stage.workdir);
    if (instruction === 'FROM') {
      stage = { root: join(directory, name), workdir: '/', env: {}, command: [], healthcheck: [] };
      stages.set(name, stage);
    } else if (instruction === 'WORKDIR') {
      stage.workdir = argument;
      await mkdir(join(stage.root, argument), { recursive: true });
    } else if (instruction === 'ENV') Object.assign(stage.env, Object.fromEntries([argument.split('=')]));
    else if (instruction === 'COPY') await copy(stage, argument, stages, context);
    else if (instruction === 'RUN') {
      console.log(argument);
      execFileSync('/bin/sh', ['-c', argument], { cwd, env: { ...process.env, PATH: path }, stdio: 'inherit' });
    } else if (instruction === 'HEALTHCHECK')
      stage.healthcheck = JSON.parse(argument.slice(argument.indexOf('CMD') + 3));
    else if (instruction === 'CMD') stage.command = JSON.parse(argument);
    else if (!['USER', 'EXPOSE'].includes(instruction)) throw new Error(`${instruction} is not supported`);
  }
  return stage;
}

/** Runs the built program. @throws Error with its output if a check fails */
async function use({ root: files, workdir, env: settings, command, healthcheck }: Stage): Promise<void> {
  const redis = await startRedis();
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
  const env = { ...settings, PATH: path, PORT: port, HOST: '127.0.0.1', REDIS_URL: redis.url };
  const [program = '', ...args] = command;
  const server = start(program, args, { cwd: join(files, workdir), env, ...user });
  const [checker = '', ...how] = healthcheck;
  const isHealthy = async () => void execFileSync(checker, how, { env, ...user, cwd: '/' });
  try {
    await expectServes(url, server, isHealthy, () => server.process.kill('SIGTERM'));
  } finally {
    server.process.kill('SIGKILL');
    await redis.stop();
  }
}

const directory = await mkdtemp(join(tmpdir(), 'portico-image-'));
try {
  await chmod(directory, 0o755);
  await use(await build(directory));
  console.log('the image would run');
} finally {
  await rm(directory, { recursive: true, force: true });
}
