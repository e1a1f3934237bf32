/** Defects of validation and its errors. */
import { randomUUID } from 'node:crypto';
import {
  bodyOf,
  envelope,
  failsWith,
  type Mutant,
  type MutantOptions,
  onCall,
  onReply,
  withBody,
  withData,
  withError,
} from './mutant.ts';
import type { Call } from './proxy.ts';

const create = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const is = (operation: string) => (call: Call) => call.operation === operation;

const isInvalid = (call: Call, field: string, good: RegExp) =>
  is(create)(call) && field in bodyOf(call) && !good.test(String(bodyOf(call)[field]));
const ascii = /^[!-~]*$/;
const permissionForm = /^[\w-]+\.(\*|[\w-]+)\.[\w-]+$/;

/** All defects of validation. */
export const validationMutants = ({ slug }: MutantOptions): Mutant[] => [
  onReply(
    'validation stops at the first failure',
    /all validation errors are listed/,
    failsWith('invalid_input'),
    (reply) => withError(reply, { errors: (envelope(reply).error?.errors ?? []).slice(0, 1) }),
  ),
  onReply(
    'validation errors have no location',
    /an unknown field is refused and named/,
    failsWith('invalid_input'),
    (reply) =>
      withError(reply, {
        errors: (envelope(reply).error?.errors ?? []).map((failure) => ({ ...failure, location: 'body' })),
      }),
  ),
  onCall(
    'invalid slugs are accepted',
    /the slug "My-Portal" is refused/,
    (call) => isInvalid(call, 'slug', /^[a-z0-9-]{3,64}$/),
    (call) => withBody(call, { slug }),
  ),
  onReply(
    'two hyphens in a row are refused',
    /a slug with two hyphens in a row is valid/,
    (_, call) => call.operation === 'portal.createConfiguration' && String(bodyOf(call)['slug']).includes('--'),
    () => ({ status: 400 }),
  ),
  onCall(
    'slugs can end with a hyphen',
    /the slug "portal-" is refused/,
    (call) => isInvalid(call, 'slug', /[^-]$/),
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'invalid permissions are accepted',
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
    'malformed JSON is read as an empty object',
    /not well-formed JSON/,
    (call) => call.text !== '' && call.json === undefined,
    () => ({ text: '{}', json: {} }),
  ),
  onCall(
    'bytes that are not UTF-8 are replaced',
    /a body that is not UTF-8/,
    () => true,
    // The text has U+FFFD in their place.
    ({ text }) => ({ bytes: Buffer.from(text) }),
  ),
  onCall(
    'half a surrogate pair is replaced',
    /half a surrogate pair/,
    (call) => call.text.includes('\\ud83d'),
    ({ text }) => ({ text: text.replace('\\ud83d', '\ufffd') }),
  ),
  onCall(
    'numbers are read as doubles',
    /a number (in meta )?that a double would change/,
    (call) => /\d{16}/.test(call.text) && call.json !== undefined,
    (call) => withBody(call, {}),
  ),
  onCall(
    'a name can have any characters',
    /a name with .* is refused/,
    (call) => typeof bodyOf(call)['name'] === 'string',
    (call) => withBody(call, { name: 'Any' }),
  ),
  onCall(
    'names are counted in UTF-16 units',
    /a name can have/,
    (call) => String(bodyOf(call)['name']).length > 255,
    (call) => withBody(call, { name: '' }),
  ),
  onReply(
    'a name is stored as it was sent',
    /a name is stored in Unicode form C/,
    (reply, call) => typeof bodyOf(call)['name'] === 'string' && typeof envelope(reply).data?.['name'] === 'string',
    (reply, call) => withData(reply, { name: bodyOf(call)['name'] }),
  ),
  onCall(
    'browsers repair the URL',
    /(Url|return URL) ".*" is refused/,
    (call) => ['returnUrl', 'supportUrl', 'openapiUrl'].some((name) => !ascii.test(String(bodyOf(call)[name] ?? 'a'))),
    (call) => withBody(call, { returnUrl: undefined, supportUrl: undefined, openapiUrl: undefined }),
  ),
  onCall(
    'any text of letters is a locale',
    /the locale en-aaaa-bbbb is refused/,
    (call) => is(create)(call) && bodyOf(call)['locale'] === 'en-aaaa-bbbb',
    (call) => withBody(call, { locale: 'en' }),
  ),
  onCall(
    'a link can lead to a tab that is not visible',
    /a tab that the permissions do not show/,
    (call) => is(create)(call) && bodyOf(call)['tab'] === 'account',
    (call) => withBody(call, { tab: undefined }),
  ),
  onCall(
    'an identifier that was damaged on its way is accepted',
    /the externalId ".*" is refused/,
    (call) => is(create)(call) && /[^ -~]/.test(String(bodyOf(call)['externalId'])),
    (call) => withBody(call, { externalId: 'user' }),
  ),
  onCall(
    'an Idempotency-Key can have any characters',
    /an Idempotency-Key outside of ASCII/,
    (call) => call.headers['idempotency-key'] !== undefined,
    (call) => ({ headers: { ...call.headers, 'idempotency-key': randomUUID() } }),
  ),
  onCall(
    'query parameters are accepted',
    /an unknown query parameter/,
    (call) => call.url.includes('?'),
    (call) => ({ url: String(call.url.split('?')[0]) }),
  ),
  onCall(
    'a form is read as JSON',
    /declared as a form/,
    (call) => String(call.headers['content-type']).includes('form'),
    (call) => ({
      headers: { ...call.headers, 'content-type': 'application/json' },
    }),
  ),
  onCall(
    'validation comes before authentication',
    /an unauthenticated caller/,
    (call) => is(create)(call) && call.headers['authorization'] === undefined && bodyOf(call)['slug'] === 5,
    (call) => ({
      url: `/v2/${exchange}`,
      text: call.text,
    }),
  ),
];
