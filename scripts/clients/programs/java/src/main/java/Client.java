import dev.portico.client.ApiClient;
import dev.portico.client.ApiException;
import dev.portico.client.api.ApisApi;
import dev.portico.client.api.AuditLogsApi;
import dev.portico.client.api.HealthApi;
import dev.portico.client.api.KeysApi;
import dev.portico.client.api.PortalApi;
import dev.portico.client.model.ErrorResponse;
import dev.portico.client.model.InvalidInputResponse;
import java.util.Map;

/** All operations, called with the same headers. */
class Client {
  final PortalApi portal;
  final ApisApi apis;
  final KeysApi keys;
  final AuditLogsApi auditLogs;
  final HealthApi health;

  Client(String baseUrl, Map<String, String> headers) {
    var client = new ApiClient();
    client.updateBaseUri(baseUrl);
    client.setRequestInterceptor(request -> headers.forEach(request::header));
    portal = new PortalApi(client);
    apis = new ApisApi(client);
    keys = new KeysApi(client);
    auditLogs = new AuditLogsApi(client);
    health = new HealthApi(client);
  }

  static Client as(String credential) {
    return new Client(System.getenv("BASE_URL"), Map.of("Authorization", "Bearer " + credential));
  }

  /** A call that may fail. */
  interface Call {
    void run() throws ApiException;
  }

  /** Tells of a call that must fail. */
  static void fails(Call call) throws Exception {
    try {
      call.run();
    } catch (ApiException exception) {
      var mapper = ApiClient.createDefaultObjectMapper();
      if (exception.getCode() == 400) {
        var failure = mapper.readValue(exception.getResponseBody(), InvalidInputResponse.class);
        var error = failure.getError();
        tell("error", error.getStatus(), error.getType(), failure.getMeta().getRequestId(), error.getErrors().get(0).getLocation());
      } else {
        var failure = mapper.readValue(exception.getResponseBody(), ErrorResponse.class);
        tell("error", failure.getError().getStatus(), failure.getError().getType(), failure.getMeta().getRequestId());
      }
      return;
    }
    throw new IllegalStateException("did not fail");
  }

  static void tell(Object... words) {
    var line = new StringBuilder();
    for (var word : words) line.append(line.length() == 0 ? "" : " ").append(word);
    System.out.println(line);
  }
}
