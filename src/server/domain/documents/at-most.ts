/** Makes a function that runs at most `max` pieces of work at a time, in the order of its calls. The others wait. */
export function atMost(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < max) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The next one takes this place, so that no later call gets in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
