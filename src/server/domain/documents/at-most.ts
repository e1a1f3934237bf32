/** Makes what runs work at most so many at a time, in the order in which it is asked; the others wait. */
export function atMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever is next takes this place, so that nobody comes in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
