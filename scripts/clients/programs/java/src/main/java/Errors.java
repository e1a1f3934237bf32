import dev.portico.client.model.CreateApiRequest;
import dev.portico.client.model.CreateConfigurationRequest;
import dev.portico.client.model.CreateKeyRequest;
import dev.portico.client.model.DeleteKeyRequest;
import dev.portico.client.model.ExchangeSessionRequest;
import dev.portico.client.model.ListSessionsRequest;
import dev.portico.client.model.UpdateConfigurationRequest;
import dev.portico.client.model.UpdateKeyRequest;
import java.net.URI;
import java.util.Map;

/** Brings about one error after the other. */
class Errors {
  static final String baseUrl = System.getenv("BASE_URL");

  static void provoke(String usedSessionId, String apiId, String rerolledKeyId) throws Exception {
    var backend = Flow.backend;
    var token = Flow.exchange(Flow.createSession().getSessionId()).getToken();
    var user = Client.as(token);
    var anonymous = new Client(baseUrl, Map.of());

    Client.fails(() -> anonymous.portal.createSession(Flow.session(), null));
    var otherScheme = new Client(baseUrl, Map.of("Authorization", "Token x"));
    Client.fails(() -> otherScheme.portal.createSession(Flow.session(), null));
    Client.fails(() -> Client.as("rk_nobody").portal.createSession(Flow.session(), null));
    Client.fails(() -> anonymous.portal.getSession(Map.of()));
    Client.fails(() -> anonymous.portal.exchangeSession(new ExchangeSessionRequest().sessionId(usedSessionId), null));
    var limited = Client.as(System.getenv("LIMITED_ROOT_KEY"));
    Client.fails(() -> limited.apis.createApi(new CreateApiRequest().name("Payments"), null));
    var suspended = Client.as(System.getenv("SUSPENDED_ROOT_KEY"));
    Client.fails(() -> suspended.portal.createSession(Flow.session(), null));
    var foreign = Map.of("Cookie", "portal_session=" + token, "Origin", "https://elsewhere.example");
    Client.fails(() -> new Client(baseUrl, foreign).portal.getSession(Map.of()));
    Client.fails(() -> backend.portal.listSessions(new ListSessionsRequest()));
    var big = new CreateKeyRequest().apiId(apiId).meta(Map.of("text", "x".repeat(200_000)));
    Client.fails(() -> user.portal.createKey(big, null));
    var elsewhere = new Client(baseUrl + "/elsewhere", Map.of());
    Client.fails(() -> elsewhere.portal.createSession(Flow.session(), null));
    backend.apis.createApi(new CreateApiRequest().name("Once"), "once");
    Client.fails(() -> backend.apis.createApi(new CreateApiRequest().name("Twice"), "once"));

    Client.fails(() -> backend.portal.createSession(Flow.session().slug("no-such-portal"), null));
    Client.fails(() -> backend.portal.createConfiguration(new CreateConfigurationRequest().slug("flow"), null));
    var late = new UpdateConfigurationRequest().portal("flow").version(99L).enabled(false);
    Client.fails(() -> backend.portal.updateConfiguration(late));
    Client.fails(() -> user.portal.createKey(new CreateKeyRequest().apiId("api_0"), null));
    Client.fails(() -> user.portal.deleteKey(new DeleteKeyRequest().keyId("key_0")));
    Client.fails(() -> user.portal.updateKey(new UpdateKeyRequest().keyId(rerolledKeyId).enabled(false)));
    for (int i = 0; i < 2; i++) user.portal.createKey(new CreateKeyRequest().apiId(apiId), null);
    Client.fails(() -> user.portal.createKey(new CreateKeyRequest().apiId(apiId), null));

    var throttled = new Client(System.getenv("THROTTLED_URL"), Map.of("Authorization", "Bearer " + token));
    throttled.portal.getSession(Map.of());
    Client.fails(() -> throttled.portal.getSession(Map.of()));
    Client.fails(() -> user.portal.getOpenapiDocument(null, Map.of()));
    var document = URI.create(System.getenv("DOCUMENT_URL"));
    var documented = new UpdateConfigurationRequest().portal("flow").version(1L).openapiUrl(document);
    var version = backend.portal.updateConfiguration(documented).getData().getVersion();
    Client.fails(() -> user.portal.getOpenapiDocument(null, Map.of()));
    backend.portal.updateConfiguration(new UpdateConfigurationRequest().portal("flow").version(version).enabled(false));
    Client.fails(() -> backend.portal.createSession(Flow.session(), null));
    Client.fails(() -> new Client(System.getenv("UNREADY_URL"), Map.of()).health.readiness());
  }
}
