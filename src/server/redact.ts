/** Anything that looks like a credential of ours, whole or cut short. */
const credential = /\b(rk|pst|ps)_[A-Za-z0-9_-]{4,}/g;

/**
 * Anything as long as a random secret: API keys begin with whatever their API says, so nothing else tells them. No name
 * of ours is that long in one run of letters and digits. In a path they may be percent-encoded, all or some of them.
 */
const secretLike = /(?:[A-Za-z0-9]|%[0-9A-Fa-f]{2}){22,}/g;

/** What a caller made up, a name or a path, with everything in it blotted out that may be a secret of any kind. */
export const redactMadeUp = (text: string): string => redact(text).replaceAll(secretLike, '[redacted]');

/** The text with every credential in it blotted out, for whatever leaves the process other than by its own answer. */
export const redact = (text: string): string => text.replaceAll(credential, '$1_[redacted]');
