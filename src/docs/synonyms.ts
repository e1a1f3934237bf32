/** Words that readers search for and the documentation does not use, or uses less than another word. */

interface Synonym {
  /** What a reader types, in lower case. A phrase also matches with hyphens or dots, or as one word. */
  typed: readonly string[];
  /** What the documentation says instead. The search adds these to the words of the query. */
  documented: readonly string[];
}

/** The one table of synonyms. tests/docs/site.test.ts checks that each row leads to the right page. */
export const synonyms: readonly Synonym[] = [
  { typed: ['rotate', 'rotation', 'regenerate', 'renew', 'replace'], documented: ['reroll'] },
  { typed: ['log out', 'log off', 'sign out'], documented: ['endSession'] },
  { typed: ['log in', 'sign in', 'sso'], documented: ['createSession'] },
  {
    typed: ['next js', 'node js', 'express', 'react', 'javascript', 'sdk', 'npm'],
    documented: ['TypeScript client', 'quickstart'],
  },
  { typed: ['webhook', 'webhooks', 'event', 'events'], documented: ['audit log'] },
  {
    typed: ['400', '401', '403', '404', '409', '500', '503', 'status code'],
    documented: ['handle errors', 'all errors'],
  },
  { typed: ['429', 'throttle', 'throttling', 'quota'], documented: ['rate limits'] },
  { typed: ['token', 'jwt', 'bearer'], documented: ['sessions'] },
  { typed: ['env', 'env var', 'env vars', 'config', 'setting', 'settings'], documented: ['environment variables'] },
  { typed: ['docker', 'helm', 'k8s', 'kubernetes', 'container', 'install'], documented: ['deploy'] },
  { typed: ['prometheus', 'grafana', 'monitoring', 'metrics', 'otel', 'tracing'], documented: ['observability'] },
  { typed: ['api key', 'api keys'], documented: ['keys'] },
  { typed: ['iframe', 'widget'], documented: ['embed'] },
  { typed: ['cors', 'headless', 'cross origin', 'preflight', 'spa'], documented: ['own front end'] },
  { typed: ['theme', 'logo', 'white label'], documented: ['branding'] },
  { typed: ['paginate', 'cursor', 'next page'], documented: ['pagination'] },
  { typed: ['codegen', 'generator', 'python', 'golang', 'java'], documented: ['generate a client'] },
  { typed: ['tenant', 'organization', 'organisation'], documented: ['workspace'] },
  { typed: ['scope', 'scopes', 'role', 'roles'], documented: ['permissions'] },
  { typed: ['high availability', 'sentinel', 'cluster'], documented: ['scale'] },
  { typed: ['gdpr', 'encryption', 'hash'], documented: ['security model'] },
];

/** A reader who is still typing a word already gets its synonyms, but only from the fourth letter on. */
const minPrefixLength = 4;

/** A part of a query: the words as typed, and what the documentation may say instead. */
export interface QueryPart {
  typed: string;
  documented: readonly string[];
}

const wordsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}.]+/u).filter(Boolean);

/** `Next.js`, `nextjs` → `nextjs` */
const normalized = (word: string) => word.toLowerCase().replaceAll('.', '');

const phrases = synonyms.flatMap(({ typed, documented }) =>
  typed.map((phrase) => ({ words: phrase.split(' '), joined: phrase.replaceAll(' ', ''), documented })),
);

interface Match {
  /** Words of the query that the phrase covers. */
  length: number;
  documented: readonly string[];
}

/** The longest phrase of the table that begins at a word of the query; else one that the last word is the beginning of. */
function matchAt(words: readonly string[], start: number): Match | undefined {
  const typed = words.slice(start).map(normalized);
  const [first = ''] = typed;
  const complete = phrases.flatMap(({ words: parts, joined, documented }) => {
    if (parts.every((part, i) => part === typed[i])) return [{ length: parts.length, documented }];
    return first === joined ? [{ length: 1, documented }] : [];
  });
  if (complete.length > 0) return complete.sort((a, b) => b.length - a.length)[0];
  if (typed.length > 1 || first.length < minPrefixLength) return undefined;
  const incomplete = phrases.find(({ joined }) => joined.startsWith(first));
  return incomplete && { length: 1, documented: incomplete.documented };
}

/** Splits a query into its words and phrases, each with what the documentation may say instead. */
export function expandQuery(query: string): QueryPart[] {
  const words = wordsOf(query);
  const parts: QueryPart[] = [];
  for (let at = 0; at < words.length; at += wordsOf(parts.at(-1)?.typed ?? '').length) {
    const { length, documented } = matchAt(words, at) ?? { length: 1, documented: [] };
    parts.push({ typed: words.slice(at, at + length).join(' '), documented });
  }
  return parts;
}
