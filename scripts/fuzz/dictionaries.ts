/**
 * The part of a configuration of Schemathesis with values that exist, by the field of a body, so that requests get past "not found".
 */
export function dictionariesOf(known: Record<string, string[]>): string {
  const dictionaries = Object.entries(known).map(([field, own]) => `${field} = { values = ${JSON.stringify(own)} }`);
  const bindings = Object.keys(known).map(
    (field) => `"body.${field}" = { dictionary = "${field}", probability = 0.7 }`,
  );
  return ['[dictionaries]', ...dictionaries, '[parameters]', ...bindings, ''].join('\n');
}
