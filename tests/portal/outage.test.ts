/** What users see while Redis is unavailable, or while one call fails. */
import { beforeAll, expect, test } from '@jest/globals';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession, enter, expectHeading, own } = portalWorld({
  isOwn: true,
  missesDeadlines: true,
});

beforeAll(() => createPortal({ slug: 'my-portal', name: 'Acme' }));

test('a user sees a notice while Redis is unavailable, and can retry; a link that is opened meanwhile stays valid', async () => {
  await enter();
  const { url } = await createSession();
  own().redis.process.kill('SIGSTOP');
  const response = await world.page.goto(`${world.base}/keys`);
  expect(response?.status()).toBe(503);
  expect(response?.headers()['retry-after']).toBe('1');
  await expectHeading('The portal is unavailable right now');
  // Redis may still run a command that the server sends before it has detected the failure. Its outcome is unknown.
  while (!own().server.log().includes('redis is unavailable')) await new Promise((resolve) => setTimeout(resolve, 50));
  await world.page.goto(url);
  await expectHeading('The portal is unavailable right now');
  own().redis.process.kill('SIGCONT');
  // The server must reconnect first.
  while (!(await fetch(`${world.base}/v2/readiness`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
  await world.page.getByRole('button', { name: 'Try again' }).click();
  await world.page.getByRole('navigation').waitFor();
});
