/** The link of a session: the portal that it leads to, and where its user may return. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createPortal, deletePortal } from '../../src/server/domain/portals/portals.ts';
import { createSession, exchangeSession, sessionOfLink } from '../../src/server/domain/sessions/sessions.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const { store, stop } = await openStore();
afterAll(stop);

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace(store);
});

test('sessionOfLink finds the session and its portal before and after exchangeSession, and does not use up the id', async () => {
  const { workspaceId, rootKey } = await newWorkspace(store);
  const embeddingOrigins = ['https://app.acme.example'];
  const portal = await createPortal(store, workspaceId, { slug: 'linked', embeddingOrigins }, commandLine);
  const request = { slug: 'linked', externalId: 'user_123', permissions: ['api.*.read_key'], preview: false };
  const { sessionId } = await createSession(store, rootKey, request, {});
  const grant = { ...request, createdAt: expect.any(Number) };

  const other = `${sessionId.slice(0, -4)}0000`;
  expect(await sessionOfLink(store, other)).toBeUndefined();
  for (const _ of [1, 2, 3]) expect(await sessionOfLink(store, sessionId)).toEqual({ portal, grant, isUsed: false });
  await exchangeSession(store, sessionId, {});
  expect(await sessionOfLink(store, sessionId)).toEqual({ portal, grant, isUsed: true });

  for (const unknown of ['', 'pst_', sessionId.slice(0, -1), `${sessionId.slice(0, -1)}!`, `ps_${sessionId.slice(4)}`])
    expect(await sessionOfLink(store, unknown)).toBeUndefined();
  await deletePortal(store, workspaceId, 'linked', commandLine);
  expect(await sessionOfLink(store, sessionId)).toBeUndefined();
});

describe('the return URL of a session', () => {
  const returnUrl = 'https://app.acme.example:8443/home';
  const allowedReturnOrigins = ['https://b.example', 'https://c.example'];
  const create = (own: string, url: string) => {
    const request = { slug: own, externalId: 'user', permissions: [], preview: false, returnUrl: url };
    return createSession(store, workspace.rootKey, request, {});
  };
  const refused = { failures: [{ location: 'body.returnUrl' }] };

  test.each([
    ['https://app.acme.example:8443/other?a=b', true],
    ['https://app.acme.example:8443', true],
    ['https://b.example/x', true],
    ['https://c.example', true],
    ['https://app.acme.example/home', false],
    ['https://app.acme.example:844', false],
    ['https://app.acme.example:84431', false],
    ['https://b.example:444/x', false],
    ['https://d.example', false],
    ['not a URL', false],
    // Readers take these for different origins, or the browser for another one than the eye.
    ['https://app.acme.example:8443\\@d.example/', false],
    ['https://d.example\\@app.acme.example:8443/', false],
    ['https://b.example\\@d.example/', false],
    ['https://b.example@d.example/', false],
    ['https://b.example%2f@d.example/', false],
    ['https:\\\\b.example/', false],
    ['https:b.example/', false],
    ['//b.example/', false],
    ['https://b.example\t/', false],
    ['https://b.example./', false],
  ])('%s is allowed: %s', async (url, isAllowed) => {
    const own = await workspace.newPortal({ returnUrl, allowedReturnOrigins });
    const [created] = await Promise.allSettled([create(own, url)]);
    expect(created).toMatchObject(
      isAllowed ? { value: { sessionId: expect.any(String) } } : { status: 'rejected', reason: refused },
    );
  });

  test.each(['https://a.example', 'https://a.example/', 'https://a.example?x', 'https://a.example#x'])(
    'the own return URL %s allows its origin and no longer host',
    async (own) => {
      const portal = await workspace.newPortal({ returnUrl: own });
      await create(portal, 'https://a.example/x');
      await expect(create(portal, 'https://a.example.evil.example')).rejects.toMatchObject(refused);
      await expect(create(await workspace.newPortal(), own)).rejects.toMatchObject(refused);
    },
  );

  test.each(['https://a.example.evil.example', 'https://a.examples', 'https://a.example:1'])(
    'the own return URL %s does not allow an origin that is its beginning',
    async (own) => {
      const portal = await workspace.newPortal({ returnUrl: own });
      await expect(create(portal, 'https://a.example')).rejects.toMatchObject(refused);
    },
  );
});
