/**
 * The server's time. The clock of a device can be wrong by days, and the server checks times by its own clock, so the portal
 * reads no other clock: a test refuses `Date.now()` and `new Date()` in every other file.
 */

/** By how much the server's clock is ahead of the device's, in ms: between these bounds. Undefined before a response. */
let ahead: { least: number; most: number } | undefined;

/**
 * Learns the server's time from a response. `Date` has whole seconds, and the server wrote it at some time between the
 * request and the response, so each response gives bounds, and several of them give closer ones.
 *
 * @param date the header
 * @param sentAt when the request was sent, by the device's clock in Unix ms
 * @param receivedAt when the response arrived, likewise
 */
export function learnTime(date: string | null, sentAt: number, receivedAt: number): void {
  const written = Date.parse(date ?? '');
  if (Number.isNaN(written)) return;
  const seen = { least: written - receivedAt, most: written + 1000 - sentAt };
  const closer = {
    least: Math.max(seen.least, ahead?.least ?? seen.least),
    most: Math.min(seen.most, ahead?.most ?? seen.most),
  };
  // Bounds that contradict each other mean that somebody set the device's clock in between.
  ahead = closer.least <= closer.most ? closer : seen;
}

/** The time by the server's clock, in Unix ms, to about a second. The device's time if its clock can be right. */
export function now(): number {
  const { least, most } = ahead ?? { least: 0, most: 0 };
  const isRight = least <= 0 && most >= 0;
  return Date.now() + (isRight ? 0 : Math.round((least + most) / 2));
}

/** The time by the device's clock, in Unix ms, for `learnFrom`. */
export const deviceTime = (): number => Date.now();

/** Learns the server's time from a response when it arrives. @param sentAt when its request was sent, by the device's clock in Unix ms */
export async function learnFrom(arriving: Promise<Response>, sentAt: number): Promise<Response> {
  const response = await arriving;
  learnTime(response.headers.get('Date'), sentAt, deviceTime());
  return response;
}

/** `fetch` that learns the server's time from each response. */
export const fetchAndLearnTime: typeof fetch = (input, init) => {
  const sentAt = deviceTime();
  return learnFrom(fetch(input, init), sentAt);
};
