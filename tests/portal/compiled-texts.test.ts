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

/** The placeholders of a message, each with values that select every part of it. */
function placeholdersOf(elements: MessageFormatElement[]): [name: string, values: (string | number)[]][] {
  return elements.flatMap((element) => {
    const inner =
      'options' in element ? Object.values(element.options).flatMap(({ value }) => placeholdersOf(value)) : [];
    if (element.type === TYPE.select) return [[element.value, [...Object.keys(element.options), 'none']], ...inner];
    if (element.type === TYPE.plural || element.type === TYPE.number)
      return [[element.value, [0, 1, 2, 3, 11, 100, 1234.5]], ...inner];
    return element.type === TYPE.argument ? [[element.value, ['Acme & <b>', 7]]] : inner;
  });
}

/** Each combination of these values. */
const combined = ([first, ...others]: [string, (string | number)[]][]): Values[] =>
  first === undefined
    ? [{}]
    : combined(others).flatMap((values) => first[1].map((value) => ({ [first[0]]: value, ...values })));

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
    for (const values of combined([...new Map(placeholdersOf(parse(text)))])) {
      const said = format(atPath(built, path) as Parameters<typeof format>[0], locale, values, { formatters });
      expect([path.join('.'), values, said]).toEqual([
        path.join('.'),
        values,
        t(path.join('.') as never, values as never),
      ]);
    }
  }
});
