import type { AuditLog, Change } from './audit.ts';
import type { ControlStore } from './control.ts';
import { keys } from './keys.ts';
import { accepted, type CallerRefusal, type Manager, ofManager } from './proof.ts';
import type { Commands } from './redis/client.ts';
import type { Redis } from './redis.ts';

/** What every script at home takes: what proves its caller, and the audit entry. */
interface Common {
  keys: { workspace: string; rootKeys: string; audit: string; control: string };
  args: ReturnType<typeof ofManager.args> & Parameters<Parameters<AuditLog['write']>[2]>[0];
}

export type Home = ReturnType<typeof homeOf>;

/** Changes control data, at home. */
export function homeOf(redis: Redis, audit: AuditLog, control: ControlStore) {
  /**
   * Runs a script that adds control data. Nobody has read it before, so its version stays.
   *
   * @throws Problem of a caller that is no longer valid
   */
  async function add<Reply extends { outcome: string }>(
    workspaceId: string,
    { proof, entry }: Change<Manager>,
    script: (client: Commands, common: Common) => Promise<Reply>,
  ): Promise<Exclude<Reply, CallerRefusal>> {
    return audit.write(keys.audit(workspaceId), entry, async (auditArgs, logKey) => {
      const common = {
        keys: { ...ofManager.keys(workspaceId), ...logKey, control: keys.control(workspaceId) },
        args: { ...ofManager.args(proof), ...auditArgs },
      };
      return accepted(await redis.run((client) => script(client, common)));
    });
  }

  return {
    add,

    /**
     * Runs a script that changes or removes control data. Resolves once every partition knows of it, with any outcome: an earlier
     * call may have made the change without learning so.
     *
     * @throws Problem of a caller that is no longer valid; StoreUnavailable
     */
    async change<Reply extends { outcome: string }>(
      workspaceId: string,
      change: Change<Manager>,
      script: (client: Commands, common: Common) => Promise<Reply>,
    ): Promise<Exclude<Reply, CallerRefusal>> {
      const reply = await add(workspaceId, change, script);
      await control.publish(workspaceId);
      return reply;
    },
  };
}
