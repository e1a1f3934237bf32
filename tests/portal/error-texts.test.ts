/** Every failure that the portal can receive has a text in each language, and none of the server's English. */
import { expect, test } from '@jest/globals';
import { createTranslator } from 'use-intl/core';
import { PorticoError } from '../../clients/typescript/src/index.ts';
import { readSpec, resolve, specOperations } from '../../contract-tests/engine/spec.ts';
import { type Language, languages } from '../../src/portal/messages/index.ts';
import { type ErrorTexts, errorTextOf } from '../../src/portal/parts/error-text.ts';

const spec = await readSpec();
const operations = specOperations(spec).filter(({ security }) => security.some((way) => 'portalSessionBearer' in way));

/** The fields of a request in which no user types anything: the portal fills them in, or does not send them. */
const ofPortal = ['all', 'apiId', 'byteLength', 'enabled', 'keyId', 'limit', 'meta', 'sort', 'state'];
const fields = [
  ...new Set(
    operations.flatMap(({ requestBody }) => {
      const { schema } = requestBody?.content['application/json'] ?? { schema: {} };
      return Object.keys((resolve(spec, schema) as { properties?: object }).properties ?? {});
    }),
  ),
].toSorted();

const english = 'must be what the server says in English';
const fix = 'Send what the server says in English.';

/** A failure of this type, with this list of what is wrong with the input. */
const failure = (code: string, ...locations: string[]) =>
  new PorticoError({
    operation: 'portal.createKey',
    status: 400,
    problem: {
      ...{
        title: english,
        detail: english,
        status: 400,
        type: `https://docs.example/errors/unkey/application/${code}`,
      },
      errors: locations.map((location) => ({ location, message: english, fix })),
    },
    headers: new Headers(),
  } as ConstructorParameters<typeof PorticoError>[0]);

const textsIn = async (locale: Language) => {
  const { default: messages } = await languages[locale]();
  return createTranslator({ locale, messages, namespace: 'errors' }) as unknown as ErrorTexts;
};

test('each field that a user can fill in has a text', async () => {
  const { default: en } = await languages.en();
  expect(Object.keys(en.errors.input).toSorted()).toEqual(fields.filter((field) => !ofPortal.includes(field)));
  expect(ofPortal.filter((field) => !fields.includes(field))).toEqual([]);
});

test.each(Object.keys(languages) as Language[])(
  '%s: a refused input is explained in the language of the user',
  async (locale) => {
    const t = await textsIn(locale);
    const general = t('invalid_input');
    for (const field of fields) {
      const places = [`body.${field}`, `body.${field}[1]`, `body.${field}.limit`];
      const [text, ...others] = places.map((place) => errorTextOf(failure('invalid_input', place), t));
      expect([field, others]).toEqual([field, [text, text]]);
      expect(text === general).toBe(ofPortal.includes(field));
      expect(text).not.toMatch(/English|^errors\./);
    }
    for (const place of ['body', 'headers.idempotency-key', 'request', 'body.unknown'])
      expect(errorTextOf(failure('invalid_input', place), t)).toBe(general);
    const both = errorTextOf(failure('invalid_input', 'body.name', 'body.scopes[0]', 'body.scopes[1]'), t);
    expect(both).toBe(`${t('input.name')} ${t('input.scopes')}`);
  },
);
