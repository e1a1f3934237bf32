/**
 * The steps that must be atomic, as Lua. Redis runs a script alone, from start to end, so nothing comes between its
 * commands. All keys of one script have the same hash tag, so it runs on one node of a Redis Cluster.
 */
import type { CommandParser } from 'redis';
import { configurationScripts } from './scripts/configuration.ts';
import { controlScripts } from './scripts/control.ts';
import { datasetScripts } from './scripts/dataset.ts';
import { documentScripts } from './scripts/documents.ts';
import { forwardScripts } from './scripts/forwards.ts';
import { idempotencyScripts } from './scripts/idempotency.ts';
import { identityScripts } from './scripts/identities.ts';
import { keyScripts } from './scripts/keys.ts';
import { migrationScripts } from './scripts/migration.ts';
import { rateLimitScripts } from './scripts/rate-limits.ts';
import { rootKeyScripts } from './scripts/root-keys.ts';
import { scopeScripts } from './scripts/scopes.ts';
import { script } from './scripts/script.ts';
import { sessionScripts } from './scripts/sessions.ts';
import { usageScripts } from './scripts/usage.ts';

const probe = script('probe', { outcomes: { ok: {} } });
/** As many bytes as the largest usual write: a session with 100 permissions and its audit entry. */
const roomOfWrite = 'x'.repeat(131_072);

export const scripts = {
  ...controlScripts,
  ...configurationScripts,
  ...rootKeyScripts,
  ...rateLimitScripts,
  ...sessionScripts,
  ...identityScripts,
  ...keyScripts,
  ...forwardScripts,
  ...documentScripts,
  ...scopeScripts,
  ...idempotencyScripts,
  ...usageScripts,
  ...migrationScripts,
  ...datasetScripts,
  probe: {
    ...probe,
    // Its own first line does not declare this: Redis is to refuse it wherever it would refuse a write.
    writes: 'nothing' as const,
    /** Sends bytes that the script ignores, so that Redis refuses it when it has no room left for a write. */
    parseCommand: (parser: CommandParser, _input: object) => parser.push(roomOfWrite),
  },
};
