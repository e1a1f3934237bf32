import { Fragment } from 'react';

/** Where a name that has no spaces can be broken: after a sign, and before a capital letter. */
const places = /(?<=[_/.:-])(?=[^_/.:-])|(?<=[\p{Ll}\d])(?=\p{Lu})/u;

/** A name whose lines break between its words, as in `update_guild_member` and `MessagingConfiguration`, and not inside of them. */
export function Breakable({ text }: { text: string }) {
  return text.split(places).map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts can be the same, and their order never changes
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
