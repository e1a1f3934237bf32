import { createClient } from '@hey-api/openapi-ts';

await createClient({
  input: process.env.SPEC ?? 'openapi.yaml',
  logs: { level: 'warn', file: false },
  output: {
    path: 'client',
    module: { extension: '.ts' },
    header: (context) => ['// @ts-nocheck', ...context.defaultValue],
  },
  plugins: [
    '@hey-api/client-fetch',
    '@hey-api/typescript',
    { name: '@hey-api/sdk', operations: { strategy: 'single', containerName: 'Portico', nesting: 'operationId' } },
  ],
});
