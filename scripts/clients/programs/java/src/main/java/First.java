import dev.portico.client.ApiClient;
import dev.portico.client.ApiException;
import dev.portico.client.api.PortalApi;
import dev.portico.client.model.CreateSessionRequest;
import java.util.List;

public class First {
  public static void main(String[] args) throws ApiException {
    var client = new ApiClient();
    client.updateBaseUri(System.getenv("BASE_URL"));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv("ROOT_KEY")));

    var body = new CreateSessionRequest().slug("my-portal").externalId("user_1").permissions(List.of("api.*.read_key"));
    System.out.println(new PortalApi(client).createSession(body, null).getData().getUrl());
  }
}
