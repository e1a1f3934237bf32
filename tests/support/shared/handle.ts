import type { ChildProcess } from 'node:child_process';

/** What `setup.ts` leaves for `teardown.ts`: both run in the process of Jest itself. */
export const shared: { process?: ChildProcess } = {};

/** Where the tests find the process that they share. */
export const sharedUrlVariable = 'PORTICO_TESTS_SHARED_URL';
