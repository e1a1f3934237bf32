/** What the build makes of the texts says exactly what the texts say, in every language and with every kind of value. */
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { expect, test } from '@jest/globals';
import format from 'icu-minify/format';
import { createTranslator } from 'use-intl/core';
import { compiled } from '../../scripts/build/compile-messages.ts';
import { type Language, languages } from '../../src/portal/messages/index.ts';

type Node = string | { [key: string]: Node };
type Values = Record<string, string | number>;

/** All texts below a node, by their path. */
const textsOf = (node: Node, path: string[] = []): [path: string[], text: string][] =>
  typeof node === 'string'
    ? [[path, node]]
    : Object.entries(node).flatMap(([key, part]) => textsOf(part, [...path, key]));

/** A placeholder of a message, and values that select each of its choices. */
interface Placeholder {
  name: string;
  values: (string | number)[];
}

/** The values that show every part of a placeholder; none if it takes no value. */
function valuesOf(element: MessageFormatElement): (string | number)[] {
  if (element.type === TYPE.select) return [...Object.keys(element.options), 'none'];
  if (element.type === TYPE.plural || element.type === TYPE.number) return [0, 1, 2, 3, 11, 100, 1234.5];
  return element.type === TYPE.argument ? ['Acme & <b>', 7] : [];
}

/** The placeholders of a message at any depth. */
function placeholdersOf(elements: MessageFormatElement[]): Placeholder[] {
  return elements.flatMap((element) => {
    const values = valuesOf(element);
    const own = values.length > 0 && 'value' in element ? [{ name: String(element.value), values }] : [];
    const choices = 'options' in element ? Object.values(element.options) : [];
    return [...own, ...choices.flatMap(({ value }) => placeholdersOf(value))];
  });
}

/** Each combination of the values. A placeholder that comes twice has one value. */
function combined(placeholders: Placeholder[]): Values[] {
  const byName = new Map(placeholders.map(({ name, values }) => [name, values]));
  return [...byName].reduce<Values[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

const formatters = {
  getNumberFormat: (...parameters: ConstructorParameters<typeof Intl.NumberFormat>) =>
    new Intl.NumberFormat(...parameters),
  getPluralRules: (...parameters: ConstructorParameters<typeof Intl.PluralRules>) =>
    new Intl.PluralRules(...parameters),
  getDateTimeFormat: (...parameters: ConstructorParameters<typeof Intl.DateTimeFormat>) =>
    new Intl.DateTimeFormat(...parameters),
};

test.each(Object.keys(languages) as Language[])('%s', async (language) => {
  const messages: Node = (await languages[language]()).default;
  const locale = new Intl.Locale(language, { numberingSystem: 'latn' }).toString();
  const onError = (error: Error) => {
    throw error;
  };
  const t = createTranslator({ locale, messages: messages as Record<string, Node>, onError, timeZone: 'UTC' });
  const atPath = (node: unknown, [key, ...rest]: string[]): unknown =>
    key === undefined ? node : atPath((node as Record<string, unknown>)[key], rest);
  const built = compiled(messages);
  const texts = textsOf(messages);
  expect(texts.length).toBeGreaterThan(300);
  for (const [path, text] of texts) {
    for (const values of combined(placeholdersOf(parse(text)))) {
      const said = format(atPath(built, path) as Parameters<typeof format>[0], locale, values, { formatters });
      expect([path.join('.'), values, said]).toEqual([
        path.join('.'),
        values,
        t(path.join('.') as never, values as never),
      ]);
    }
  }
});
