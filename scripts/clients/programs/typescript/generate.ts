// generate.ts
import { createClient } from '@hey-api/openapi-ts';

await createClient({
  input: 'openapi.yaml',
  output: {
    path: 'generated/client',
    // Node runs TypeScript as it is where imports have their extension.
    module: { extension: '.ts' },
    // The bundled runtime does not compile under exactOptionalPropertyTypes; its types still check your code.
    header: (context) => ['// @ts-nocheck', ...context.defaultValue],
  },
  plugins: [
    '@hey-api/client-fetch',
    '@hey-api/typescript',
    { name: '@hey-api/sdk', operations: { strategy: 'single', containerName: 'Portico', nesting: 'operationId' } },
  ],
});
