/** FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9): what is between them has a direction of its own. */
const isolated = '\u2068{$1}\u2069';

/**
 * Isolates each placeholder of the texts of a right-to-left language, so that a name or an id in Latin letters does not
 * change the order of what is around it.
 *
 * @param messages ICU messages. Placeholders with a format, such as numbers, need no isolation
 */
export function isolatePlaceholders<Node>(messages: Node): Node {
  if (typeof messages === 'string') return messages.replaceAll(/\{(\w+)\}/g, isolated) as Node;
  const parts = Object.entries(messages as Record<string, unknown>);
  return Object.fromEntries(parts.map(([key, part]) => [key, isolatePlaceholders(part)])) as Node;
}
