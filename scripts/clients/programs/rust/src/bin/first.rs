use portico_client::apis::{configuration::Configuration, portal_api};
use portico_client::models::CreateSessionRequest;
use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    let portico = Configuration {
        base_path: env::var("BASE_URL")?,
        bearer_access_token: Some(env::var("ROOT_KEY")?),
        ..Default::default()
    };
    let permissions = vec!["api.*.read_key".into()];
    let body = CreateSessionRequest::new("my-portal".into(), "user_1".into(), permissions);
    println!("{}", portal_api::create_session(&portico, body, None)?.data.url);
    Ok(())
}
