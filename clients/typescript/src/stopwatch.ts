/**
 * Starts to measure time; the function that it returns tells how many ms have passed. Neither a clock that is set back nor a
 * process that was suspended makes it less: the clock of the day and the steady clock each miss one of the two.
 */
export function stopwatch(): () => number {
  const [day, steady] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - day, performance.now() - steady);
}
