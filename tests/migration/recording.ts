/** What record.ts has written: the records of 0.1.0, and what its server has answered. */

/** A user with a session, and what the server returned to it. */
export interface RecordedUser {
  externalId: string;
  token: string;
  keys?: Record<string, unknown>[];
  /** The usage in several windows, as portal.getVerifications returns it. */
  usage?: RecordedUsage[];
}

interface RecordedUsage {
  startTime: number;
  endTime: number;
  granularity: string;
  totals: object;
  series: { time: number }[];
  topKeys: { keyId: string; total: number }[];
}

interface RecordedWorkspace {
  workspaceId: string;
  rootKeys: string[];
  slug: string;
  users: RecordedUser[];
  apis: object[];
  portals: object[];
  entries: object[];
}

export interface Recording {
  /** Unix ms. */
  recordedAt: number;
  workspaces: RecordedWorkspace[];
  /** Each API key with the last answer of keys.verifyKey. */
  keys: { workspaceId: string; key: string; answer?: Record<string, unknown> }[];
  /** Every record, as DUMP returns it, in base64. `expiresAt` is in Unix ms, -1 without a TTL. */
  records: { name: string; dump: string; expiresAt: number }[];
}
