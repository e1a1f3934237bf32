/** The security and caching headers of the portal pages. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CreateConfigurationRequest, CreateSessionRequest } from '../../generated/client/types.gen.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';

let redis: LocalRedis;
let server: LocalServer;
let secure: LocalServer;
let rootKey: string;

beforeAll(async () => {
  redis = await startRedis();
  const env = { PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url };
  server = await startPatientServer(env);
  secure = await startPatientServer({ ...env, PORTAL_BASE_URL: 'https://portal.acme.example' });
  ({ rootKey } = await operate<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme'));
  await create({ slug: 'plain' });
  await create({ slug: 'framed', embeddingOrigins: ['https://app.acme.example', 'http://localhost:8080'] });
  const logoUrl = 'https://cdn.acme.example/logo.svg';
  const logoDarkUrl = 'https://cdn.acme.example:8443/dark.svg';
  await create({ slug: 'pictures', branding: { logoUrl, logoDarkUrl, faviconUrl: logoUrl } });
});

afterAll(async () => {
  await server?.stop();
  await secure?.stop();
  await redis?.stop();
});

async function call<Data>(operation: string, body: unknown): Promise<{ status: number; data: Data; headers: Headers }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${rootKey}` };
  const response = await fetch(`${server.url}/v2/${operation}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const envelope = (await response.json()) as { data: Data };
  return { status: response.status, data: envelope.data, headers: response.headers };
}

const create = (body: CreateConfigurationRequest) => call('portal.createConfiguration', body);

const sessionOf = async (slug: string, more: Partial<CreateSessionRequest> = {}) => {
  const body = { slug, externalId: 'user_123', permissions: ['api.*.read_key'], ...more };
  return (await call<{ sessionId: string }>('portal.createSession', body)).data.sessionId;
};

const page = (path: string, headers: Record<string, string> = {}, from = server) =>
  fetch(from.url + path, { headers: { accept: 'text/html', ...headers }, redirect: 'manual' });

/** Returns the page that a link opens, and the page of a tab after the exchange. */
async function pagesOf(
  slug: string,
  more: Partial<CreateSessionRequest> = {},
): Promise<Record<'enter' | 'app' | 'signedOut', Response>> {
  const sessionId = await sessionOf(slug, more);
  const enter = await page(`/?session=${sessionId}`);
  const { headers } = await call('portal.exchangeSession', { sessionId });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const app = await page('/keys', { cookie });
  const last = app.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { enter, app, signedOut: await page('/signed-out', { cookie: last }) };
}

/** Returns the content security policy as directives, without the value of the nonce. */
const policyOf = (response: Response) =>
  (response.headers.get('content-security-policy') ?? '').replace(/'nonce-[^']+'/, "'nonce'").split(';');

const basePolicy = (over: Record<string, string> = {}) =>
  Object.entries({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self' 'nonce'",
    'font-src': "'self'",
    'connect-src': "'self'",
    'img-src': "'self' data:",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
    ...over,
  }).map((directive) => directive.join(' '));

describe('the content security policy', () => {
  test('of a notice and of a tab allows only our own scripts, and no frame', async () => {
    expect(policyOf(await page('/'))).toEqual(basePolicy());
    expect(policyOf(await page('/signed-out'))).toEqual(basePolicy());
    expect(policyOf(await page('/nowhere'))).toEqual(basePolicy());
    expect(policyOf((await pagesOf('plain')).app)).toEqual(basePolicy());
  });

  test('of a link also allows the inline script that removes the id from the address bar, by its hash', async () => {
    const { enter } = await pagesOf('plain');
    const html = await enter.text();
    const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text);
    expect(inline).toHaveLength(1);
    const hash = createHash('sha256')
      .update(inline[0] ?? '')
      .digest('base64');
    expect(policyOf(enter)).toEqual(basePolicy({ 'script-src': `'self' 'sha256-${hash}'` }));
    // The script must come before everything that a browser fetches.
    expect(html.indexOf('<script>')).toBeLessThan(html.search(/<link|src=/));
  });

  test('allows styles by a nonce that differs in each response', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const response = await page('/');
      const [, nonce = ''] = /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy') ?? '') ?? [];
      expect(nonce.length).toBeGreaterThanOrEqual(22);
      expect(await response.text()).toContain(`<meta name="style-nonce" content="${nonce}">`);
      seen.add(nonce);
    }
    expect(seen.size).toBe(5);
  });

  test('lists each origin of the portal’s images once, and no others', async () => {
    const images = "'self' data: https://cdn.acme.example https://cdn.acme.example:8443";
    const { enter, app } = await pagesOf('pictures');
    for (const response of [enter, app]) expect(policyOf(response)).toContain(`img-src ${images}`);
  });

  test('lists the embedding origins, and only then omits X-Frame-Options, which cannot list them', async () => {
    const { enter, app } = await pagesOf('framed');
    for (const response of [enter, app]) {
      expect(policyOf(response)).toContain('frame-ancestors https://app.acme.example http://localhost:8080');
      expect(response.headers.get('x-frame-options')).toBeNull();
    }
    for (const response of [await page('/'), (await pagesOf('plain')).app, await page('/v2/liveness')]) {
      expect(response.headers.get('x-frame-options')).toBe('DENY');
    }
  });

  test('requires https if the portal URL is https', async () => {
    const response = await page('/', {}, secure);
    expect(policyOf(response)).toEqual([...basePolicy(), 'upgrade-insecure-requests']);
    expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
  });

  test.each([
    'https://a;script-src *;.example/logo.svg',
    'https://cdn.acme.example/;script-src *;/logo.svg',
    "https://cdn.acme.example/,default-src 'unsafe-inline'/logo.svg",
    "https://a;script-src'unsafe-inline'/logo.svg",
    'https://a,b.example/logo.svg',
    "https://'unsafe-inline'/logo.svg",
    'https://*/logo.svg',
    'https://*.example/logo.svg',
    'https://user;script-src:x@cdn.acme.example/logo.svg',
  ])('cannot be broken by an image URL, which the contract refuses: %s', async (logoUrl) => {
    expect((await create({ slug: 'never-made', branding: { logoUrl } })).status).toBe(400);
    expect((await create({ slug: 'never-made', branding: { faviconUrl: logoUrl } })).status).toBe(400);
  });

  test.each([
    'https://a;script-src *',
    'https://a,b',
    "https://'self'",
    'https://*',
    'https://*.acme.example',
    '*',
    'https:',
  ])('cannot be broken by an embedding origin: %s', async (origin) => {
    expect((await create({ slug: 'never-made', embeddingOrigins: [origin] })).status).toBe(400);
  });
});

describe('every page', () => {
  test('is not cached, sends no referrer, and is not indexed', async () => {
    const { enter, app } = await pagesOf('framed');
    for (const response of [enter, app, await page('/'), await page('/signed-out'), await page('/nowhere')]) {
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('vary')).toBe('Accept-Language');
      expect(await response.text()).toContain('<meta name="robots" content="noindex">');
    }
  });

  test('of a session with a locale has its language, also after its end; others have that of the browser', async () => {
    const languagesOf = async (locale?: string) => {
      const texts = Object.values(await pagesOf('plain', locale === undefined ? {} : { locale })).map((each) =>
        each.text(),
      );
      return (await Promise.all(texts)).map((text) => /<html lang="(.*?)" dir="ltr">/.exec(text)?.[1]);
    };
    expect(await languagesOf('es-MX')).toEqual(['es', 'es', 'es']);
    expect(await languagesOf('ko')).toEqual(['en', 'en', 'en']);
    expect(await languagesOf()).toEqual(['en', 'en', 'en']);
  });

  test.each(['</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' & <!-- {x} ]]>"])(
    'shows the name of a portal as text: %s',
    async (name) => {
      const slug = `p-${randomUUID().slice(0, 8)}`;
      expect((await create({ slug, name, returnUrl: "https://a.example/?a='&b=(alert)(1)" })).status).toBe(200);
      const { enter, app } = await pagesOf(slug);
      for (const response of [enter, app]) {
        const html = await response.text();
        expect(html).not.toContain(name);
        expect(html).not.toMatch(/<img|<script>alert/);
        const [, boot = ''] = /id="boot">([\s\S]*?)<\/script>/.exec(html) ?? [];
        expect(JSON.parse(boot).portal.name).toBe(name);
      }
    },
  );
});

describe('a client that is not a browser', () => {
  test.each(['/', '/keys', '/analytics', '/documentation'])('gets JSON at %s', async (path) => {
    const response = await fetch(server.url + path, { redirect: 'manual' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: 'https://unkey.com/docs/errors/unkey/authentication/portal_token_missing' },
    });
  });

  test.each(['/nowhere', '/v2/nowhere'])(
    'gets JSON for an unknown path, as every client does below /v2: %s',
    async (path) => {
      const accept = path.startsWith('/v2') ? 'text/html' : '*/*';
      const response = await fetch(server.url + path, { headers: { accept } });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { status: 404 } });
    },
  );
});
