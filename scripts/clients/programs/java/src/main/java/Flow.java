import dev.portico.client.ApiException;
import dev.portico.client.model.CreateApiRequest;
import dev.portico.client.model.CreateConfigurationRequest;
import dev.portico.client.model.CreateKeyRequest;
import dev.portico.client.model.CreateSessionRequest;
import dev.portico.client.model.CreatedSession;
import dev.portico.client.model.DeleteKeyRequest;
import dev.portico.client.model.ExchangeSessionRequest;
import dev.portico.client.model.ExchangedSession;
import dev.portico.client.model.GetVerificationsRequest;
import dev.portico.client.model.ListEntriesRequest;
import dev.portico.client.model.ListKeysRequest;
import dev.portico.client.model.ListSessionsRequest;
import dev.portico.client.model.RerollKeyRequest;
import dev.portico.client.model.RevokeSessionsRequest;
import dev.portico.client.model.UpdateKeyRequest;
import dev.portico.client.model.VerifyKeyRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The whole flow with the generated client, then every error that it can be brought to. */
public class Flow {
  static final Client backend = Client.as(System.getenv("ROOT_KEY"));
  static final List<String> permissions =
      List.of("api.*.read_key", "api.*.create_key", "api.*.update_key", "api.*.delete_key", "api.*.read_analytics");

  static void ok(String operation, Object... values) {
    Client.tell("ok", operation, List.of(values).stream().map(String::valueOf).collect(Collectors.joining(" ")));
  }

  static CreateSessionRequest session() {
    return new CreateSessionRequest().slug("flow").externalId("user_1").permissions(permissions);
  }

  static CreatedSession createSession() throws ApiException {
    return backend.portal.createSession(session(), null).getData();
  }

  static ExchangedSession exchange(String sessionId) throws ApiException {
    return backend.portal.exchangeSession(new ExchangeSessionRequest().sessionId(sessionId), null).getData();
  }

  public static void main(String[] args) throws Exception {
    ok("liveness", backend.health.liveness().getData().getStatus());
    ok("readiness", backend.health.readiness().getData().getStatus());
    var api = new CreateApiRequest().name("Payments").prefix("pay");
    var apiId = backend.apis.createApi(api, null).getData().getApiId();
    ok("apis.createApi", apiId);
    var settings = new CreateConfigurationRequest().slug("flow").apiIds(Set.of(apiId));
    ok("portal.createConfiguration", backend.portal.createConfiguration(settings, null).getData().getPortalId());

    var created = createSession();
    ok("portal.createSession", created.getExpiresAt());
    var exchanged = exchange(created.getSessionId());
    ok("portal.exchangeSession", exchanged.getExpiresAt());
    var oldKeyId = useKeys(Client.as(exchanged.getToken()), apiId, exchanged.getExpiresAt());
    useSessions();
    Errors.provoke(created.getSessionId(), apiId, oldKeyId);
  }

  /** From a session to a deleted key; returns the id of one that was rerolled away. */
  static String useKeys(Client user, String apiId, long expiresAt) throws ApiException {
    var session = user.portal.getSession(Map.of()).getData();
    var tabs = String.join(",", session.getTabs());
    ok("portal.getSession", session.getExternalId(), tabs);
    var usable = user.portal.listApis(Map.of());
    ok("portal.listApis", usable.getData().get(0).getName(), usable.getPagination().getHasMore());

    var create = new CreateKeyRequest().apiId(apiId).name("First key").meta(Map.of("team", "billing"));
    var old = user.portal.createKey(create, null).getData();
    ok("portal.createKey", old.getKeyId());
    var keys = user.portal.listKeys(new ListKeysRequest().apiId(apiId)).getData();
    ok("portal.listKeys", keys.size(), keys.get(0).getName(), keys.get(0).getMeta().get("team"));
    var renamed = user.portal.updateKey(new UpdateKeyRequest().keyId(old.getKeyId()).name(null)).getData();
    ok("portal.updateKey", renamed.getName() == null ? "no name" : renamed.getName());
    var fresh = user.portal.rerollKey(new RerollKeyRequest().keyId(old.getKeyId()).expiration(0L), null).getData();
    ok("portal.rerollKey", fresh.getKeyId());

    var verify = new VerifyKeyRequest().key(fresh.getKey()).apiId(apiId);
    var verified = backend.keys.verifyKey(verify).getData();
    ok("keys.verifyKey", verified.getCode(), verified.getExternalId());
    long now = expiresAt - 24 * 3_600_000L;
    var window = new GetVerificationsRequest().startTime(now - 3_600_000L).endTime(now + 3_600_000L);
    ok("portal.getVerifications", user.portal.getVerifications(window).getData().getTotals().getValid());
    var deleted = user.portal.deleteKey(new DeleteKeyRequest().keyId(fresh.getKeyId())).getData();
    ok("portal.deleteKey", deleted.getKeyId());
    ok("keys.verifyKey", backend.keys.verifyKey(verify).getData().getCode());
    return old.getKeyId();
  }

  static void useSessions() throws ApiException {
    var sessions = backend.portal.listSessions(new ListSessionsRequest().externalId("user_1")).getData();
    ok("portal.listSessions", sessions.size(), sessions.get(0).getState());
    var revoke = new RevokeSessionsRequest().externalId("user_1");
    ok("portal.revokeSessions", backend.portal.revokeSessions(revoke).getData().getRevoked());
    Client.as(exchange(createSession().getSessionId()).getToken()).portal.endSession(Map.of());
    ok("portal.endSession", "ended");
    var entry = backend.auditLogs.listEntries(new ListEntriesRequest().limit(1)).getData().get(0);
    ok("auditLogs.listEntries", entry.getAction(), entry.getActor().getType());
  }
}
