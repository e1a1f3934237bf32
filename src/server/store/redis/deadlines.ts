/**
 * How long Redis may take, in ms. No setting changes them. Tests that are not about them raise them before the server
 * starts, because a busy machine is not an unavailable Redis.
 */
export const deadlines = {
  /** For one command, before its caller learns that Redis is unavailable. */
  command: 500,
  /**
   * For replicas to have a change, before it fails. A change can wait for that of another call first, so twice this time is less than
   * the deadline of a command.
   */
  replication: 200,
  /** For the first attempt to connect. In a cluster every primary has to answer, and before that the node that lists them. */
  ready: 3000,
  /** For the answer to a PING of the heartbeat. */
  heartbeat: 500,
  /** For one connection: to reach a node, and to have it answer our login. */
  connect: 1000,
};
