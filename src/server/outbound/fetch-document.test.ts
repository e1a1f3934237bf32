/** Every guard of the fetcher, with real servers on loopback that it may or may not call. */
import type { lookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { allowedAddresses, guardedLookup, isMetadataAddress, isPublicAddress } from './addresses.ts';
import { documentFetcher } from './fetch-document.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Starts a server on loopback that records its requests. */
async function serve(listener: RequestListener) {
  const seen: { url: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = [];
  const server = createServer((req, res) => {
    seen.push({ url: req.url, headers: req.headers });
    listener(req, res);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/openapi.json`, port, seen };
}

/** The maximum size in these tests. */
const maxMib = 2;
const anywhere = documentFetcher({ maxMib, isAllowed: () => true });
const reasonOf = (url: string, fetch = anywhere, known?: { url: string; etag: string }) =>
  fetch(url, known).then(
    () => 'no reason at all',
    (error) => error.reason,
  );
/** A resolver that returns these addresses for every name. */
const resolving = (...addresses: string[]) =>
  ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;
const guarded = documentFetcher({ maxMib, isAllowed: allowedAddresses({ allowPrivate: false }) });

test('a document is returned as text, with its URL and ETag, and the request contains no data of ours', async () => {
  const { url, seen } = await serve((_req, res) => res.setHeader('ETag', '"1"').end('\ufeff{"a":"é"}'));
  const withPassword = url.replace('127', 'user:secret@127').concat('#part');
  expect(await anywhere(withPassword)).toEqual({ text: Buffer.from('{"a":"é"}'), url: withPassword, etag: '"1"' });
  const headers = seen[0]?.headers ?? {};
  expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  expect(headers['accept']).toMatch(/json.*yaml/);
  expect(JSON.stringify(seen)).not.toContain('secret');
});

test.each(['gzip', 'GZIP', 'x-gzip', 'X-GZip', ' gzip ', 'identity, Gzip', 'gzip,'])(
  'a coding is read however its name is written: %j',
  async (coding) => {
    const { url } = await serve((_req, res) => res.setHeader('Content-Encoding', coding).end(gzipSync('{"a":1}')));
    expect(await anywhere(url)).toMatchObject({ text: Buffer.from('{"a":1}') });
  },
);

test('codings are undone from the last to the first, and only a few', async () => {
  const twice = brotliCompressSync(gzipSync('{"a":1}'));
  const { url } = await serve((req, res) => {
    res.setHeader('Content-Encoding', decodeURIComponent(req.url?.split('?')[1] ?? '')).end(twice);
  });
  expect(await anywhere(`${url}?gzip,BR`)).toMatchObject({ text: Buffer.from('{"a":1}') });
  for (const codings of ['br,gzip', 'gzip,br,identity,identity', 'constructor', 'gzip;q=1']) {
    expect([codings, await reasonOf(`${url}?${codings}`)]).toEqual([codings, 'it is not an OpenAPI document']);
  }
});

test('a document in another encoding than UTF-8 is none', async () => {
  const { url } = await serve((_req, res) => res.end(Buffer.from('{"a":"\u00e9"}', 'latin1')));
  expect(await reasonOf(url)).toBe('it is not an OpenAPI document');
});

test('a conditional request is sent only to the URL of the copy', async () => {
  const { url, seen } = await serve((req, res) => {
    res.statusCode = req.headers['if-none-match'] === '"1"' ? 304 : 200;
    res.end();
  });
  expect(await anywhere(url, { url, etag: '"1"' })).toBe('not_modified');
  expect(await anywhere(url, { url: `${url}.old`, etag: '"1"' })).toMatchObject({ text: Buffer.from('') });
  expect(seen.map(({ headers }) => headers['if-none-match'])).toEqual(['"1"', undefined]);
  const always = await serve((_req, res) => void res.writeHead(304).end());
  expect(await reasonOf(always.url)).toBe('its server responded with status 304');
});

describe('limits', () => {
  const limit = maxMib * 2 ** 20;
  const long = 'it is larger than 2 MiB';

  test('a document of 2 MiB is accepted, one more byte is refused, compressed or not', async () => {
    const { url } = await serve((req, res) => {
      const body = Buffer.alloc(limit + Number(req.url?.slice(-1)), ' ');
      if (req.url?.includes('gzip')) res.setHeader('Content-Encoding', 'gzip').end(gzipSync(body));
      else res.end(body);
    });
    for (const kind of ['plain', 'gzip']) {
      expect(await anywhere(`${url}?${kind}0`)).toMatchObject({ text: expect.any(Buffer) });
      expect(await reasonOf(`${url}?${kind}1`)).toBe(long);
    }
  });

  test('decompression stops as soon as the body is too large', async () => {
    for (const times of [2, 128]) {
      const bomb = gzipSync(Buffer.alloc(times * limit));
      const { url } = await serve((_req, res) => res.setHeader('Content-Encoding', 'gzip').end(bomb));
      const before = process.memoryUsage.rss();
      expect(await reasonOf(url)).toBe(long);
      expect(process.memoryUsage.rss() - before).toBeLessThan(50 * limit);
    }
  });

  test('an endless body is refused', async () => {
    const { url } = await serve((_req, res) => {
      const more = () => {
        while (res.write(Buffer.alloc(65_536)));
      };
      res.on('drain', more);
      more();
    });
    expect(await reasonOf(url)).toBe(long);
  });

  /** A fetcher whose deadline the test brings about. */
  function atDeadline() {
    const deadline = new AbortController();
    const limits: number[] = [];
    const abortAfter = (ms: number) => {
      limits.push(ms);
      return deadline.signal;
    };
    return {
      fetch: documentFetcher({ maxMib, isAllowed: () => true, abortAfter }),
      limits,
      pass: () => deadline.abort(),
    };
  }
  const late = 'it did not arrive within 5 seconds';

  test.each<[string, (passDeadline: () => void) => RequestListener]>([
    ['no response', (pass) => () => pass()],
    [
      'a body that does not end',
      (pass) => (_req, res) => {
        res.write(' ');
        // The second part shows that the client has the first.
        setImmediate(pass);
      },
    ],
    [
      // Node closes a connection with a protocol upgrade without another event.
      'a protocol upgrade',
      (pass) => (_req, res) => {
        res.socket?.once('close', pass);
        res.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      },
    ],
    [
      'the response after a redirect',
      (pass) => (req, res) => {
        if (req.url?.endsWith('hop')) pass();
        else res.writeHead(302, { Location: '/hop' }).end();
      },
    ],
  ])('%s times out', async (_, listener) => {
    const { fetch, limits, pass } = atDeadline();
    const { url } = await serve(listener(pass));
    expect(await reasonOf(url, fetch)).toBe(late);
    expect(limits).toEqual([5000]);
  });

  test('without a deadline of the test, the clock ends a fetch', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    const { url } = await serve(() => {});
    expect(await reasonOf(url)).toBe(late);
    expect(timeout.mock.calls).toEqual([[5000]]);
    timeout.mockRestore();
  });
});

describe('redirects', () => {
  const tooMany = 'it redirects more than 3 times';
  const redirecting = (location: (url: string) => string) =>
    serve((req, res) => void res.writeHead(302, { Location: location(String(req.url)) }).end());

  test('three are followed and set the URL of the document; a fourth or a loop is refused', async () => {
    const { url, seen } = await serve((req, res) => {
      const left = Number(req.url?.slice(-1));
      if (left === 0) res.end('{}');
      else res.writeHead(302, { Location: `/at${left - 1}` }).end();
    });
    const at = (left: number) => new URL(`/at${left}`, url).href;
    expect(await anywhere(at(3))).toEqual({ text: Buffer.from('{}'), url: at(0) });
    expect(await reasonOf(at(4))).toBe(tooMany);
    expect(seen).toHaveLength(8);
    const loop = await redirecting((path) => path);
    expect(await reasonOf(loop.url)).toBe(tooMany);
    expect(loop.seen).toHaveLength(4);
  });

  test.each([
    ['http://docs.acme.example/', 'its address is not https'],
    ['ftp://localhost/', 'its address is not https'],
    ['file:///etc/passwd', 'its address is not https'],
    ['data:application/json,{}', 'its address is not https'],
    ['http://localhost@docs.acme.example/', 'its address is not https'],
    ['http://[broken', 'its server responded with status 302'],
  ])('to %s is not followed: %s', async (location, reason) => {
    expect(await reasonOf((await redirecting(() => location)).url)).toBe(reason);
  });

  test('to a forbidden address are not followed, by address or by name', async () => {
    // This address stands for the internet.
    const settings = { isAllowed: (address: string) => address === '127.0.0.1', lookup: resolving('169.254.169.254') };
    const fetch = documentFetcher({ maxMib, ...settings });
    const inside = await serve((_req, res) => res.end('{}'));
    expect(await fetch(inside.url)).toMatchObject({ text: Buffer.from('{}') });
    for (const place of ['http://[::1]', 'https://169.254.169.254', 'http://localhost', 'https://meta.acme.example']) {
      const { url, seen } = await redirecting(() => `${place}:${inside.port}/`);
      expect([place, await reasonOf(url, fetch), seen.length]).toEqual([
        place,
        'its address is in a private network',
        1,
      ]);
    }
    expect(inside.seen).toHaveLength(1);
  });
});

describe('addresses', () => {
  const inside = 'its address is in a private network';

  test.each([
    ...[
      '0.0.0.0',
      '0.1.2.3',
      '10.0.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '127.255.255.254',
      '169.254.169.254',
      '172.16.0.1',
    ],
    ...[
      '192.0.0.1',
      '192.0.2.1',
      '192.168.1.1',
      '198.18.0.1',
      '203.0.113.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
    ],
    ...['::', '::1', '::127.0.0.1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1', 'fc00::1'],
    ...['fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001::1'],
    ...['2001:db8::1', '100::1', '4000::1', '1fff::1', 'localhost', ''],
    ...['10.255.255.255', '100.127.255.255', '172.16.0.0', '172.31.255.255', '192.168.255.255', '169.254.255.255'],
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));

  test.each([
    ...[
      '1.0.0.0',
      '8.8.8.8',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
      '128.0.0.0',
    ],
    ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
    ...['223.255.255.255', '2606:4700::1111', '3000::1'],
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  const everywhere = allowedAddresses({ allowPrivate: true });

  test.each([
    '169.254.169.254',
    '169.254.170.2',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fe80::a9fe:a9fe',
    'fd00:ec2::254',
    'fd00:ec2:0:0:0:0:0:23',
    'fd20:ce::254',
    'fd00:42::42',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:0:a9fe:a9fe',
    '::a9fe:a9fe',
    '64:ff9b::a83f:8110',
    '64:ff9b:1::169.254.169.254',
    '2002:a9fe:a9fe::1',
    'not an address',
  ])('%s is refused even if private networks are allowed', (address) => {
    expect(everywhere(address)).toBe(false);
    expect(allowedAddresses({ allowPrivate: false })(address)).toBe(false);
  });

  test.each([
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '192.168.1.1',
    'fd00::1',
    '100.64.0.1',
    '::ffff:10.0.0.1',
    '93.184.216.34',
  ])('%s is allowed if private networks are', (address) => {
    expect(isMetadataAddress(address)).toBe(false);
    expect(everywhere(address)).toBe(true);
    expect(allowedAddresses({ allowPrivate: false })(address)).toBe(address === '93.184.216.34');
  });

  test('a name or a URL of a metadata service is refused even if private networks are allowed', async () => {
    const inside = 'its address is in a private network';
    const fetch = documentFetcher({ maxMib, isAllowed: everywhere, lookup: resolving('10.0.0.1', '168.63.129.16') });
    expect(await reasonOf('https://metadata.example/openapi.json', fetch)).toBe(inside);
    for (const host of ['168.63.129.16', '0xa9fea9fe', '[::ffff:169.254.169.254]', '[fd00:ec2::254]'])
      expect(await reasonOf(`https://${host}/openapi.json`, fetch)).toBe(inside);
  });

  test('in the URL are checked in every notation', async () => {
    const { port, seen } = await serve((_req, res) => res.end('{}'));
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '017700000001',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::7f00:1]',
    ])
      expect([host, await reasonOf(`https://${host}:${port}/`, guarded)]).toEqual([host, inside]);
    for (const url of [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, `https://0.0.0.0:${port}/`])
      expect([url, await reasonOf(url, guarded)]).toEqual([url, inside]);
    expect(seen).toEqual([]);
  });

  test('of a name are all checked', async () => {
    const { port, seen } = await serve((_req, res) => res.end('{}'));
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], ['169.254.169.254'], []]) {
      const fetch = documentFetcher({ maxMib, isAllowed: isPublicAddress, lookup: resolving(...addresses) });
      expect([addresses, await reasonOf(`https://docs.acme.example:${port}/`, fetch)]).toEqual([addresses, inside]);
    }
    expect(seen).toEqual([]);
  });

  test('are resolved once: a name cannot change between the check and the connection', async () => {
    const { port, seen } = await serve((_req, res) => res.end('{}'));
    const looked: string[] = [];
    let asked = 0;
    // The first lookup returns this machine, later ones an unreachable address.
    const rebinding = ((...args: Parameters<typeof lookup>) =>
      resolving(asked++ === 0 ? '127.0.0.1' : '127.0.0.9')(...args)) as typeof lookup;
    const isAllowed = (address: string) => looked.push(address) > 0;
    expect(await documentFetcher({ maxMib, isAllowed, lookup: rebinding })(`http://localhost:${port}/`)).toMatchObject({
      text: Buffer.from('{}'),
    });
    expect([asked, looked, seen.length]).toEqual([1, ['127.0.0.1'], 1]);
  });

  test('are passed to the connection as they were checked, all or the first', async () => {
    const found = ['8.8.8.8', '2606:4700::1111'];
    const ask = (all: boolean) =>
      new Promise((resolve) =>
        guardedLookup(isPublicAddress, resolving(...found))('a', { all }, (...got) => resolve(got)),
      );
    expect(await ask(true)).toMatchObject([null, [{ address: found[0] }, { address: found[1] }]]);
    expect(await ask(false)).toEqual([null, found[0], 4]);
  });

  test('over http are called only on this machine', async () => {
    const { seen, port } = await serve((_req, res) => res.end('{}'));
    const fetch = documentFetcher({ maxMib, isAllowed: () => true, lookup: resolving('127.0.0.1') });
    expect(await reasonOf(`http://docs.acme.example:${port}/`, fetch)).toBe('its address is not https');
    expect(seen).toEqual([]);
  });
});

test('the reason of a failure does not contain the address', async () => {
  const { url } = await serve((req, res) => {
    if (req.url === '/cut') res.socket?.destroy();
    else if (req.url === '/short') res.writeHead(200, { 'Content-Length': 10 }).write('{', () => res.socket?.destroy());
    else if (req.url === '/zip') res.setHeader('Content-Encoding', 'gzip').end('not packed');
    else if (req.url === '/coding') res.setHeader('Content-Encoding', 'rot13').end('{}');
    else res.writeHead(Number(req.url?.slice(1))).end();
  });
  const unreachable = 'its server cannot be reached';
  const dead = await serve(() => {});
  servers.at(-1)?.close();
  expect(await reasonOf(dead.url)).toBe(unreachable);
  for (const path of ['cut', 'short']) expect(await reasonOf(new URL(path, url).href)).toBe(unreachable);
  for (const path of ['zip', 'coding'])
    expect(await reasonOf(new URL(path, url).href)).toBe('it is not an OpenAPI document');
  for (const status of [204, 301, 401, 404, 500])
    expect(await reasonOf(new URL(String(status), url).href)).toBe(`its server responded with status ${status}`);
  const error = await anywhere(dead.url).catch((thrown) => thrown);
  expect(error.message).toBe(`The OpenAPI document is unavailable: ${unreachable}.`);
});
