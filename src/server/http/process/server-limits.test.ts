import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { limit, serverLimits } from './server-limits.ts';

test('the limits of the server, in ms and bytes', () => {
  const server = createServer(serverLimits);
  limit(server, 10);
  expect(server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    timeout: 20_000,
    maxRequestsPerSocket: 0,
    maxConnections: 10,
  });
  expect(serverLimits).toMatchObject({
    connectionsCheckingInterval: 2000,
    maxHeaderSize: 16_384,
    requireHostHeader: false,
    insecureHTTPParser: false,
  });
});
