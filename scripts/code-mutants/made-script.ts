/** What node-redis and our code use of a script. */
export interface MadeScript {
  SCRIPT: string;
  NUMBER_OF_KEYS: number;
  names?: string[];
  outcomes?: string[];
  parseCommand(parser: { redisArgs?: unknown[] }, input: object): void;
  transformReply(reply: unknown[]): unknown;
}

/** Makes all scripts by name. */
export type MakeScripts = () => Record<string, MadeScript>;
