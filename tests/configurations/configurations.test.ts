/** Portals and root keys under concurrency: one of two updates wins, no update is lost, and every process refuses a revoked key. */
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
  test('one of 40 concurrent updates of a version on two processes wins, and its change is stored', async () => {
    const slug = newSlug();
    await call('portal.createConfiguration', { slug });
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const body = { portal: slug, version: 1, name: `Name ${i}` };
        return call('portal.updateConfiguration', body, rootKey, i % 2 === 0 ? target.baseUrl : second.url);
      }),
    );
    const winners = responses.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(new Set(responses.filter(({ status }) => status !== 200).map(codeOf))).toEqual(
      new Set(['portal_config_version_conflict']),
    );
    const now = dataOf(await call('portal.getConfiguration', { portal: slug }));
    expect(now).toEqual(dataOf(winners[0] as ApiResponse));
    expect(now).toMatchObject({ version: 2 });
  });

  test('concurrent updates that retry after a conflict all succeed, and no change is lost', async () => {
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

test('one of 30 concurrent requests for a slug creates a portal', async () => {
  const slug = newSlug();
  const responses = await Promise.all(Array.from({ length: 30 }, () => call('portal.createConfiguration', { slug })));
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(responses.filter((response) => codeOf(response) === 'portal_config_already_exists')).toHaveLength(29);
});

test.each([
  ['portal.listConfigurations', 'portal.createConfiguration', 'portal.deleteConfiguration'],
  ['apis.listApis', 'apis.createApi', 'apis.deleteApi'],
])(
  '%s returns each record once while records are created and deleted',
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
    const existing: string[] = [];
    for (let i = 0; i < 9; i++) existing.unshift(await make());
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await call(list, { limit: 2, ...(cursor && { cursor }) }, key);
      const page = body as { data: Record<string, unknown>[]; pagination: { cursor?: string } };
      const ids = page.data.map(idOf);
      seen.push(...ids);
      cursor = page.pagination.cursor;
      // Create a record before the page, and delete the record that the cursor points at.
      await make();
      const last = String(ids.at(-1));
      const response = await call(remove, remove === 'apis.deleteApi' ? { apiId: last } : { portal: last }, key);
      expect(response.status).toBe(200);
    } while (cursor !== undefined);
    // Records of the same millisecond are in the order of their ids.
    expect([...seen].sort()).toEqual([...existing].sort());
  },
  30_000,
);

test('every process refuses a revoked root key on the next call', async () => {
  const own = ['--workspace', target.workspaceId];
  const made = await operate<{ rootKey: string; rootKeyId: string }>(target.redisEnv, 'root-key', 'create', ...own);
  for (const url of [target.baseUrl, second.url])
    expect((await call('apis.listApis', {}, made.rootKey, url)).status).toBe(200);
  await operate(target.redisEnv, 'root-key', 'revoke', ...own, '--root-key-id', made.rootKeyId);
  for (const url of [target.baseUrl, second.url])
    expect(codeOf(await call('apis.listApis', {}, made.rootKey, url))).toBe('key_not_found');
});
