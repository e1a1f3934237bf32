/** Anything that looks like a credential of ours, whole or cut short. */
const credential = /\b(rk|pst|ps)_[A-Za-z0-9_-]{4,}/g;

/**
 * Anything as long as a random secret: an API chooses the prefix of its keys, so nothing else identifies them. No name
 * of ours is that long in one run of letters and digits. In a path they may be percent-encoded, all or some of them.
 */
const secretLike = /(?:[A-Za-z0-9]|%[0-9A-Fa-f]{2}){22,}/g;

/** Redacts everything in a name or path of the caller that could be a secret of any kind. */
export const redactMadeUp = (text: string): string => redact(text).replaceAll(secretLike, '[redacted]');

/** Redacts every credential in a text, for everything that leaves the process except its own responses. */
export const redact = (text: string): string => text.replaceAll(credential, '$1_[redacted]');
