/**
 * Checks the deployment files with the tools of their users: hadolint for the Dockerfile, compose-go for compose.yaml, the
 * schemas of Kubernetes for the manifests, systemd for its unit, and HAProxy for its configuration. The tools are installed into
 * node_modules/.cache; systemd and HAProxy are those of the system.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemBinary } from '../../tests/support/system-binary.ts';
import { goTool } from '../go-tools/tool.ts';
import { pythonTools } from '../python-tools.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const kubernetesVersion = '1.34';

/** Verifies the unit with the current Node in place of /usr/bin/node, which may not exist here. */
async function verifyUnit(): Promise<void> {
  const systemd = systemBinary(['systemd-analyze'], { debian: 'systemd', brew: 'systemd' });
  const directory = await mkdtemp(join(tmpdir(), 'portico-unit-'));
  try {
    const unit = join(directory, 'portico.service');
    const text = await readFile(join(root, 'deploy/systemd/portico.service'), 'utf8');
    await writeFile(unit, text.replace('/usr/bin/node', process.execPath));
    const { stdout, stderr } = await run(systemd, ['verify', '--man=no', unit]);
    const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('portico.service'));
    if (about.length > 0) throw new Error(about.join('\n'));
    // 0 is the best exposure level; above 2 the unit has lost a sandbox setting.
    await run(systemd, ['security', '--offline=true', '--threshold=20', unit]);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function validateManifests(tool: (name: string) => string): Promise<void> {
  const directory = join(root, 'deploy/kubernetes');
  // Kustomize's own file is not a manifest.
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  const files = names.map((name) => join(directory, name));
  await run(tool('kubernetes-validate'), ['--strict', '--kubernetes-version', kubernetesVersion, ...files]);
}

/** Checks the configuration without the certificate, which exists nowhere yet. */
async function checkProxy(): Promise<void> {
  const haproxy = systemBinary(['haproxy'], { debian: 'haproxy', brew: 'haproxy' });
  const directory = await mkdtemp(join(tmpdir(), 'portico-haproxy-'));
  try {
    const file = join(directory, 'haproxy.cfg');
    const text = await readFile(join(root, 'deploy/haproxy/haproxy.cfg'), 'utf8');
    await writeFile(file, text.replace(/ ssl crt \S+/, ''));
    await run(haproxy, ['-c', '-q', '-dW', '-f', file]);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Each check fails with the output of its tool. */
const checks: Record<string, (tool: (name: string) => string) => Promise<unknown>> = {
  'Dockerfile: hadolint': (tool) => run(tool('hadolint'), ['--failure-threshold', 'style', join(root, 'Dockerfile')]),
  'compose.yaml: compose-go': async () =>
    run(await goTool('github.com/compose-spec/compose-go/v2/cmd'), ['compose.yaml'], { cwd: root }),
  [`deploy/kubernetes: the schemas of Kubernetes ${kubernetesVersion}`]: validateManifests,
  'deploy/systemd: systemd-analyze verify, and security': verifyUnit,
  'deploy/haproxy: haproxy -c': checkProxy,
  'deploy/portico: sh -n': () => run('/bin/sh', ['-n', join(root, 'deploy/portico')]),
};

const tool = await pythonTools('deploy/requirements.txt', 'deploy-lint');
for (const [name, check] of Object.entries(checks)) {
  const problem = await check(tool).then(
    () => undefined,
    (error: { stdout?: string; stderr?: string; message: string }) =>
      [error.stdout, error.stderr].join('') || error.message,
  );
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name}`);
  if (problem === undefined) continue;
  console.error(problem);
  process.exitCode = 1;
}
