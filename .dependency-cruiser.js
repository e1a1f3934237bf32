/**
 * The rooms of the project and what each may import. Every folder of ours is in a room, every room has a row, and imports
 * that are not in the row fail `npm run lint`. docs/architecture.md draws the same picture.
 */

const server = 'src/server';
/** Rooms below src/server, from the top down: a room may import those that its row names. */
const shared = [`${server}/problem`, `${server}/redact`, `${server}/package`, `${server}/listen`, 'generated'];
const sessions = `${server}/domain/sessions`;
const portals = `${server}/domain/portals`;
const policies = `${server}/domain/policies`;
const identities = `${server}/domain/identities`;
const workspaces = `${server}/domain/workspaces`;
const keys = `${server}/domain/keys`;
/** The look of a portal, which the server writes and the documentation shows. */
const theme = 'src/ui/theme';
/** Files that stand directly in domain/, such as credentials and permissions. */
const domainFiles = `${server}/domain/[^/]+$`;
/** Files that stand directly in http/: what operations and pages share. */
const httpFiles = `${server}/http/[^/]+$`;

const rooms = {
  [`${server}/(main|start|run)`]: [
    ...[
      `${server}/(start|run)`,
      `${server}/app`,
      `${server}/config`,
      `${server}/http/process`,
      `${server}/observe`,
      `${server}/store`,
      workspaces,
      identities,
      `${server}/domain/usage`,
    ],
    ...shared,
  ],
  [`${server}/app`]: [
    ...[`${server}/config`, `${server}/http`, `${server}/domain`, `${server}/outbound`, `${server}/store`, ...shared],
  ],
  [`${server}/cli`]: [
    ...[`${server}/config`, `${server}/domain`, `${server}/store`, 'clients/typescript/src'],
    ...shared,
  ],
  [`${server}/observe`]: [`${server}/config`, domainFiles, `${server}/store`, ...shared],
  [`${server}/config`]: [`${server}/store`],
  [`${server}/http/api`]: [`${server}/operations`, `${server}/domain`, httpFiles, `${server}/store`, ...shared],
  [`${server}/http/pages`]: [`${server}/config`, `${server}/domain`, httpFiles, `${server}/store`, theme, ...shared],
  [`${server}/http/process`]: [domainFiles, httpFiles, ...shared],
  [httpFiles]: [domainFiles, sessions, `${server}/store`, ...shared],
  [`${server}/operations`]: [`${server}/domain`, `${server}/store`, ...shared],
  [`${server}/domain/usage`]: [
    `${server}/domain/keys`,
    policies,
    sessions,
    workspaces,
    domainFiles,
    `${server}/store`,
    ...shared,
  ],
  [`${server}/domain/keys`]: [sessions, policies, workspaces, domainFiles, `${server}/store`, ...shared],
  [sessions]: [workspaces, domainFiles, `${server}/store`, ...shared],
  [`${server}/domain/documents`]: [portals, policies, domainFiles, `${server}/outbound`, `${server}/store`, ...shared],
  [portals]: [policies, workspaces, domainFiles, `${server}/store`, theme, ...shared],
  [identities]: [policies, workspaces, domainFiles, `${server}/store`, ...shared],
  [`${server}/domain/restores`]: [identities, keys, portals, workspaces, domainFiles, `${server}/store`, ...shared],
  [policies]: [domainFiles, `${server}/store`, ...shared],
  [workspaces]: [domainFiles, `${server}/store`, ...shared],
  [domainFiles]: [`${server}/store`, ...shared],
  [`${server}/store`]: [`${server}/problem`, 'generated'],
  [`${server}/outbound`]: shared,
  [`${server}/problem`]: ['generated'],
  [`${server}/redact`]: [],
  [`${server}/listen`]: [],
  [`${server}/package`]: [],
  'src/portal': ['src/ui', 'clients/typescript/src', 'generated'],
  'src/docs': ['src/ui'],
  'src/ui': [],
  generated: [],
  'clients/typescript/src': ['generated'],
  'contract-tests': [],
  tests: ['src', 'generated', 'contract-tests', 'scripts', 'clients/typescript'],
  scripts: ['src', 'generated', 'contract-tests', 'tests/support', 'clients/typescript'],
};

const names = Object.keys(rooms);
/** Tests may start anything of ours; what they may not import, their runner tells. */
const test = '\\.test\\.ts$';
const ours = '^(src|generated|contract-tests|tests|scripts|clients|deploy)/';

/** The room of a row, without the rooms that stand deeper in it. */
const roomOf = (name) => ({
  path: `^${name}`,
  pathNot: [
    test,
    ...names.filter((other) => other !== name && other.startsWith(`${name}/`)).map((other) => `^${other}`),
  ],
});

const rowRules = Object.entries(rooms).map(([name, allowed]) => ({
  name: `room ${name}`,
  comment: allowed.length === 0 ? 'imports nothing of ours' : `imports only ${allowed.join(', ')}`,
  severity: 'error',
  from: roomOf(name),
  to: { path: ours, pathNot: [name, ...allowed].map((room) => `^${room}`) },
}));

/** A library, or a part of Node, that one room alone may use. */
const only = (name, comment, home, library) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: [home, test] },
  to: { path: library },
});

export default {
  forbidden: [
    ...rowRules,
    {
      name: 'every-file-has-a-room',
      comment: 'a folder without a row above has no rule: give it one',
      severity: 'error',
      from: { path: ours, pathNot: [test, ...names.map((name) => `^${name}`)] },
      to: {},
    },
    {
      name: 'the-package-stands-alone',
      comment: 'the published client has no dependency',
      severity: 'error',
      from: { path: '^clients/typescript/src/' },
      to: { path: 'node_modules/', dependencyTypesNot: ['type-only'] },
    },
    only(
      'validator',
      'http/api/validate alone knows the validator',
      '^src/server/http/api/validate\\.ts$',
      'express-openapi-validator',
    ),
    only('redis', 'only the store talks to Redis', '^src/server/store/', '(^|/)node_modules/(redis|@redis)/'),
    only(
      'crypto',
      'credentials are made and hashed in one place; the settings parse certificates, a hash places users, and new users get ids',
      '^src/server/(domain/credentials|config/redis|store/partitions|store/identities)\\.ts$',
      '^((node:)?crypto|node_modules/nanoid/)',
    ),
    only('requests', 'only outbound calls other servers', '^src/server/outbound/', '^(node:)?(https|dns)(/|$)'),
    only(
      'metrics and traces',
      'their libraries are loaded only where they are switched on',
      '^src/server/observe/',
      'node_modules/(prom-client|@opentelemetry)/',
    ),
    only('express', 'HTTP stays in its room', '^src/server/(http/|app\\.ts$)', 'node_modules/express/'),
    { name: 'no-cycles', severity: 'error', from: { pathNot: '^generated/client/' }, to: { circular: true } },
    {
      name: 'no-cycles-between-folders',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(src|contract-tests|tests|scripts)/' },
      to: { circular: true, path: '^(src|contract-tests|tests|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
