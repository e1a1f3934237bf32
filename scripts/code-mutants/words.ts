/** What a file or a test is about, by its name. */

/** Words that say nothing about it. */
const common = /^(src|server|tests?|ts|lua|store|domain|http|scripts?|snippets?|a|an|the|of|and|in|is|it|not|no|to)$/;

/** The words of a path or a sentence, in singular. */
export const wordsOf = (text: string): Set<string> =>
  new Set(
    (text.match(/[A-Z]?[a-z]+/g) ?? [])
      .map((word) => word.toLowerCase().replace(/(?<=..)s$/, ''))
      .filter((word) => !common.test(word)),
  );
