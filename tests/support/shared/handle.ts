import type { ChildProcess } from 'node:child_process';

/** What `setup.ts` stores for `teardown.ts`. Both run in the main process of Jest. */
export const shared: { process?: ChildProcess; secrets?: string } = {};

/** The environment variable with the URL of the shared process. */
export const sharedUrlVariable = 'PORTICO_TESTS_SHARED_URL';
