const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text for HTML or XML, in an element or a quoted attribute. Characters that XML does not allow become U+FFFD. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(notXml, '\ufffd').replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);

/** Characters that XML 1.0 does not allow, even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
export const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
