/** Imports point down only: main → app → http, docs → operations → domain → store, outbound. Everyone may read generated/. */
const rooms = ['store', 'outbound', 'domain', 'operations', 'http'];

/** Tests, and what they share, may start the whole thing. */
const tests = '(\\.test\\.ts|^src/(portal|observe)/(testing|axe)\\.ts)$';

const upward = rooms.map((room, i) => ({
  name: `${room}-imports-down`,
  comment: `src/${room} is below ${['app', 'main', 'cli', ...rooms.slice(i + 1)].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: `^src/(app\\.ts|main\\.ts|cli/|portal/${rooms
      .slice(i + 1)
      .map((above) => `|${above}/`)
      .join('')})`,
  },
}));

const only = (name, comment, from, library) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: [from, tests] },
  to: { path: library },
});

export default {
  forbidden: [
    ...upward,
    {
      name: 'generated-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^generated/' },
      to: { path: '^(src|scripts|contract-tests|clients)/' },
    },
    {
      name: 'the-package-stands-alone',
      comment: 'what is published is made from the contract, and knows nothing of the server',
      severity: 'error',
      from: { path: '^clients/typescript/src/' },
      to: { path: '^(src|scripts|contract-tests)/|node_modules/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'portal-knows-the-client-alone',
      comment: 'the browser app knows the server through the generated client',
      severity: 'error',
      from: { path: '^src/portal/' },
      to: { path: '^src/', pathNot: '^src/(portal|swagger-ui)/' },
    },
    {
      name: 'swagger-ui-is-shared',
      comment: 'both the portal and the documentation show documents with it, so it knows neither',
      severity: 'error',
      from: { path: '^src/swagger-ui/' },
      to: { path: '^(src|generated|scripts|contract-tests)/', pathNot: '^src/swagger-ui/' },
    },
    {
      name: 'docs-knows-facts-alone',
      comment: 'what is documented is handed in, so that pages can be made of any facts',
      severity: 'error',
      from: { path: '^src/docs/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(src|generated)/', pathNot: '^src/(docs/|swagger-ui/|root\\.ts)' },
    },
    {
      name: 'docs-are-built-before',
      comment: 'the server sends what was built; making pages takes packages that it does not have when it runs',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/docs/' },
      to: { path: '^src/docs/' },
    },
    {
      name: 'contract-tests-are-black-box',
      comment: 'a suite that is pointed at any server must not know ours',
      severity: 'error',
      from: { path: '^contract-tests/' },
      to: { path: '^src/' },
    },
    {
      name: 'src-runs-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: '^(scripts|contract-tests)/' },
    },
    only(
      'validator-behind-one-door',
      'http/validate alone knows the validator',
      '^src/http/validate\\.ts$',
      'express-openapi-validator',
    ),
    only('redis-behind-one-door', 'only the store talks to Redis', '^src/store/', '(^|/)node_modules/(redis|@redis)/'),
    only(
      'crypto-behind-one-door',
      'credentials are made and hashed in one place',
      '^src/domain/credentials\\.ts$',
      '^((node:)?crypto|node_modules/nanoid/)',
    ),
    {
      name: 'outbound-knows-no-store',
      comment: 'what other servers are asked has nothing to do with what we keep',
      severity: 'error',
      from: { path: '^src/outbound/' },
      to: { path: '^src/store/' },
    },
    only(
      'requests-behind-one-door',
      'only src/outbound asks other servers, and looks up where they are',
      '^src/outbound/',
      '^(node:)?(https|dns)(/|$)',
    ),
    only(
      'observation-is-optional',
      'who watches is loaded where it is asked for, so nobody else may load it',
      '^src/observe/',
      'node_modules/(prom-client|@opentelemetry)/',
    ),
    {
      name: 'nobody-knows-who-watches',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(observe/|main\\.ts$)', tests] },
      to: { path: '^src/observe/' },
    },
    only('express-behind-http', 'HTTP stays in its room', '^src/(http/|app\\.ts$)', 'node_modules/express/'),
    { name: 'no-circles', severity: 'error', from: { pathNot: '^generated/client/' }, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
