/** Finds each kind of breaking change of the real spec and requires its announcement; accepts every other change. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type JsonSchema, readSpec, type Spec } from '../../contract-tests/engine/spec.ts';
import { goTool } from '../../scripts/go-tools/tool.ts';
import { type BreakingChange, breakingChanges, type SpecFile, unannounced } from '../../scripts/spec/changes.ts';
import { releasedContract, releasedFile, releasedText } from '../../scripts/spec/released-contract.ts';

/** The operations that the changes below are about, and those that share a schema with them. */
const changed = [
  'apis.createApi',
  'auditLogs.listEntries',
  'keys.verifyKey',
  'keys.verifyKeys',
  'portal.createConfiguration',
  'portal.createSession',
  'portal.endSession',
  'portal.exchangeSession',
  'portal.getSession',
  'portal.getVerifications',
  'portal.listSessions',
  'portal.updateKey',
];

let directory: string;
/** The contract with these operations. */
let present: Spec;
/** The current contract in the stored form of a release. */
let released: SpecFile;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-released-'));
  present = await readSpec();
  // Comparing takes as long as the operations are many.
  const names = new Set(changed);
  for (const [path, methods] of Object.entries(present.paths))
    if (!Object.values(methods).some(({ operationId }) => names.has(operationId))) delete present.paths[path];
  const file = join(directory, 'released.json');
  await writeFile(file, releasedText(releasedContract(present)));
  released = { file, spec: JSON.parse(await readFile(file, 'utf8')) };
  // Build the tool first, so that no test includes the time of its build.
  await goTool('github.com/oasdiff/oasdiff');
}, 300_000);
afterAll(() => rm(directory, { recursive: true }));

/** The breaking changes that an edit of the spec causes. */
async function brokenBy(change: (spec: Spec) => void): Promise<BreakingChange[]> {
  const spec = structuredClone(present);
  change(spec);
  const file = join(directory, 'openapi.json');
  await writeFile(file, JSON.stringify(spec));
  return breakingChanges(released, { file, spec });
}

/** The one operation at a path. */
const at = (spec: Spec, operationId: string) => {
  const operation = spec.paths[`/v2/${operationId}`]?.['post'];
  if (operation === undefined) throw new Error(`no ${operationId}`);
  return operation;
};
const response = (spec: Spec, operationId: string, status: string) => at(spec, operationId).responses[status] ?? {};
const schema = (spec: Spec, name: string) =>
  spec.components.schemas[name] as JsonSchema & {
    required: string[];
    properties: Record<string, JsonSchema>;
    enum: string[];
  };
const field = (spec: Spec, name: string, property: string) => schema(spec, name).properties[property] ?? {};

const breaking: [string, string, (spec: Spec) => void][] = [
  ['an operation is removed', 'portal.endSession', (spec) => delete spec.paths['/v2/portal.endSession']],
  [
    'an operation has another id',
    'portal.createSession',
    (spec) => Object.assign(at(spec, 'portal.createSession'), { operationId: 'portal.other' }),
  ],
  [
    'a response field is removed',
    'keys.verifyKey',
    (spec) => delete schema(spec, 'Verification').properties['externalId'],
  ],
  [
    'a response field becomes optional',
    'keys.verifyKey',
    (spec) => Object.assign(schema(spec, 'Verification'), { required: ['valid'] }),
  ],
  [
    'a response field becomes nullable',
    'keys.verifyKey',
    (spec) => Object.assign(schema(spec, 'Verification').properties['valid'] ?? {}, { type: ['boolean', 'null'] }),
  ],
  [
    'a request field becomes required',
    'keys.verifyKey',
    (spec) => schema(spec, 'VerifyKeyRequest').required.push('apiId'),
  ],
  [
    'a new request field is required',
    'keys.verifyKey',
    (spec) => {
      schema(spec, 'VerifyKeyRequest').properties['why'] = { type: 'string' };
      schema(spec, 'VerifyKeyRequest').required.push('why');
    },
  ],
  [
    'a request field is removed',
    'portal.createSession',
    (spec) => delete schema(spec, 'CreateSessionRequest').properties['preview'],
  ],
  [
    'a default changes',
    'portal.createSession',
    (spec) => Object.assign(schema(spec, 'CreateSessionRequest').properties['preview'] ?? {}, { default: true }),
  ],
  [
    'a request field accepts fewer values',
    'keys.verifyKey',
    (spec) => Object.assign(schema(spec, 'VerifyKeyRequest').properties['key'] ?? {}, { enum: ['a'] }),
  ],
  [
    'a type changes',
    'portal.getVerifications',
    (spec) => Object.assign(field(spec, 'VerificationCounts', 'total'), { type: 'string' }),
  ],
  [
    'a request field no longer accepts null',
    'portal.updateKey',
    (spec) => Object.assign(schema(spec, 'UpdateKeyRequest').properties['name'] ?? {}, { type: 'string' }),
  ],
  [
    'a request list accepts fewer items',
    'portal.createSession',
    (spec) => Object.assign(field(spec, 'CreateSessionRequest', 'permissions'), { maxItems: 5 }),
  ],
  [
    'a request text must be shorter',
    'portal.listSessions',
    (spec) => Object.assign(field(spec, 'ListSessionsRequest', 'externalId'), { maxLength: 10 }),
  ],
  [
    'a pattern changes',
    'portal.createConfiguration',
    (spec) => Object.assign(field(spec, 'CreateConfigurationRequest', 'slug'), { pattern: '^[a-z]+$' }),
  ],
  [
    'a value of a closed enum is removed',
    'auditLogs.listEntries',
    (spec) => schema(spec, 'KnownAuditAction').enum.splice(0, 1),
  ],
  [
    'a body becomes required',
    'portal.getSession',
    (spec) => Object.assign(at(spec, 'portal.getSession').requestBody ?? {}, { required: true }),
  ],
  [
    'a request header is removed',
    'apis.createApi',
    (spec) => Object.assign(at(spec, 'apis.createApi'), { parameters: [] }),
  ],
  [
    'an error of an operation is removed',
    'portal.createSession',
    (spec) =>
      delete response(spec, 'portal.createSession', '403').content?.['application/json']?.examples?.['portalDisabled'],
  ],
  [
    'a status of an operation is removed',
    'portal.createSession',
    (spec) => delete at(spec, 'portal.createSession').responses['409'],
  ],
  [
    'an error is removed',
    'user/bad_request/route_not_found',
    (spec) => delete spec.components.examples['user.bad_request.route_not_found'],
  ],
  [
    'an error has another status',
    'unkey/authorization/forbidden',
    (spec) =>
      Object.assign(spec.components.examples['unkey.authorization.forbidden']?.value.error ?? {}, { status: 409 }),
  ],
  [
    'an operation requires another credential',
    'portal.createSession',
    (spec) => Object.assign(at(spec, 'portal.createSession'), { security: [{ portalSessionBearer: [] }] }),
  ],
  [
    'an operation no longer accepts a credential',
    'portal.getSession',
    (spec) => Object.assign(at(spec, 'portal.getSession'), { security: [{ portalSessionBearer: [] }] }),
  ],
  [
    'an operation starts to require a credential',
    'portal.exchangeSession',
    (spec) => Object.assign(at(spec, 'portal.exchangeSession'), { security: [{ rootKey: [] }] }),
  ],
  [
    'the cookie has another name',
    'portalSessionCookie',
    (spec) =>
      Object.assign(
        (spec.components as unknown as { securitySchemes: Record<string, object> }).securitySchemes[
          'portalSessionCookie'
        ] ?? {},
        { name: 'other' },
      ),
  ],
  [
    'an operation needs another permission',
    'portal.createSession',
    (spec) => Object.assign(at(spec, 'portal.createSession'), { 'x-permission': 'portal.*.other' }),
  ],
  [
    'an operation is no longer repeatable',
    'portal.getSession',
    (spec) => delete at(spec, 'portal.getSession')['x-repeatable'],
  ],
  [
    'a response header is removed',
    'portal.exchangeSession',
    (spec) => delete response(spec, 'portal.exchangeSession', '200').headers?.['Set-Cookie'],
  ],
  [
    'a response header changes',
    'portal.createSession',
    (spec) =>
      Object.assign(spec.components.headers['WWWAuthenticate'] ?? {}, { schema: { type: 'string', const: 'Basic' } }),
  ],
  [
    'a header of every response changes',
    'Cache-Control',
    (spec) => Object.assign(spec['x-response-headers']['Cache-Control'] ?? {}, { schema: { const: 'private' } }),
  ],
  [
    'a header of every response is removed',
    'Cache-Control',
    (spec) => delete spec['x-response-headers']['Cache-Control'],
  ],
  [
    'a media type is removed',
    'portal.getVerifications',
    (spec) => delete response(spec, 'portal.getVerifications', '200').content?.['text/csv'],
  ],
];

describe('finds a breaking change and its place:', () => {
  test.each(breaking)('%s', async (_, place, change) => {
    const changes = await brokenBy(change);
    expect(changes.map((found) => found.place)).toContain(place);
    // The announcement counts only in the right section.
    const named = [...new Set(changes.map((found) => `- \`${found.place}\``))].join('\n');
    expect(unannounced(changes, `# Changelog\n\n## Unreleased\n\n### Breaking\n\n${named}\n\n### Added\n`)).toEqual([]);
    for (const elsewhere of [
      `## Unreleased\n\n### Added\n\n${named}\n`,
      `## Unreleased\n\n### Breaking\n\n- \`another.operation\`\n\n### Added\n\n${named}\n`,
      `## Unreleased\n\n## 0.1.0\n\n### Breaking\n\n${named}\n`,
    ])
      expect(unannounced(changes, elsewhere)).toEqual(changes);
  });
});

const harmless: [string, (spec: Spec) => void][] = [
  ['no change', () => {}],
  [
    'a new operation',
    (spec) =>
      Object.assign(spec.paths, { '/v2/x.y': { post: { ...at(spec, 'portal.endSession'), operationId: 'x.y' } } }),
  ],
  [
    'a new response field',
    (spec) => Object.assign(schema(spec, 'Verification').properties, { fresh: { type: 'string' } }),
  ],
  [
    'a new optional request field',
    (spec) => Object.assign(schema(spec, 'VerifyKeyRequest').properties, { fresh: { type: 'string' } }),
  ],
  ['a response field becomes required', (spec) => schema(spec, 'Verification').required.push('keyId')],
  [
    'a new value of an open enum',
    (spec) => (field(spec, 'Verification', 'code')['x-extensible-enum'] as string[]).push('NEW'),
  ],
  ['a new value of a closed enum', (spec) => schema(spec, 'KnownAuditAction').enum.push('api.update')],
  [
    'a new status',
    (spec) =>
      Object.assign(at(spec, 'portal.createSession').responses, {
        '451': response(spec, 'portal.createSession', '503'),
      }),
  ],
  [
    'a new error of an operation',
    (spec) =>
      Object.assign(response(spec, 'portal.createSession', '404').content?.['application/json']?.examples ?? {}, {
        apiNotFound: { $ref: '#/components/examples/unkey.data.api_not_found' },
      }),
  ],
  [
    'a new response header',
    (spec) =>
      Object.assign(response(spec, 'portal.createSession', '200'), {
        headers: { Age: { schema: { type: 'integer' } } },
      }),
  ],
  [
    'a request field accepts more',
    (spec) => Object.assign(schema(spec, 'VerifyKeyRequest').properties['key'] ?? {}, { maxLength: 1024 }),
  ],
  [
    'a schema has another name',
    (spec) => {
      const renamed = JSON.stringify(spec.components.schemas).replaceAll('/Verification"', '/Verdict"');
      const { Verification, ...others } = JSON.parse(renamed);
      spec.components.schemas = { ...others, Verdict: Verification };
    },
  ],
  [
    'prose changes',
    (spec) => {
      at(spec, 'keys.verifyKey').description = 'Otherwise.';
      Object.assign(field(spec, 'VerificationCounts', 'total'), { description: 'A count.', examples: [3] });
      Object.assign(spec['x-response-headers']['Cache-Control'] ?? {}, { description: 'Otherwise.' });
    },
  ],
];

describe('accepts', () => {
  test.each(harmless)('%s', async (_, change) => {
    expect(await brokenBy(change)).toEqual([]);
  });
});

test('the released contract is stored in its compact form, with its version', async () => {
  const text = await readFile(releasedFile, 'utf8');
  const contract = JSON.parse(text) as Spec & { info: unknown };
  expect(text).toBe(releasedText(releasedContract(contract)));
  expect(contract.info).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
});
