/** Portals and root keys under concurrency: of two changes one wins and none is lost, and a revoked key is dead everywhere. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { startPatientServer } from '../support/server.ts';
import { sharedServerTarget } from '../support/server-target.ts';
import { operate } from '../support/shared/client.ts';

const target = await sharedServerTarget();
const second = await startPatientServer({ PORT: '0', HOST: '127.0.0.1', ...target.redisEnv });
afterAll(() => Promise.all([target.stop(), second.stop()]));
const { rootKey } = await target.arrange('portal');

const call = (operation: string, body: unknown, key = rootKey, baseUrl = target.baseUrl): Promise<ApiResponse> =>
  send(baseUrl, { method: 'post', path: `/v2/${operation}` }, { body, authorization: `Bearer ${key}` });
const codeOf = ({ body }: ApiResponse) => (body as { error?: { type: string } }).error?.type.split('/').at(-1);
const dataOf = ({ body }: ApiResponse) => (body as { data: Record<string, unknown> }).data;
const newSlug = () => `portal-${randomUUID()}`;

describe('updates', () => {
  test('of 40 from one version, over two processes, one wins, and its change stays', async () => {
    const slug = newSlug();
    await call('portal.createConfiguration', { slug });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const body = { portal: slug, version: 1, name: `Name ${i}` };
        return call('portal.updateConfiguration', body, rootKey, i % 2 === 0 ? target.baseUrl : second.url);
      }),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(codeOf))).toEqual(
      new Set(['portal_config_version_conflict']),
    );
    const now = dataOf(await call('portal.getConfiguration', { portal: slug }));
    expect(now).toEqual(dataOf(winners[0] as ApiResponse));
    expect(now).toMatchObject({ version: 2 });
  });

  test('that read again after a conflict all come through, and none undoes another', async () => {
    const slug = newSlug();
    await call('portal.createConfiguration', { slug });
    const append = async (origin: string): Promise<void> => {
      for (;;) {
        const { version, allowedReturnOrigins } = dataOf(await call('portal.getConfiguration', { portal: slug }));
        const changed = [...(allowedReturnOrigins as string[]), origin];
        const body = { portal: slug, version, allowedReturnOrigins: changed };
        if ((await call('portal.updateConfiguration', body)).status === 200) return;
      }
    };
    const origins = Array.from({ length: 8 }, (_, i) => `https://app-${i}.acme.example`);
    await Promise.all(origins.map(append));
    const { allowedReturnOrigins, version } = dataOf(await call('portal.getConfiguration', { portal: slug }));
    expect([...(allowedReturnOrigins as string[])].sort()).toEqual(origins);
    expect(version).toBe(9);
  });
});

test('of 30 portals made at once with one slug, one is made', async () => {
  const slug = newSlug();
  const answers = await Promise.all(Array.from({ length: 30 }, () => call('portal.createConfiguration', { slug })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => codeOf(answer) === 'portal_config_already_exists')).toHaveLength(29);
});

test.each([
  ['portal.listConfigurations', 'portal.createConfiguration', 'portal.deleteConfiguration'],
  ['apis.listApis', 'apis.createApi', 'apis.deleteApi'],
])(
  '%s neither repeats nor hides while records come and go',
  async (list, create, remove) => {
    const { rootKey: key } = await operate<{ rootKey: string }>(
      target.redisEnv,
      'workspace',
      'create',
      '--name',
      'Pages',
    );
    const idOf = (record: Record<string, unknown>) => String(record['portalId'] ?? record['apiId']);
    const make = async () =>
      idOf(dataOf(await call(create, create === 'apis.createApi' ? { name: 'x' } : { slug: newSlug() }, key)));
    const kept: string[] = [];
    for (let i = 0; i < 9; i++) kept.unshift(await make());
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await call(list, { limit: 2, ...(cursor && { cursor }) }, key);
      const page = body as { data: Record<string, unknown>[]; pagination: { cursor?: string } };
      const ids = page.data.map(idOf);
      seen.push(...ids);
      cursor = page.pagination.cursor;
      // One comes in front, and the very one that the cursor points at goes.
      await make();
      const last = String(ids.at(-1));
      const answer = await call(remove, remove === 'apis.deleteApi' ? { apiId: last } : { portal: last }, key);
      expect(answer.status).toBe(200);
    } while (cursor !== undefined);
    // Made within one millisecond, they are in the order of their ids.
    expect([...seen].sort()).toEqual([...kept].sort());
  },
  30_000,
);

test('a revoked root key is dead on every process with the next call', async () => {
  const own = ['--workspace', target.workspaceId];
  const made = await operate<{ rootKey: string; rootKeyId: string }>(target.redisEnv, 'root-key', 'create', ...own);
  for (const url of [target.baseUrl, second.url])
    expect((await call('apis.listApis', {}, made.rootKey, url)).status).toBe(200);
  await operate(target.redisEnv, 'root-key', 'revoke', ...own, '--root-key-id', made.rootKeyId);
  for (const url of [target.baseUrl, second.url])
    expect(codeOf(await call('apis.listApis', {}, made.rootKey, url))).toBe('key_not_found');
});
