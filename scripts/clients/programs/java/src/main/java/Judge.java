import dev.portico.client.ApiClient;
import dev.portico.client.ApiException;
import dev.portico.client.api.KeysApi;
import dev.portico.client.api.PortalApi;
import dev.portico.client.model.CreateUserKeyRequest;
import dev.portico.client.model.DeleteUserKeyRequest;
import dev.portico.client.model.ErrorResponse;
import dev.portico.client.model.ExchangeSessionRequest;
import dev.portico.client.model.InvalidInputResponse;
import dev.portico.client.model.UpdateUserKeyRequest;
import dev.portico.client.model.ValidationFailure;
import dev.portico.client.model.VerifyKeyRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Makes one call for the judge of clients: {@code npm run clients -- --judge}. */
public class Judge {
  static String env(String name) {
    return System.getenv(name);
  }

  static ApiClient connect(String credential) {
    var client = new ApiClient();
    client.updateBaseUri(env("BASE_URL"));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + credential));
    if (env("TIMEOUT_SECONDS") != null) client.setReadTimeout(Duration.ofSeconds(Long.parseLong(env("TIMEOUT_SECONDS"))));
    return client;
  }

  static final ApiClient backend = connect(env("ROOT_KEY"));
  static final KeysApi keys = new KeysApi(backend);

  static String verify() throws ApiException {
    return keys.verifyKey(new VerifyKeyRequest().key(env("API_KEY"))).getData().getCode();
  }

  static String userOf(String token) throws ApiException {
    return new PortalApi(connect(token)).getSession(Map.of()).getData().getExternalId();
  }

  static String signIn(String sessionId) throws ApiException {
    var exchange = new ExchangeSessionRequest().sessionId(sessionId);
    return userOf(new PortalApi(backend).exchangeSession(exchange, null).getData().getToken());
  }

  static Object call(String name) throws ApiException {
    var keyId = env("KEY_ID");
    switch (name) {
      case "createKey":
        var body = new CreateUserKeyRequest().apiId(env("API_ID")).externalId("user_123").name("Production");
        return keys.createKey(body, UUID.randomUUID().toString()).getData().getKeyId();
      case "updateKey":
        return keys.updateKey(new UpdateUserKeyRequest().keyId(keyId).name(null)).getData().getKeyId();
      case "verifyKey":
        return verify();
      case "verifyTwice":
        return List.of(verify(), verify());
      case "deleteKey":
        return keys.deleteKey(new DeleteUserKeyRequest().keyId(keyId)).getData().getKeyId();
      case "getSession":
        return userOf(env("SESSION_TOKEN"));
      case "signIn":
        return List.of(signIn(env("SESSION_ID")), signIn(env("OTHER_SESSION_ID")));
      default:
        throw new IllegalArgumentException(name);
    }
  }

  /** What the client says of a failure. */
  static Map<String, Object> told(ApiException exception) {
    var report = new LinkedHashMap<String, Object>();
    report.put("message", String.valueOf(exception.getMessage()));
    if (exception.getCode() != 0) report.put("status", exception.getCode());
    if (exception.getResponseHeaders() != null)
      exception.getResponseHeaders().firstValue("Retry-After").filter(value -> value.matches("\\d+"))
        .ifPresent(value -> report.put("retryAfter", Long.parseLong(value)));
    var mapper = ApiClient.createDefaultObjectMapper();
    try {
      if (exception.getCode() == 400) {
        var failure = mapper.readValue(exception.getResponseBody(), InvalidInputResponse.class);
        report.put("type", failure.getError().getType().toString());
        report.put("requestId", failure.getMeta().getRequestId());
        report.put("locations", failure.getError().getErrors().stream().map(ValidationFailure::getLocation).collect(Collectors.toList()));
      } else {
        var failure = mapper.readValue(exception.getResponseBody(), ErrorResponse.class);
        report.put("type", failure.getError().getType().toString());
        report.put("requestId", failure.getMeta().getRequestId());
      }
    } catch (Exception unreadable) {
      // The body is not from Portico, or there is none.
    }
    return report;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> report;
    try {
      report = Map.of("value", call(args[0]));
    } catch (ApiException exception) {
      report = Map.of("error", told(exception));
    } catch (RuntimeException exception) {
      report = Map.of("error", Map.of("message", exception.toString()));
    }
    System.out.println(ApiClient.createDefaultObjectMapper().writeValueAsString(report));
  }
}
