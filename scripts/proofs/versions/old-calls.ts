/** Every operation of 0.1.0, each with a request that succeeds where its data is served. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Spec, specOperations } from '../../../contract-tests/engine/spec.ts';
import { call } from '../../../tests/support/tenant.ts';

const released = JSON.parse(readFileSync(join(import.meta.dirname, '../../../spec/released.json'), 'utf8')) as Spec;
const operations = specOperations(released).filter(({ path }) => !/(liveness|readiness)$/.test(path));

/** A request to an operation. */
export interface OldCall {
  operation: string;
  bearer: string;
  body: object;
}

/** A portal with a user who has two keys, a session and a link. */
export interface OldData {
  rootKey: string;
  /** A key of the user. */
  key: string;
  /** One request for each operation, in an order in which all of them succeed: the last ones delete the data. */
  calls: OldCall[];
}

const slug = 'my-portal';
const externalId = 'user_1';
const permissions = ['create_key', 'read_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

/**
 * Makes data that every operation of 0.1.0 can use.
 *
 * @param rootKey of a workspace without a portal
 * @throws Error if the server refuses something, or if an operation of 0.1.0 has no request here
 */
export async function oldData(url: string, rootKey: string): Promise<OldData> {
  const ask = async (operation: string, bearer: string, body: object) => {
    const { status, broken, data } = await call(url, operation, bearer, body);
    if (status !== 200) throw new Error(broken ?? `${operation} ${status}`);
    return data;
  };
  const { apiId } = await ask('apis.createApi', rootKey, { name: 'API' });
  await ask('portal.createConfiguration', rootKey, { slug, apiIds: [apiId] });
  const link = { slug, externalId, permissions };
  const { sessionId: used } = await ask('portal.createSession', rootKey, link);
  const token = String((await ask('portal.exchangeSession', '', { sessionId: used }))['token']);
  const { sessionId } = await ask('portal.createSession', rootKey, link);
  const { keyId, key } = await ask('portal.createKey', token, { apiId });
  const { keyId: rerolled } = await ask('portal.createKey', token, { apiId });
  const now = Date.now();
  const bodies: Record<string, object> = {
    'portal.createSession': link,
    'portal.exchangeSession': { sessionId },
    'portal.getSession': {},
    'portal.createConfiguration': { slug: 'another' },
    'portal.getConfiguration': { portal: slug },
    'portal.listConfigurations': {},
    'portal.updateConfiguration': { portal: slug, version: 1, name: 'Renamed' },
    'apis.createApi': { name: 'Another' },
    'apis.getApi': { apiId },
    'apis.listApis': {},
    'portal.listApis': {},
    'portal.getOpenapiDocument': {},
    'portal.listKeys': { apiId },
    'portal.createKey': { apiId },
    'portal.updateKey': { keyId, name: 'Renamed' },
    'portal.rerollKey': { keyId: rerolled, expiration: 0 },
    'portal.getVerifications': { startTime: now - 3_600_000, endTime: now },
    'keys.verifyKey': { key },
    'portal.listSessions': { externalId },
    'auditLogs.listEntries': {},
    'portal.deleteKey': { keyId },
    'portal.endSession': {},
    'portal.revokeSessions': { externalId },
    'portal.deleteConfiguration': { portal: slug },
    'apis.deleteApi': { apiId },
  };
  const without = operations.filter(({ operationId }) => bodies[operationId] === undefined);
  if (without.length > 0) throw new Error(`no request for ${without.map(({ operationId }) => operationId)}`);
  const bearers = new Map(
    operations.map(({ operationId, security = [] }) => {
      const schemes = security.flatMap((scheme) => Object.keys(scheme));
      return [operationId, schemes.includes('rootKey') ? rootKey : schemes.length > 0 ? token : ''];
    }),
  );
  const calls = Object.entries(bodies).map(([operation, body]) => ({
    ...{ operation, body, bearer: bearers.get(operation) ?? '' },
  }));
  return { rootKey, key: String(key), calls };
}
