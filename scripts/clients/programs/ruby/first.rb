require 'portico_client'

config = PorticoClient::Configuration.new do |c|
  c.server_index = 0
  c.server_variables = { baseUrl: ENV.fetch('BASE_URL') }
  c.access_token = ENV.fetch('ROOT_KEY')
end
portal = PorticoClient::PortalApi.new(PorticoClient::ApiClient.new(config))

body = { slug: 'my-portal', external_id: 'user_1', permissions: ['api.*.read_key'] }
puts portal.create_session(PorticoClient::CreateSessionRequest.new(body)).data.url
