import { expect, test } from '@jest/globals';
import { withoutOutsideReferences } from './outside-references.ts';

test('references outside the document are not fetched', () => {
  const document = {
    a: { $ref: 'https://evil.example/schema.json' },
    b: [{ $ref: './other.yaml#/x' }, { $ref: '#/components/schemas/A' }],
    properties: { $ref: { type: 'string' }, externalValue: { type: 'string' } },
    examples: { one: { summary: 'One', externalValue: 'https://evil.example/one' } },
  };
  expect(withoutOutsideReferences(document)).toEqual({
    a: { description: 'https://evil.example/schema.json' },
    b: [{ description: './other.yaml#/x' }, { $ref: '#/components/schemas/A' }],
    properties: { $ref: { type: 'string' }, externalValue: { type: 'string' } },
    examples: { one: { summary: 'One', description: 'https://evil.example/one' } },
  });
});
