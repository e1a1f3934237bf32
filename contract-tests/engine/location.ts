/** Locations in a JSON body, such as `body.permissions[0]`. */

/** `body.permissions[0]` → `['permissions', 0]` */
const stepsOf = (location: string): (string | number)[] =>
  [...location.matchAll(/\.([^.[]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));

/** The location of a JSON pointer, such as `/permissions/0`. */
export const locationOf = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .reduce((at, step) => at + (/^\d+$/.test(step) ? `[${step}]` : `.${step}`), 'body');

/** The value at a location, or undefined. */
export const valueAt = (body: unknown, location: string): unknown =>
  stepsOf(location).reduce<unknown>(
    (value, step) =>
      typeof value === 'object' ? (value as Record<string | number, unknown> | null)?.[step] : undefined,
    body,
  );

/** Copies the body with another value at one location; undefined removes the field. */
export function withValue(body: unknown, location: string, value: unknown): unknown {
  const steps = stepsOf(location);
  const last = steps.pop();
  if (last === undefined) return value;
  const copy = structuredClone(body);
  let parent = copy as Record<string | number, unknown>;
  for (const [i, step] of steps.entries()) {
    // The example may lack the optional parent of the field.
    parent[step] ??= typeof (steps[i + 1] ?? last) === 'number' ? [] : {};
    parent = parent[step] as Record<string | number, unknown>;
  }
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** Copies the body with another value at one location where it has a value, in every item of the lists on the way. */
export function withEvery(body: unknown, location: string, value: unknown): unknown {
  const copy = structuredClone(body);
  const change = (parent: unknown, [step, ...rest]: (string | number)[]): void => {
    if (typeof parent !== 'object' || parent === null || step === undefined) return;
    const own = parent as Record<string | number, unknown>;
    const names = typeof step === 'number' ? Object.keys(own) : [step];
    for (const name of names.filter((name) => name in own)) {
      if (rest.length > 0) change(own[name], rest);
      else if (value === undefined) delete own[name];
      else own[name] = value;
    }
  };
  change(copy, stepsOf(location));
  return copy;
}
