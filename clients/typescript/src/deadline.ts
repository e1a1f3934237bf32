/** Aborts requests. It needs neither `AbortSignal.timeout` nor `AbortSignal.any`, which not every runtime and browser has. */

/** A signal that aborts after a time or with another signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the time is over. */
  readonly isOver: boolean;
  /** Stops the timer. */
  clear(): void;
}

/** The maximum delay of `setTimeout`, in ms. */
const longest = 2 ** 31 - 1;

/** Starts a deadline. @param ms any number; a time that is too long for a timer counts as the longest possible */
export function deadlineAfter(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(
    () => {
      isOver = true;
      controller.abort(new DOMException('The deadline has passed', 'TimeoutError'));
    },
    Math.min(ms, longest),
  );
  const stop = () => controller.abort(outer?.reason);
  if (outer?.aborted) stop();
  else outer?.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    get isOver() {
      return isOver;
    },
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
    },
  };
}
