/** The records of control data. control.ts says how processes cache them. */
import type { Branding, Policy } from '../../../generated/client/types.gen.ts';

/** A company that runs portals. Every other record belongs to one. */
export interface Workspace {
  workspaceId: string;
  name: string;
  enabled: boolean;
  /** In how many partitions its users are. Absent until data of 0.1.0 is migrated. */
  partitions?: number;
  /** Unix ms. */
  createdAt: number;
}

/** The configuration of a portal. */
export interface Portal {
  portalId: string;
  workspaceId: string;
  /** Never changes: links, backends and indexes use it. */
  slug: string;
  name?: string;
  enabled: boolean;
  /** The host name at which users reach it. By default that of the server. */
  hostname?: string;
  returnUrl?: string;
  /** Allowed origins of the return URL of a session, beside the origin of `returnUrl`. */
  allowedReturnOrigins: string[];
  /** The help page for users. */
  supportUrl?: string;
  /** Origins of pages that can show the portal in a frame. Absent in old records, which means none. */
  embeddingOrigins?: string[];
  /** Origins of pages that can call the portal's operations. Absent in old records, which means none. */
  allowedOrigins?: string[];
  /** The URL of the OpenAPI document of the customer's API. */
  openapiUrl?: string;
  branding: Branding;
  /** The APIs whose keys users manage in the portal. */
  apiIds: string[];
  /** Counts the changes, from 1. */
  version: number;
  /** Unix ms. */
  createdAt: number;
  /** Unix ms. */
  updatedAt: number;
}

/** A kind of names in an OpenAPI document that can be scopes. */
export type DocumentScopeKind = 'oauth' | 'tags' | 'operations';

/** The OpenAPI document of a portal, and which of its names are scopes. */
export interface ScopeSource {
  portalId: string;
  kinds: DocumentScopeKind[];
}

/** An API of the customer, which API keys belong to. */
export interface Api {
  apiId: string;
  name: string;
  /** The prefix of its keys. */
  prefix?: string;
  /** What bounds its keys. */
  policy?: Policy;
  /** The document that its scopes come from; without one they are those of the policy. */
  scopeSource?: ScopeSource;
  /** SHA-256 of the catalogue of its scopes, once the document was read. */
  catalogue?: string;
  /** Unix ms. */
  createdAt: number;
}
