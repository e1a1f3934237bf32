/** Anything that looks like a credential of ours, whole or cut short. */
const credential = /\b(rk|pst|ps)_[A-Za-z0-9_-]{4,}/g;

/** The text with every credential in it blotted out, for whatever leaves the process other than by its own answer. */
export const redact = (text: string): string => text.replaceAll(credential, '$1_[redacted]');
