import type { CaseResponse } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import { dataOf, signIn } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** Flows of scopes: a list, or what the OpenAPI document of a portal offers. */

interface Scopes {
  document?: { state: string; fetchedAt?: number };
  scopes: { scope: string; kind: string; keys: number; description?: string }[];
  gone: { scope: string; keys: number }[];
  operations: { operationId: string; anyOf: string[][] }[];
}

/** What the flows read of an OpenAPI document. */
interface OpenapiDocument {
  components?: { securitySchemes?: Record<string, { flows?: Record<string, { scopes?: Record<string, string> }> }> };
  tags?: { name: string; description?: string }[];
  paths?: Record<string, Record<string, { operationId?: string; summary?: string }>>;
}

const everything = ['api.*.read_key', 'api.*.create_key', 'api.*.update_key', 'api.*.delete_key'];
const allKinds = ['oauth', 'tags', 'operations'];
const refusedSource = {
  status: 400,
  error: 'unkey/application/invalid_input',
  locations: ['body.scopeSource.portal'],
};

const getScopes = async (trial: Trial, apiId: string): Promise<Scopes> =>
  dataOf<Scopes>(await callWithRootKey(trial, 'apis.getScopes', { apiId }));
const createApi = async (trial: Trial, settings: object): Promise<string> =>
  dataOf<{ apiId: string }>(await callWithRootKey(trial, 'apis.createApi', { name: 'Scoped', ...settings })).apiId;

/** A user of an API with these settings, in a portal of its own. */
async function userOf(trial: Trial, settings: object) {
  const apiId = await createApi(trial, settings);
  const slug = `portal-${newId()}`;
  await callWithRootKey(trial, 'portal.createConfiguration', { slug, apiIds: [apiId] });
  const { token } = await signIn(trial, { slug, permissions: everything, externalId: `user_${newId()}` });
  const call = (operation: string, body: object, promised: CaseResponse = { status: 200 }) =>
    trial.call(operation, { authorization: `Bearer ${token}`, body }, promised);
  const createKey = async (scopes?: string[]): Promise<{ keyId: string; key: string }> =>
    dataOf(await call('portal.createKey', { apiId, ...(scopes !== undefined && { scopes }) }));
  return { apiId, slug, call, createKey };
}

/** How many keys carry each scope, as `scope: keys` in order. */
const countsOf = (counted: { scope: string; keys: number }[]) =>
  counted.map(({ scope, keys }) => `${scope}: ${keys}`).join();

/** What a document says about its scopes in one line, by kind and scope. */
function describedIn({ components, tags = [], paths = {} }: OpenapiDocument): Map<string, string> {
  const schemes = Object.values(components?.securitySchemes ?? {}).flatMap(({ flows: own = {} }) => Object.values(own));
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const texts = [
    ...schemes.flatMap(({ scopes = {} }) => Object.entries(scopes).map(([scope, text]) => [`oauth ${scope}`, text])),
    ...tags.map(({ name, description }) => [`tags ${name}`, description]),
    ...operations.map(({ operationId, summary }) => [`operations ${operationId}`, summary]),
  ] as [scope: string, text?: string][];
  const isLine = (text: string | undefined): text is string => /^\S(.{0,298}\S)?$/.test(text ?? '');
  return new Map(texts.flatMap(([scope, text]) => (isLine(text) ? [[scope, text]] : [])));
}

const flows: Flow[] = [
  {
    operation: 'apis.getScopes',
    name: 'keys are counted by scope, and a scope that the policy loses is gone while keys carry it',
    async run(trial) {
      const { apiId, call, createKey } = await userOf(trial, { policy: { scopes: ['read', 'write'] } });
      const { keyId } = await createKey(['read', 'write']);
      await createKey(['read']);
      await createKey();
      const before = await getScopes(trial, apiId);
      trial.assert(before.document === undefined, 'a list has no document');
      const right = 'read: 2,write: 1';
      trial.assert(countsOf(before.scopes) === right, `the counts are ${right}, not ${countsOf(before.scopes)}`);
      trial.assert(before.gone.length === 0, `nothing is gone, not ${countsOf(before.gone)}`);
      await callWithRootKey(trial, 'apis.updateApi', { apiId, policy: { scopes: ['write'] } });
      const after = await getScopes(trial, apiId);
      trial.assert(
        countsOf(after.gone) === 'read: 2',
        `the scope that is gone is read: 2, not ${countsOf(after.gone)}`,
      );
      trial.assert(countsOf(after.scopes) === 'write: 1', `the scopes are write: 1, not ${countsOf(after.scopes)}`);
      await call('portal.deleteKey', { keyId });
      const last = await getScopes(trial, apiId);
      trial.assert(countsOf(last.gone) === 'read: 1', `a deleted key does not count: ${countsOf(last.gone)}`);
      trial.assert(countsOf(last.scopes) === 'write: 0', `a deleted key does not count: ${countsOf(last.scopes)}`);
    },
  },
  {
    operation: 'apis.getScopes',
    name: 'the scopes of a document are those of the chosen kinds, and each operation says what it needs',
    async run(trial) {
      const { slug } = await trial.arrange('portalWithDocument');
      const apiId = await createApi(trial, { scopeSource: { portal: slug, kinds: allKinds } });
      const { document, scopes, operations, gone } = await getScopes(trial, apiId);
      trial.assert(document?.state === 'current', `the document is current, not ${document?.state}`);
      trial.assert(gone.length === 0, 'no key carries a scope yet');
      const known = new Set(scopes.map(({ scope }) => scope));
      trial.assert(known.size === scopes.length, 'each scope is listed once');
      trial.assert(Number(document?.fetchedAt) > 0, 'the response says when the document was fetched');
      const { token } = await signIn(trial, { slug, permissions: everything });
      const read = { authorization: `Bearer ${token}` };
      const { body } = await trial.call('portal.getOpenapiDocument', read, { status: 200 });
      const texts = describedIn(body as OpenapiDocument);
      const wrong = scopes.filter(({ kind, scope, description }) => {
        const text = texts.get(`${kind} ${scope}`);
        return text !== undefined && text !== description;
      });
      trial.assert(
        wrong.length === 0,
        `scopes have the text of the document, unlike ${wrong.map(({ scope }) => scope)}`,
      );
      const listed = dataOf<{ apiId: string }[]>(await callWithRootKey(trial, 'apis.listApis', { limit: 100 }));
      const own = JSON.stringify(listed.find((api) => api.apiId === apiId) ?? {});
      trial.assert(own.includes('"scopeSource"'), 'the list of APIs has the source of the scopes');
      const unknown = operations.flatMap(({ anyOf }) => anyOf.flat()).filter((scope) => !known.has(scope));
      trial.assert(unknown.length === 0, `an operation needs only listed scopes, unlike ${unknown}`);
      const tags = await createApi(trial, { scopeSource: { portal: slug, kinds: ['tags'] } });
      const others = (await getScopes(trial, tags)).scopes.filter(({ kind }) => kind !== 'tags');
      trial.assert(others.length === 0, 'an API whose source is the tags has no other scopes');
    },
  },
  {
    operation: 'portal.listApis',
    name: 'the scopes that a user can select are those of the document that the policy allows',
    async run(trial) {
      const fixture = await trial.arrange('portalWithDocument');
      const scopeSource = { portal: fixture.slug, kinds: allKinds };
      const { apiId, call } = await userOf(trial, { scopeSource });
      const { scopes } = await getScopes(trial, apiId);
      const offered = async () => {
        const [api] = dataOf<{ scopes: Scopes['scopes'] }[]>(await call('portal.listApis', {}));
        return (api?.scopes ?? []).map(({ scope, kind, description }) => `${kind} ${scope} ${description}`).join();
      };
      const all = scopes.map(({ scope, kind, description }) => `${kind} ${scope} ${description}`);
      trial.assert((await offered()) === all.join(), `all scopes are offered: ${all}`);
      const allowed = scopes.slice(0, 1).map(({ scope }) => scope);
      await callWithRootKey(trial, 'apis.updateApi', { apiId, policy: { scopes: [...allowed, 'of no document'] } });
      const bounded = await offered();
      trial.assert(bounded === all.slice(0, 1).join(), `only ${all.slice(0, 1)} is offered, not ${bounded}`);
    },
  },
  {
    operation: 'keys.verifyKey',
    name: 'a key may call an operation of the document exactly if it has all scopes of one alternative',
    async run(trial) {
      const fixture = await trial.arrange('portalWithDocument');
      for (const kinds of [['oauth'], ['tags', 'operations'], allKinds]) {
        const { apiId, createKey } = await userOf(trial, { scopeSource: { portal: fixture.slug, kinds } });
        const { operations } = await getScopes(trial, apiId);
        const codeOf = async (key: string, operationId: string) =>
          dataOf<{ code: string }>(await callWithRootKey(trial, 'keys.verifyKey', { key, apiId, operationId })).code;
        const bare = await createKey();
        for (const { operationId, anyOf } of operations.slice(0, 5)) {
          const expected = anyOf.some((scopes) => scopes.length === 0) ? 'VALID' : 'INSUFFICIENT_PERMISSIONS';
          const code = await codeOf(bare.key, operationId);
          trial.assert(code === expected, `${operationId} without scopes is ${expected}, not ${code}`);
          for (const scopes of anyOf.filter(({ length }) => length > 0)) {
            const { key } = await createKey(scopes);
            const whole = await codeOf(key, operationId);
            trial.assert(whole === 'VALID', `${operationId} with ${scopes} is VALID, not ${whole}`);
            const part = scopes.slice(1);
            if (part.length === 0 || anyOf.some((other) => other.every((scope) => part.includes(scope)))) continue;
            const lacking = await codeOf((await createKey(part)).key, operationId);
            const refused = 'INSUFFICIENT_PERMISSIONS';
            trial.assert(lacking === refused, `${operationId} with only ${part} is ${refused}, not ${lacking}`);
          }
        }
        const body = { key: bare.key, apiId, operationId: 'noSuchOperation' };
        await callWithRootKey(trial, 'keys.verifyKey', body, {
          status: 400,
          error: 'unkey/application/invalid_input',
          locations: ['body.operationId'],
        });
      }
    },
  },
  {
    operation: 'apis.updateApi',
    name: 'the source of scopes changes, stays with other changes, and null clears it',
    async run(trial) {
      const { slug } = await trial.arrange('portalWithDocument');
      const apiId = await createApi(trial, {});
      const update = async (changes: object, promised?: CaseResponse) =>
        dataOf<{ scopeSource?: { kinds: string[] } }>(
          await callWithRootKey(trial, 'apis.updateApi', { apiId, ...changes }, promised),
        );
      const kindsOf = ({ scopeSource }: { scopeSource?: { kinds: string[] } }) => scopeSource?.kinds.join();
      const set = await update({ scopeSource: { portal: slug, kinds: ['operations', 'oauth'] } });
      trial.assert(kindsOf(set) === 'oauth,operations', `the kinds are oauth and operations, not ${kindsOf(set)}`);
      const renamed = await update({ name: 'Renamed' });
      trial.assert(kindsOf(renamed) === 'oauth,operations', 'the source stays with another change');
      const read = dataOf<{ scopeSource?: { kinds: string[] } }>(
        await callWithRootKey(trial, 'apis.getApi', { apiId }),
      );
      trial.assert(kindsOf(read) === 'oauth,operations', 'the source is shown');
      const { slug: without } = await trial.arrange('portalWithoutDocument');
      for (const portal of [without, 'portal_neverWas0000000000']) {
        await update({ scopeSource: { portal, kinds: ['tags'] } }, refusedSource);
      }
      const cleared = await update({ scopeSource: null });
      trial.assert(kindsOf(cleared) === undefined, 'null clears the source');
      const { document, operations } = await getScopes(trial, apiId);
      trial.assert(document === undefined && operations.length === 0, 'an API without a source has no operations');
    },
  },
];

export default flows;
