require 'portico_client'

# All operations, called with the same credential and headers.
class Portico
  attr_reader :portal, :apis, :keys, :audit_logs, :health

  def initialize(token = nil, headers: {}, base_url: ENV.fetch('BASE_URL'))
    config = PorticoClient::Configuration.new do |c|
      c.server_index = 0
      c.server_variables = { baseUrl: base_url }
      c.access_token = token
    end
    client = PorticoClient::ApiClient.new(config)
    client.default_headers.merge!(headers)
    @portal = PorticoClient::PortalApi.new(client)
    @apis = PorticoClient::ApisApi.new(client)
    @keys = PorticoClient::KeysApi.new(client)
    @audit_logs = PorticoClient::AuditLogsApi.new(client)
    @health = PorticoClient::HealthApi.new(client)
  end
end

def ok(operation, *values)
  puts ['ok', operation, *values].join(' ')
end

# Tells of a call that must fail.
def fails
  yield
rescue PorticoClient::ApiError => e
  type = e.code == 400 ? PorticoClient::InvalidInputResponse : PorticoClient::ErrorResponse
  failure = type.build_from_hash(JSON.parse(e.response_body, symbolize_names: true))
  error = failure.error
  where = e.code == 400 ? [error.errors.first.location] : []
  puts ['error', error.status, error.type, failure.meta.request_id, *where].join(' ')
else
  abort 'did not fail'
end
