/**
 * The best language for a locale: the same tag, or the one of the same language (RFC 4647, lookup: the tag is shortened from its end).
 *
 * @param locale a tag of BCP 47
 * @param languages tags of the languages that there are
 */
export function languageOf(locale: string | undefined, languages: readonly string[]): string | undefined {
  const parts = locale?.toLowerCase().split('-') ?? [];
  for (; parts.length > 0; parts.pop()) {
    const found = languages.find((language) => language.toLowerCase() === parts.join('-'));
    if (found !== undefined) return found;
  }
  return undefined;
}
