/** What breaks a released contract is found and must be announced, and what does not is let through: with the real spec. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type JsonSchema, readSpec, type Spec } from '../../contract-tests/engine/spec.ts';
import { goTool } from '../../scripts/go-tools/tool.ts';
import { type BreakingChange, breakingChanges, type SpecFile, unannounced } from '../../scripts/spec/changes.ts';
import { releasedContract, releasedFile, releasedText } from '../../scripts/spec/released-contract.ts';

let directory: string;
let present: Spec;
/** Today's contract in the form that a release is stored in. */
let released: SpecFile;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-released-'));
  present = await readSpec();
  const file = join(directory, 'released.json');
  await writeFile(file, releasedText(releasedContract(present)));
  released = { file, spec: JSON.parse(await readFile(file, 'utf8')) };
  // Built before anything is timed.
  await goTool('github.com/oasdiff/oasdiff');
}, 300_000);
afterAll(() => rm(directory, { recursive: true }));

/** What the released spec loses by a change of it. */
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
const answer = (spec: Spec, operationId: string, status: string) => at(spec, operationId).responses[status] ?? {};
const schema = (spec: Spec, name: string) =>
  spec.components.schemas[name] as JsonSchema & {
    required: string[];
    properties: Record<string, JsonSchema>;
    enum: string[];
  };

const breaking: [string, string, (spec: Spec) => void][] = [
  ['an operation is gone', 'portal.endSession', (spec) => delete spec.paths['/v2/portal.endSession']],
  [
    'an operation is called otherwise',
    'portal.createSession',
    (spec) => Object.assign(at(spec, 'portal.createSession'), { operationId: 'portal.mint' }),
  ],
  [
    'a field of an answer is gone',
    'keys.verifyKey',
    (spec) => delete schema(spec, 'Verification').properties['externalId'],
  ],
  [
    'a field of an answer need not be there',
    'keys.verifyKey',
    (spec) => Object.assign(schema(spec, 'Verification'), { required: ['valid'] }),
  ],
  [
    'a field of an answer may be null',
    'keys.verifyKey',
    (spec) => Object.assign(schema(spec, 'Verification').properties['valid'] ?? {}, { type: ['boolean', 'null'] }),
  ],
  [
    'a field of a request must be there',
    'keys.verifyKey',
    (spec) => schema(spec, 'VerifyKeyRequest').required.push('apiId'),
  ],
  [
    'a new field of a request must be there',
    'keys.verifyKey',
    (spec) => {
      schema(spec, 'VerifyKeyRequest').properties['why'] = { type: 'string' };
      schema(spec, 'VerifyKeyRequest').required.push('why');
    },
  ],
  [
    'a field of a request is no longer taken',
    'portal.createSession',
    (spec) => delete schema(spec, 'CreateSessionRequest').properties['preview'],
  ],
  [
    'a default is another',
    'portal.createSession',
    (spec) => Object.assign(schema(spec, 'CreateSessionRequest').properties['preview'] ?? {}, { default: true }),
  ],
  [
    'fewer values are taken',
    'keys.verifyKey',
    (spec) => Object.assign(schema(spec, 'VerifyKeyRequest').properties['key'] ?? {}, { enum: ['a'] }),
  ],
  ['a type is another', 'portal.getVerifications', (spec) => Object.assign(schema(spec, 'Count'), { type: 'string' })],
  [
    'null is no longer taken',
    'portal.updateKey',
    (spec) => Object.assign(schema(spec, 'UpdateKeyRequest').properties['name'] ?? {}, { type: 'string' }),
  ],
  ['less is taken', 'portal.createSession', (spec) => Object.assign(schema(spec, 'Permissions'), { maxItems: 5 })],
  [
    'a text must be shorter',
    'portal.listSessions',
    (spec) => Object.assign(schema(spec, 'ExternalId'), { maxLength: 10 }),
  ],
  [
    'a pattern is another',
    'portal.createConfiguration',
    (spec) => Object.assign(schema(spec, 'PortalSlug'), { pattern: '^[a-z]+$' }),
  ],
  [
    'a body must be there',
    'portal.getSession',
    (spec) => Object.assign(at(spec, 'portal.getSession').requestBody ?? {}, { required: true }),
  ],
  [
    'a header is no longer taken',
    'apis.createApi',
    (spec) => Object.assign(at(spec, 'apis.createApi'), { parameters: [] }),
  ],
  [
    'an error of an operation is gone',
    'portal.createSession',
    (spec) =>
      delete answer(spec, 'portal.createSession', '403').content?.['application/json']?.examples?.['portalDisabled'],
  ],
  [
    'a status of an operation is gone',
    'portal.createSession',
    (spec) => delete at(spec, 'portal.createSession').responses['409'],
  ],
  [
    'an error is gone',
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
    'another credential is asked for',
    'portal.createSession',
    (spec) => Object.assign(at(spec, 'portal.createSession'), { security: [{ portalSessionBearer: [] }] }),
  ],
  [
    'a credential is no longer taken',
    'portal.getSession',
    (spec) => Object.assign(at(spec, 'portal.getSession'), { security: [{ portalSessionBearer: [] }] }),
  ],
  [
    'a credential is asked for where none was',
    'portal.exchangeSession',
    (spec) => Object.assign(at(spec, 'portal.exchangeSession'), { security: [{ rootKey: [] }] }),
  ],
  [
    'the cookie is called otherwise',
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
    'another permission is needed',
    'portal.createSession',
    (spec) => Object.assign(at(spec, 'portal.createSession'), { 'x-permission': 'portal.*.other' }),
  ],
  ['it can no longer be repeated', 'portal.getSession', (spec) => delete at(spec, 'portal.getSession')['x-repeatable']],
  [
    'a header of an answer is gone',
    'portal.exchangeSession',
    (spec) => delete answer(spec, 'portal.exchangeSession', '200').headers?.['Set-Cookie'],
  ],
  [
    'a header of an answer says something else',
    'portal.createSession',
    (spec) =>
      Object.assign(spec.components.headers['CacheControl'] ?? {}, { schema: { type: 'string', const: 'private' } }),
  ],
  [
    'a media type is gone',
    'portal.getVerifications',
    (spec) => delete answer(spec, 'portal.getVerifications', '200').content?.['text/csv'],
  ],
];

describe('what breaks is found, and where', () => {
  test.each(breaking)('%s', async (_, place, change) => {
    const changes = await brokenBy(change);
    expect(changes.map((found) => found.place)).toContain(place);
    // Announced in its place alone.
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
  ['nothing', () => {}],
  [
    'another operation',
    (spec) =>
      Object.assign(spec.paths, { '/v2/x.y': { post: { ...at(spec, 'portal.endSession'), operationId: 'x.y' } } }),
  ],
  [
    'another field of an answer',
    (spec) => Object.assign(schema(spec, 'Verification').properties, { fresh: { type: 'string' } }),
  ],
  [
    'another field of a request that need not be there',
    (spec) => Object.assign(schema(spec, 'VerifyKeyRequest').properties, { fresh: { type: 'string' } }),
  ],
  ['a field of an answer that is always there now', (spec) => schema(spec, 'Verification').required.push('keyId')],
  ['another value of an answer', (spec) => schema(spec, 'VerificationCode').enum.push('NEW')],
  [
    'another status',
    (spec) =>
      Object.assign(at(spec, 'portal.createSession').responses, { '451': answer(spec, 'portal.createSession', '503') }),
  ],
  [
    'another error of an operation',
    (spec) =>
      Object.assign(answer(spec, 'portal.createSession', '404').content?.['application/json']?.examples ?? {}, {
        apiNotFound: { $ref: '#/components/examples/unkey.data.api_not_found' },
      }),
  ],
  [
    'another header of an answer',
    (spec) =>
      Object.assign(answer(spec, 'portal.createSession', '200').headers ?? {}, {
        Age: { schema: { type: 'integer' } },
      }),
  ],
  [
    'more is taken',
    (spec) => Object.assign(schema(spec, 'VerifyKeyRequest').properties['key'] ?? {}, { maxLength: 1024 }),
  ],
  [
    'a schema is called otherwise',
    (spec) => {
      spec.components.schemas['Verdict'] = schema(spec, 'Verification');
      schema(spec, 'VerifyKeyResponse').properties['data'] = { $ref: '#/components/schemas/Verdict' };
      delete spec.components.schemas['Verification'];
    },
  ],
  [
    'what is said to people',
    (spec) => {
      at(spec, 'keys.verifyKey').description = 'Otherwise.';
      Object.assign(schema(spec, 'Count'), { description: 'A count.', examples: [3] });
      Object.assign(spec.components.headers['CacheControl'] ?? {}, { description: 'Otherwise.' });
    },
  ],
];

describe('what is harmless is let through', () => {
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
