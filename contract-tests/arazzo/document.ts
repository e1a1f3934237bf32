/** The main journeys of users and backends as an Arazzo document, from the flows of the suite. */
import type { Spec } from '../engine/spec.ts';
import { flows } from '../flows/index.ts';
import { MadeIds, recorderOf, type Step, sourceName } from './record.ts';

/** The flows that are workflows, by the id of the workflow: `operation › name`. */
const journeys: Record<string, string> = {
  'session-from-link-to-logout': 'portal.exchangeSession › a session id stays used after getSession and after logout',
  'exchange-after-a-lost-response':
    'portal.exchangeSession › a repeated exchange with the same Idempotency-Key returns the same token, and no other exchange does',
  'session-by-cookie': 'portal.getSession › the cookie and the bearer token return the same session',
  logout: 'portal.endSession › logout by bearer token ends the session on the server for the cookie too',
  'sessions-of-a-user':
    'portal.listSessions › a session is pending after creation, active after the exchange with the same handle, and gone after logout',
  'sessions-revoked':
    'portal.revokeSessions › revoking by externalId ends all pending and active sessions of the user at once, and no others',
  'all-sessions-ended': 'portal.endOtherSessions › with all, the calling session ends too',
  'key-after-a-lost-response':
    'portal.createKey › a repeated request with one Idempotency-Key creates one key, and none after this one is deleted',
  'key-disabled': 'portal.updateKey › the next verification of a disabled key returns DISABLED',
  'key-rerolled-with-an-overlap':
    'portal.rerollKey › with an overlap both keys are valid, and the old one gets an expiry',
  'key-rerolled-by-the-backend':
    'keys.rerollKey › without an overlap the old key is EXPIRED, and the new one has its settings',
  'key-managed-by-the-backend':
    'keys.createKey › its user sees the key in the portal, and cannot change it if the backend manages it',
  'key-deleted': 'keys.deleteKey › the next verification of a deleted key returns NOT_FOUND, and no list has it',
  usage:
    'portal.getVerifications › every verification is counted once, by outcome, and the series adds up to the totals',
  quota: 'keys.verifyKey › a quota is shared by the keys of a user, and by no other user with a key of the same name',
  'portal-changed':
    'portal.updateConfiguration › sent fields change, absent fields stay, null clears, and the version increases by one',
  'portal-deleted':
    'portal.deleteConfiguration › a deleted portal is gone, its slug is free, and a second deletion is not found',
  'api-deleted': 'apis.deleteApi › a deleted API is gone, and a second deletion is not found',
  'user-changed': 'identities.updateIdentity › sent fields change, missing fields stay, and null clears; the id stays',
  'user-deleted':
    'identities.deleteIdentity › the audit log keeps the entries without the user, and the same identifier is a new user',
  'audit-log':
    'auditLogs.listEntries › what users and backends do with a key has entries, with the fields before and after',
};

/** A workflow of an Arazzo document. */
interface Workflow {
  workflowId: string;
  summary: string;
  inputs: { type: 'object'; required: string[]; properties: Record<string, Input> };
  steps: Step[];
}

/** An input of a workflow, as a JSON Schema. */
interface Input {
  type: 'string' | 'integer';
  description: string;
}

/** An Arazzo document (version 1.0.1 of the specification), with the fields that this one has. */
export interface ArazzoDocument {
  arazzo: '1.0.1';
  info: { title: string; version: string; summary: string; description: string };
  sourceDescriptions: { name: string; url: string; type: 'openapi' }[];
  workflows: Workflow[];
}

const texts: Record<string, string> = {
  rootKey: 'A root key with all permissions.',
  slug: 'The slug of an enabled portal of its workspace.',
  run: '24 random lower-case letters and digits, which no other run has. The ids and keys that the run makes begin with them.',
};

function inputOf(name: string): Input {
  const description = texts[name];
  if (description !== undefined) return { type: 'string', description };
  const [, direction, minutes] = /^minutes(Ago|Ahead)(\d+)$/.exec(name) ?? [];
  return {
    type: 'integer',
    description: `The time ${minutes} minutes ${direction === 'Ago' ? 'before' : 'after'} the start of the run, in Unix milliseconds.`,
  };
}

/**
 * The document.
 *
 * @param specUrl the URL of the contract, as the document has it
 * @throws NotExpressible if a flow does what no step can do; Error if one is not there
 */
export async function arazzoDocument(spec: Spec, specUrl: string): Promise<ArazzoDocument> {
  const all = new Map(flows(spec).map((flow) => [`${flow.operation} › ${flow.name}`, flow]));
  const record = recorderOf(spec, new MadeIds());
  const workflows: Workflow[] = [];
  for (const [workflowId, title] of Object.entries(journeys)) {
    const flow = all.get(title);
    if (flow === undefined) throw new Error(`contract-tests/flows has no "${title}"`);
    const { steps, inputs } = await record(flow, workflowId);
    const properties = Object.fromEntries(inputs.map((name) => [name, inputOf(name)]));
    workflows.push({ workflowId, summary: title, inputs: { type: 'object', required: inputs, properties }, steps });
  }
  return {
    arazzo: '1.0.1',
    info: {
      title: 'Journeys of Portico',
      version: spec.info.version,
      summary: 'What users and backends do with several requests.',
      description:
        'Each workflow is a flow of the contract suite. The steps are its requests, and the success criteria what it expects of each ' +
        'response. The suite also compares responses with each other; run it for those promises.',
    },
    sourceDescriptions: [{ name: sourceName, url: specUrl, type: 'openapi' }],
    workflows,
  };
}
