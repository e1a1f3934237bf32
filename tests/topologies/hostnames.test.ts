/** The host names of portals on a cluster, where a name, and the portals that want it, are on different nodes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import keySlot from 'cluster-key-slot';
import { commandLine } from '../../src/server/cli/operator.ts';
import { hostOf } from '../../src/server/domain/portals/hosts.ts';
import { createPortal, deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { keys } from '../../src/server/store/keys.ts';
import { type LocalCluster, startCluster } from '../support/cluster.ts';
import { newWorkspace, openStore, type TestStore, type TestWorkspace } from '../support/store.ts';

/** The slots of a cluster, which three nodes share. */
const slots = 16_384;

let cluster: LocalCluster;
/** Two processes of the server. */
let processes: [TestStore, TestStore];
let workspaces: TestWorkspace[];
beforeAll(async () => {
  cluster = await startCluster({ replicas: 0 });
  processes = [await openStore({ on: cluster }), await openStore({ on: cluster })];
  workspaces = [];
  for (let i = 0; i < 4; i++) workspaces.push(await newWorkspace(processes[0].store));
});
afterAll(async () => {
  for (const { stop } of processes) await stop();
  await cluster.stop();
});

const taken = { code: 'unkey/data/portal_hostname_taken' };
const nodeOf = (key: string) => Math.floor((3 * keySlot(key)) / slots);
/** A host name whose claim is on this node. */
const nameOn = (node: number) => {
  for (let i = 0; ; i++) if (nodeOf(keys.hostname(`h${i}.acme.example`)) === node) return `h${i}.acme.example`;
};

test.each([0, 1, 2])('of portals of four workspaces in two processes, one gets a name on node %d', async (node) => {
  const [{ store }] = processes;
  const hostname = nameOn(node);
  const homes = new Set(workspaces.map(({ workspaceId }) => nodeOf(keys.portals(workspaceId))));
  expect([...homes].some((home) => home !== node)).toBe(true);
  const wanting = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const { workspaceId = '' } = workspaces[i % workspaces.length] ?? {};
      const slug = `p-${node}-${i}`;
      await createPortal(store, workspaceId, { slug }, commandLine);
      return { workspaceId, slug };
    }),
  );
  const tries = await Promise.allSettled(
    wanting.map(({ workspaceId, slug }, i) =>
      updatePortal((processes[i % 2] ?? processes[0]).store, workspaceId, slug, { hostname }, commandLine),
    ),
  );
  const won = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(won).toHaveLength(1);
  const lost = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(lost).toEqual(lost.map(() => expect.objectContaining(taken)));
  const [{ workspaceId, portalId, slug } = { workspaceId: '', portalId: '', slug: '' }] = won;
  for (const each of processes)
    expect(await hostOf(each.store, hostname, 'portal.example')).toEqual({
      name: hostname,
      owner: { workspaceId, portalId },
    });

  // It is free when the portal takes another name, and so is that one when the portal is deleted.
  const other = nameOn((node + 1) % 3).replace('acme', 'other');
  await updatePortal(store, workspaceId, slug, { hostname: other }, commandLine);
  const next = workspaces.find((workspace) => workspace.workspaceId !== workspaceId)?.workspaceId ?? '';
  const create = (name: string) =>
    createPortal(store, next, { slug: `next-${node}-${name.split('.')[1]}`, hostname: name }, commandLine);
  await create(hostname);
  await expect(create(other)).rejects.toMatchObject(taken);
  await deletePortal(store, workspaceId, slug, commandLine);
  await create(other);
});
