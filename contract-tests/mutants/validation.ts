/** Servers that take what is not valid, or say too little of it. */
import {
  bodyOf,
  envelope,
  failsWith,
  type Mutant,
  type MutantWorld,
  onCall,
  onReply,
  withBody,
  withError,
} from './mutant.ts';
import type { Call } from './proxy.ts';

const create = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const is = (operation: string) => (call: Call) => call.operation === operation;

const isBad = (call: Call, field: string, good: RegExp) =>
  is(create)(call) && field in bodyOf(call) && !good.test(String(bodyOf(call)[field]));
const permissionForm = /^[\w-]+\.(\*|[\w-]+)\.[\w-]+$/;
const known = ['slug', 'externalId', 'permissions', 'preview'];

/** Servers that take what is not valid, in front of this one. */
export const validationMutants = ({ slug }: MutantWorld): Mutant[] => [
  onReply(
    'validation stops at the first failure',
    /every failure is listed at once/,
    failsWith('invalid_input'),
    (reply) => withError(reply, { errors: (envelope(reply).error?.errors ?? []).slice(0, 1) }),
  ),
  onReply('failures do not say where', /an unknown field is refused and named/, failsWith('invalid_input'), (reply) =>
    withError(reply, {
      errors: (envelope(reply).error?.errors ?? []).map((failure) => ({ ...failure, location: 'body' })),
    }),
  ),
  onCall(
    'unknown fields are let in',
    /createSession › body keeps additionalProperties/,
    (call) => is(create)(call) && call.json !== undefined,
    (call) => ({
      text: JSON.stringify(Object.fromEntries(Object.entries(bodyOf(call)).filter(([name]) => known.includes(name)))),
    }),
  ),
  onCall(
    'bad slugs are let in',
    /the slug "My-Portal" is refused/,
    (call) => isBad(call, 'slug', /^[a-z0-9-]{3,64}$/),
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'slugs may end in a hyphen',
    /the slug "portal-" is refused/,
    (call) => isBad(call, 'slug', /[^-]$/),
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'slugs may be too long',
    /body\.slug keeps maxLength/,
    (call) => String(bodyOf(call)['slug']).length > 64,
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'bad permissions are let in',
    /the permission "api\.\*" is refused/,
    (call) => Array.isArray(bodyOf(call)['permissions']),
    (call) =>
      withBody(call, {
        permissions: (bodyOf(call)['permissions'] as string[]).map((tuple) =>
          permissionForm.test(tuple) ? tuple : 'a.b.c',
        ),
      }),
  ),
  onCall(
    'no permissions are let in',
    /no permissions are refused/,
    (call) => Array.isArray(bodyOf(call)['permissions']) && (bodyOf(call)['permissions'] as string[]).length === 0,
    (call) => withBody(call, { permissions: ['a.b.c'] }),
  ),
  onCall(
    'a missing externalId is let in',
    /body\.externalId is required/,
    (call) => is(create)(call) && !('externalId' in bodyOf(call)),
    (call) => withBody(call, { externalId: 'anyone' }),
  ),
  onCall(
    'an externalId may be of any length',
    /body\.externalId keeps maxLength/,
    (call) => String(bodyOf(call)['externalId']).length > 256,
    (call) => withBody(call, { externalId: 'long' }),
  ),
  onCall(
    'preview may be anything',
    /body\.preview keeps type/,
    (call) => is(create)(call) && 'preview' in bodyOf(call),
    (call) => withBody(call, { preview: bodyOf(call)['preview'] === true }),
  ),
  onCall(
    'malformed JSON is taken for an empty object',
    /not well-formed JSON/,
    (call) => call.text !== '' && call.json === undefined,
    () => ({ text: '{}', json: {} }),
  ),
  onCall(
    'query parameters are let in',
    /an unknown query parameter/,
    (call) => call.url.includes('?'),
    (call) => ({ url: String(call.url.split('?')[0]) }),
  ),
  onCall(
    'a form is taken for JSON',
    /declared as a form/,
    (call) => String(call.headers['content-type']).includes('form'),
    (call) => ({
      headers: { ...call.headers, 'content-type': 'application/json' },
    }),
  ),
  onCall(
    'a body may be of any size',
    /a body over 100 kB/,
    (call) => call.text.length > 100_000,
    () => ({ text: '{}', json: {} }),
  ),
  onCall(
    'any method will do',
    /answers to POST alone/,
    (call) => call.method === 'PUT',
    () => ({ method: 'POST' }),
  ),
  onCall(
    'validation comes before authentication',
    /a stranger learns nothing/,
    (call) => is(create)(call) && call.headers['authorization'] === undefined && bodyOf(call)['slug'] === 5,
    (call) => ({
      url: `/v2/${exchange}`,
      text: call.text,
    }),
  ),
];
