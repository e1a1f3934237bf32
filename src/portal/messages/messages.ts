import type en from './en.ts';

/** What a language must have: every text that English has. */
export type Messages = { [Key in keyof typeof en]: Translated<(typeof en)[Key]> };
type Translated<Node> = { [Key in keyof Node]: Node[Key] extends string ? string : Translated<Node[Key]> };
