/** What spec/released.json stores of a released contract: everything that a change can break, and no prose. */
import { join } from 'node:path';
import type { Spec, SpecExample } from '../../contract-tests/engine/spec.ts';
import { withoutProse } from './without-prose.ts';

/** The contract of the last release. */
export const releasedFile = join(import.meta.dirname, '../../spec/released.json');

const prose = new Set(['description', 'example', 'summary', 'title', 'tags', 'servers', 'contact', 'license']);

/** Of the examples, only the errors of a response can break: each is a reference that names a code. */
const namesErrors = (examples: unknown) =>
  !Array.isArray(examples) &&
  Object.values(examples as Record<string, SpecExample>).every(({ $ref }) => $ref !== undefined);

/** The OpenAPI document of a released version, reduced to what a change can break: of an error, its code and status. */
export function releasedContract(spec: Spec): Spec {
  const contract = withoutProse(
    spec,
    (name, value) => prose.has(name) || (name === 'examples' && !namesErrors(value)),
  ) as Spec;
  const errors = Object.entries(spec.components.examples).map(([name, { value }]) => [
    name,
    { value: { error: { status: value.error.status } } },
  ]);
  return { ...contract, components: { ...contract.components, examples: Object.fromEntries(errors) } };
}

/** JSON with a line per method and per component, so that a review sees what a release changes. */
export function releasedText(contract: Spec): string {
  const lines = (node: unknown, depth: number): string =>
    depth === 0 || typeof node !== 'object' || node === null
      ? JSON.stringify(node)
      : `{\n${Object.entries(node)
          .map(([name, value]) => `${JSON.stringify(name)}: ${lines(value, depth - 1)}`)
          .join(',\n')}\n}`;
  return `${lines(contract, 3)}\n`;
}
