/** The state and the examples that every tool of the benchmark gets. */
import { randomUUID } from 'node:crypto';
import { Portico } from '../../../clients/typescript/src/index.ts';
import { exactContract } from '../../../contract-tests/engine/exact.ts';
import { resolve, type Spec, specOperations } from '../../../contract-tests/engine/spec.ts';

/** Credentials, and values that exist by the name of their field in a body. */
export interface Known {
  rootKey: string;
  token: string;
  slug: string;
  openapiUrl: string;
  values: Record<string, unknown>;
}

/** Creates a portal, an API, a signed-in user with keys, and a session that is not yet exchanged. */
export async function arrange(baseUrl: string, rootKey: string, openapiUrl: string): Promise<Known> {
  const backend = new Portico({ baseUrl, rootKey });
  const { apiId } = await backend.apis.createApi({ name: 'Benchmark' });
  const slug = `bench-${randomUUID()}`;
  await backend.portal.createConfiguration({ slug, apiIds: [apiId], openapiUrl });
  const actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];
  const permissions = [...actions.map((action) => `api.*.${action}`), 'portal.*.read_account'];
  const grant = {
    slug,
    externalId: `user-${randomUUID()}`,
    permissions,
    actor: { id: 'person_7', name: 'Ada Lovelace' },
  };
  const open = async () => (await backend.portal.createSession(grant)).sessionId;
  const { token } = await backend.portal.exchangeSession({ sessionId: await open() });
  const { keyId, key } = await backend.portal.createKey({ apiId }, { sessionToken: token });
  const now = Date.now();
  const values = {
    ...{ apiId, portal: slug, externalId: grant.externalId, keyId, key, sessionId: await open(), version: 1 },
    ...{ startTime: now - 86_400_000, endTime: now, returnUrl: undefined, apiIds: [apiId], cursor: undefined },
  };
  return { rootKey, token, slug, openapiUrl, values };
}

/** Puts values that exist in the place of those of an example. */
function withKnown(value: unknown, known: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => withKnown(item, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, name in known ? known[name] : withKnown(own, known)]),
  );
}

/** Writes the headers of every response into each: they are an extension of ours, which no tool knows. */
function writeHeaders(spec: Spec): void {
  const responses = specOperations(spec).flatMap((operation) => Object.values(operation.responses));
  for (const response of [...responses, ...Object.values(spec.components.responses)])
    if (response.$ref === undefined) response.headers = { ...spec['x-response-headers'], ...response.headers };
}

/**
 * The contract as every tool gets it: with request examples that succeed on this server, as exact as our suite reads it with
 * `--strict-responses`: no other fields, values and statuses than documented ones.
 */
export function specFor(spec: Spec, { slug, values }: Known): Spec {
  const copy = structuredClone(exactContract(spec));
  for (const { path, method, operationId, responses } of specOperations(copy)) {
    const operation = copy.paths[path]?.[method];
    if (operation === undefined) continue;
    // Without `default`, a status that is not documented is one finding.
    operation.responses = responses;
    const isNew = operationId === 'portal.createConfiguration';
    // The slug of a new portal is new.
    const own = { ...values, slug: isNew ? `new-${randomUUID()}` : slug };
    for (const example of Object.values(operation.requestBody?.content['application/json']?.examples ?? {}))
      example.value = withKnown(example.value, own);
  }
  writeHeaders(copy);
  return copy;
}

/** The names of all components that a part of a contract refers to, such as `#/components/schemas/Key`. */
const referencesIn = (part: unknown): string[] => JSON.stringify(part).match(/#\/components\/[^"]+/g) ?? [];

/** A contract with one operation and the components that it needs: a tool reads it faster, and tests nothing else. */
export function onlyOperation(spec: Spec, operationId: string): Spec {
  const paths = Object.fromEntries(
    Object.entries(spec.paths).filter(([, methods]) =>
      Object.values(methods).some((operation) => operation.operationId === operationId),
    ),
  );
  const needed = new Set<string>();
  const open = referencesIn(paths);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (needed.has(next)) continue;
    needed.add(next);
    open.push(...referencesIn(resolve(spec, { $ref: next })));
  }
  const components = Object.fromEntries(
    Object.entries(spec.components).map(([kind, own]) => [
      kind,
      Object.fromEntries(
        Object.entries(own).filter(
          // Operations name their security schemes without a reference.
          ([name]) => kind === 'securitySchemes' || needed.has(`#/components/${kind}/${name}`),
        ),
      ),
    ]),
  ) as Spec['components'];
  return { ...spec, paths, components };
}
