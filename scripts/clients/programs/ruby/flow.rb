# The whole flow with the generated client, then every error that it can be brought to.

require_relative 'client'

include PorticoClient

ACTIONS = %w[read_key create_key update_key delete_key read_analytics].freeze
BACKEND = Portico.new(ENV.fetch('ROOT_KEY'))
ANYONE = Portico.new

def session(slug = 'flow')
  permissions = ACTIONS.map { |action| "api.*.#{action}" }
  CreateSessionRequest.new(slug: slug, external_id: 'user_1', permissions: permissions)
end

def create_session
  BACKEND.portal.create_session(session).data
end

def exchange(session_id)
  ANYONE.portal.exchange_session(ExchangeSessionRequest.new(session_id: session_id)).data
end

ok 'liveness', BACKEND.health.liveness.data.status
ok 'readiness', BACKEND.health.readiness.data.status
api_id = BACKEND.apis.create_api(CreateApiRequest.new(name: 'Payments', prefix: 'pay')).data.api_id
ok 'apis.createApi', api_id
settings = CreateConfigurationRequest.new(slug: 'flow', api_ids: [api_id])
ok 'portal.createConfiguration', BACKEND.portal.create_configuration(settings).data.portal_id

created = create_session
ok 'portal.createSession', created.expires_at
exchanged = exchange(created.session_id)
ok 'portal.exchangeSession', exchanged.expires_at
user = Portico.new(exchanged.token)
signed_in = user.portal.get_session.data
ok 'portal.getSession', signed_in.external_id, signed_in.tabs.join(',')
usable = user.portal.list_apis
ok 'portal.listApis', usable.data.first.name, usable.pagination.has_more

create = CreateKeyRequest.new(api_id: api_id, name: 'First key', meta: { team: 'billing' })
old = user.portal.create_key(create).data
ok 'portal.createKey', old.key_id
keys = user.portal.list_keys(list_keys_request: ListKeysRequest.new(api_id: api_id)).data
ok 'portal.listKeys', keys.size, keys.first.name, keys.first.meta['team']
renamed = user.portal.update_key(UpdateKeyRequest.new(key_id: old.key_id, name: nil)).data
ok 'portal.updateKey', renamed.name || 'no name'
fresh = user.portal.reroll_key(RerollKeyRequest.new(key_id: old.key_id, expiration: 0)).data
ok 'portal.rerollKey', fresh.key_id
verify = VerifyKeyRequest.new(key: fresh.key, api_id: api_id)
verified = BACKEND.keys.verify_key(verify).data
ok 'keys.verifyKey', verified.code, verified.external_id
now = exchanged.expires_at - 24 * 3_600_000
window = GetVerificationsRequest.new(start_time: now - 3_600_000, end_time: now + 3_600_000)
ok 'portal.getVerifications', user.portal.get_verifications(window).data.totals.valid
ok 'portal.deleteKey', user.portal.delete_key(DeleteKeyRequest.new(key_id: fresh.key_id)).data.key_id
ok 'keys.verifyKey', BACKEND.keys.verify_key(verify).data.code

sessions = BACKEND.portal.list_sessions(ListSessionsRequest.new(external_id: 'user_1')).data
ok 'portal.listSessions', sessions.size, sessions.first.state
ok 'portal.revokeSessions', BACKEND.portal.revoke_sessions(RevokeSessionsRequest.new(external_id: 'user_1')).data.revoked
Portico.new(exchange(create_session.session_id).token).portal.end_session
ok 'portal.endSession', 'ended'
entry = BACKEND.audit_logs.list_entries(list_entries_request: ListEntriesRequest.new(limit: 1)).data.first
ok 'auditLogs.listEntries', entry.action, entry.actor.type

token = exchange(create_session.session_id).token
user = Portico.new(token)
# Without a token it would send `Bearer` alone.
fails { ANYONE.portal.create_session(session, debug_auth_names: []) }
fails { Portico.new(headers: { 'Authorization' => 'Token x' }).portal.create_session(session) }
fails { Portico.new('rk_nobody').portal.create_session(session) }
fails { ANYONE.portal.get_session }
fails { exchange(created.session_id) }
fails { Portico.new(ENV.fetch('LIMITED_ROOT_KEY')).apis.create_api(CreateApiRequest.new(name: 'Payments')) }
fails { Portico.new(ENV.fetch('SUSPENDED_ROOT_KEY')).portal.create_session(session) }
foreign = { 'Cookie' => "portal_session=#{token}", 'Origin' => 'https://elsewhere.example' }
fails { Portico.new(headers: foreign).portal.get_session(debug_auth_names: []) }
fails { BACKEND.portal.list_sessions(ListSessionsRequest.new) }
fails { user.portal.create_key(CreateKeyRequest.new(api_id: api_id, meta: { text: 'x' * 200_000 })) }
fails { Portico.new(base_url: "#{ENV.fetch('BASE_URL')}/elsewhere").portal.create_session(session) }
BACKEND.apis.create_api(CreateApiRequest.new(name: 'Once'), idempotency_key: 'once')
fails { BACKEND.apis.create_api(CreateApiRequest.new(name: 'Twice'), idempotency_key: 'once') }

def change(version, **fields)
  request = UpdateConfigurationRequest.new(portal: 'flow', version: version, **fields)
  BACKEND.portal.update_configuration(request).data
end

fails { BACKEND.portal.create_session(session('no-such-portal')) }
fails { BACKEND.portal.create_configuration(CreateConfigurationRequest.new(slug: 'flow')) }
fails { change(99, enabled: false) }
fails { user.portal.create_key(CreateKeyRequest.new(api_id: 'api_0')) }
fails { user.portal.delete_key(DeleteKeyRequest.new(key_id: 'key_0')) }
fails { user.portal.update_key(UpdateKeyRequest.new(key_id: old.key_id, enabled: false)) }
2.times { user.portal.create_key(CreateKeyRequest.new(api_id: api_id)) }
fails { user.portal.create_key(CreateKeyRequest.new(api_id: api_id)) }
throttled = Portico.new(token, base_url: ENV.fetch('THROTTLED_URL'))
throttled.portal.get_session
fails { throttled.portal.get_session }
fails { user.portal.get_openapi_document }
version = change(1, openapi_url: ENV.fetch('DOCUMENT_URL')).version
fails { user.portal.get_openapi_document }
change(version, enabled: false)
fails { BACKEND.portal.create_session(session) }
fails { Portico.new(base_url: ENV.fetch('UNREADY_URL')).health.readiness }
