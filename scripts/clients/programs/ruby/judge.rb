# Makes one call for the judge of clients: `npm run clients -- --judge`.
require 'json'
require 'securerandom'
require 'portico_client'

def connect(token)
  config = PorticoClient::Configuration.new do |c|
    c.server_index = 0
    c.server_variables = { baseUrl: ENV.fetch('BASE_URL') }
    c.access_token = token
    c.timeout = ENV['TIMEOUT_SECONDS'].to_f if ENV['TIMEOUT_SECONDS']
  end
  PorticoClient::ApiClient.new(config)
end

BACKEND = connect(ENV.fetch('ROOT_KEY'))
KEYS = PorticoClient::KeysApi.new(BACKEND)
KEY_ID = ENV.fetch('KEY_ID')

def verify
  KEYS.verify_key(PorticoClient::VerifyKeyRequest.new(key: ENV.fetch('API_KEY'))).data.code
end

def user_of(token)
  PorticoClient::PortalApi.new(connect(token)).get_session.data.external_id
end

def sign_in(session_id)
  exchange = PorticoClient::ExchangeSessionRequest.new(session_id: session_id)
  user_of(PorticoClient::PortalApi.new(BACKEND).exchange_session(exchange).data.token)
end

def create_key
  body = { api_id: ENV.fetch('API_ID'), external_id: 'user_123', name: 'Production' }
  KEYS.create_key(PorticoClient::CreateUserKeyRequest.new(body), idempotency_key: SecureRandom.uuid).data.key_id
end

def call(name)
  case name
  when 'createKey' then create_key
  when 'updateKey' then KEYS.update_key(PorticoClient::UpdateUserKeyRequest.new(key_id: KEY_ID, name: nil)).data.key_id
  when 'verifyKey' then verify
  when 'verifyTwice' then [verify, verify]
  when 'deleteKey' then KEYS.delete_key(PorticoClient::DeleteUserKeyRequest.new(key_id: KEY_ID)).data.key_id
  when 'getSession' then user_of(ENV.fetch('SESSION_TOKEN'))
  when 'signIn' then [sign_in(ENV.fetch('SESSION_ID')), sign_in(ENV.fetch('OTHER_SESSION_ID'))]
  end
end

# What the client says of a failure.
def told(error)
  report = { message: error.message }
  report[:status] = error.code if error.code.to_i.positive?
  retry_after = (error.response_headers || {})['Retry-After']
  report[:retryAfter] = retry_after.to_f if retry_after
  type = error.code == 400 ? PorticoClient::InvalidInputResponse : PorticoClient::ErrorResponse
  failure = type.build_from_hash(JSON.parse(error.response_body, symbolize_names: true))
  report.merge!(type: failure.error.type, requestId: failure.meta.request_id)
  report[:locations] = failure.error.errors.map(&:location) if error.code == 400
  report
rescue StandardError
  # The body is not from Portico, or there is none.
  report
end

begin
  puts JSON.generate(value: call(ARGV.fetch(0)))
rescue PorticoClient::ApiError => e
  puts JSON.generate(error: told(e))
rescue StandardError => e
  puts JSON.generate(error: { message: "#{e.class}: #{e.message}" })
end
