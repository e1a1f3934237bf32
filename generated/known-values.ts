// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.

/** The values of each open enum in this version of the contract. The server uses no others; later versions may. */
export const knownValues = {
  Tab: ['keys', 'analytics', 'docs', 'account'],
  DocumentScopeKind: ['oauth', 'tags', 'operations'],
  ScopeKind: ['list', 'oauth', 'tags', 'operations'],
  ScopeDocumentState: ['current', 'stale', 'unavailable', 'no_document', 'no_portal'],
  KeyAction: ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'],
  QuotaPeriod: ['hour', 'day', 'week', 'month'],
  IpRangeMode: ['allowed', 'required'],
  VerificationCode: ['VALID', 'NOT_FOUND', 'DISABLED', 'EXPIRED', 'FORBIDDEN', 'INSUFFICIENT_PERMISSIONS', 'RATE_LIMITED', 'USAGE_EXCEEDED'],
  Granularity: ['minute', 'hour', 'day'],
  ImportStatus: ['created', 'exists', 'failed'],
  SessionState: ['pending', 'active'],
  AuditAction: ['session.create', 'session.exchange', 'session.end', 'session.revoke', 'portal.create', 'portal.update', 'portal.delete', 'api.create', 'api.update', 'api.delete', 'key.create', 'key.import', 'key.update', 'key.delete', 'key.reroll', 'identity.create', 'identity.update', 'identity.delete', 'root_key.create', 'root_key.revoke', 'workspace.create', 'workspace.update'],
  AuditActorType: ['root_key', 'user', 'cli'],
  AuditResourceType: ['session', 'portal', 'api', 'key', 'identity', 'root_key', 'workspace'],
  LivenessStatus: ['alive'],
  ReadinessStatus: ['ready'],
  ColorScheme: ['auto', 'light', 'dark'],
  PortalFont: ['system', 'inter'],
  CornerRadius: ['none', 'small', 'medium', 'large'],
  Density: ['comfortable', 'compact'],
  NeutralColor: ['zinc', 'slate', 'gray', 'stone', 'neutral'],
  HeaderForm: ['full', 'compact', 'none'],
  ThemeVariableName: ['--portico-ground', '--portico-subtle', '--portico-raised', '--portico-text', '--portico-muted', '--portico-line', '--portico-control-line', '--portico-chart', '--portico-radius', '--portico-content-width', '--portico-logo-height'],
} as const;

/** One of the values of an open enum in this version of the contract. */
export type Known<Name extends keyof typeof knownValues> = (typeof knownValues)[Name][number];
