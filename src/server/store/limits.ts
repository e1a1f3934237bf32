import { Problem } from '../problem.ts';
import { partitionCount } from './partitions.ts';

/** How much users and backends can store. */
export interface StoreLimits {
  /** All keys of one user, with those that have ended. */
  keysPerUser: number;
  /** Pending and active sessions of one user. */
  sessionsPerUser: number;
  /** APIs, portals and root keys of one workspace. */
  apis: number;
  portals: number;
  rootKeys: number;
  /** The quota of one workspace in megabytes; 0 disables it. Usage and the audit log have bounds of their own. */
  workspaceMegabytes: number;
  /** The quota of the keys and stored responses of one user in kilobytes; 0 disables it. */
  userKilobytes: number;
}

/** The limits by default. */
export const defaultLimits: StoreLimits = {
  ...{ keysPerUser: 1000, sessionsPerUser: 1000, workspaceMegabytes: 1000, userKilobytes: 2000 },
  ...{ apis: 1000, portals: 1000, rootKeys: 1000 },
};

/** A record would be more than a limit allows. The limit completes the sentence `The limit is {limit}.` */
export const limitReached = (limit: string) => new Problem('unkey/data/limit_exceeded', { parameters: { limit } });

/** How a script checks the quotas of its workspace and its user, as scripts/quota.ts does. */
export interface Quota {
  args: { quotaBytes: number; userQuotaBytes: number };
  /**
   * The reply of such a script, without the refusal.
   *
   * @throws Problem limit_exceeded
   */
  within<Reply extends { outcome: string }>(
    reply: Reply,
  ): Exclude<Reply, { outcome: 'quota_exceeded' | 'user_quota_exceeded' }>;
}

/**
 * Half of the quota of a workspace is for its control data, at home, and half for its users, in equal parts for the partitions.
 *
 * @param parts into how many parts the quota of the workspace is divided
 * @param share what has the part, in the error of a full one
 */
const quotaOf = ({ workspaceMegabytes, userKilobytes }: StoreLimits, parts: number, share: string): Quota => ({
  args: {
    quotaBytes: Math.ceil((workspaceMegabytes * 1_000_000) / parts),
    userQuotaBytes: userKilobytes * 1000,
  },
  within<Reply extends { outcome: string }>(reply: Reply) {
    if (reply.outcome === 'quota_exceeded') {
      const part = Number((workspaceMegabytes / parts).toFixed(1));
      throw limitReached(`${workspaceMegabytes} MB per workspace, of which ${share} ${part} MB`);
    }
    if (reply.outcome === 'user_quota_exceeded') throw limitReached(`${userKilobytes} kB of keys per user`);
    return reply as Exclude<Reply, { outcome: 'quota_exceeded' | 'user_quota_exceeded' }>;
  },
});

/** The quota at home. */
export const homeQuota = (limits: StoreLimits): Quota => quotaOf(limits, 2, 'portals, APIs and documents have');

/** The quota of one partition. */
export const partitionQuota = (limits: StoreLimits): Quota =>
  quotaOf(limits, 2 * partitionCount, 'each of 64 partitions of its users has');
