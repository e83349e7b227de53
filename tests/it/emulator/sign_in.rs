//! Signing in, as the web SDKs do it.

use cloudbase_graphql::emulator::{Config, Credentials, User};
use reqwest::StatusCode;
use serde_json::{Value as Json, json};

use super::exchange::Served;

async fn served() -> Served {
    let users = r#"{"users":[{"uid":"u1","username":"ann","password":"p@ss"}]}"#;
    let identity = Credentials {
        users: User::parse_file(users).unwrap(),
        secrets: [("id".to_owned(), "key".to_owned())].into(),
        ..Credentials::default()
    };
    Served::with(Config {
        env: Some("emu-env".to_owned()),
        identity,
        ..Config::default()
    })
    .await
}

async fn anonymous(served: &Served) -> Json {
    let device = ("x-device-id", "0123456789abcdef");
    let path = "/auth/v1/signin/anonymously?client_id=emu-env";
    served.post(path, &[device], json!({})).await
}

fn bearer(tokens: &Json) -> String {
    format!("Bearer {}", tokens["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn a_token_answer_has_what_the_sdks_read() {
    let served = served().await;
    let tokens = anonymous(&served).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 7200);
    assert_eq!(tokens["scope"], "anonymous");
    assert!(
        tokens["refresh_token"].is_string() && tokens["sub"].is_string(),
        "{tokens}"
    );
    let authorization = bearer(&tokens);
    let headers = [("authorization", authorization.as_str())];
    let (status, me) = served.send("GET", "/auth/v1/user/me", &headers, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&me["sub"], &me["name"]),
        (&tokens["sub"], &json!("anonymous"))
    );
    assert_eq!((&me["providers"], &me["groups"]), (&json!([]), &json!([])));
    let (_, told) = served
        .send("GET", "/auth/v1/token/introspect", &headers, None)
        .await;
    let expected = json!({
        "token_type": "Bearer", "client_id": "emu-env", "sub": tokens["sub"], "scope": "anonymous",
    });
    assert_eq!(told, expected);
    let (_, keys) = served.send("GET", "/auth/v1/certs", &[], None).await;
    assert_eq!(keys["keys"][0]["alg"], "RS256", "{keys}");
}

#[tokio::test]
async fn every_way_to_sign_in() {
    let served = served().await;
    let refresh_token = anonymous(&served).await["refresh_token"].clone();
    let basic = [("authorization", "Basic aWQ6a2V5")];
    let password = json!({"username": "ann", "password": "p@ss"});
    for (path, headers, body) in [
        ("/auth/v1/signin?client_id=emu-env", &[][..], password),
        (
            "/auth/v1/token",
            &[],
            json!({"grant_type": "password", "username": "ann", "password": "p@ss"}),
        ),
        (
            "/auth/v1/token",
            &[],
            json!({"grant_type": "refresh_token", "client_id": "emu-env", "client_secret": "",
            "refresh_token": refresh_token}),
        ),
        (
            "/auth/v1/token",
            &basic,
            json!({"grant_type": "client_credentials"}),
        ),
        (
            "/auth/v1/token/clientCredential",
            &basic,
            json!({"grant_type": "client_credentials"}),
        ),
    ] {
        let (status, answer) = served.send("POST", path, headers, Some(&body)).await;
        assert_eq!(status, StatusCode::OK, "{path} {body}: {answer}");
        assert!(
            answer["access_token"].is_string(),
            "{path} {body}: {answer}"
        );
    }
}

#[tokio::test]
async fn refusals_are_in_the_words_of_oauth() {
    let served = served().await;
    let wrong = [("authorization", "Basic aWQ6eA==")];
    let forged = [("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")];
    for (path, headers, body, status, error) in [
        (
            "/auth/v1/signin",
            &[][..],
            json!({"username": "ann", "password": "x"}),
            400,
            "invalid_username_or_password",
        ),
        (
            "/auth/v1/signin",
            &[],
            json!({"verification_token": "x"}),
            400,
            "invalid_argument",
        ),
        (
            "/auth/v1/signin/anonymously",
            &[],
            json!({}),
            400,
            "invalid_argument",
        ),
        (
            "/auth/v1/signin/custom",
            &[],
            json!({"provider_id": "custom", "ticket": "k/@@/x"}),
            400,
            "invalid_grant",
        ),
        (
            "/auth/v1/token",
            &[],
            json!({"grant_type": "refresh_token", "refresh_token": "x"}),
            400,
            "invalid_grant",
        ),
        (
            "/auth/v1/token",
            &[],
            json!({"grant_type": "magic"}),
            400,
            "invalid_argument",
        ),
        (
            "/auth/v1/token",
            &[],
            json!({"grant_type": "client_credentials"}),
            401,
            "unauthorized_client",
        ),
        (
            "/auth/v1/token/clientCredential",
            &wrong,
            json!({}),
            401,
            "unauthorized_client",
        ),
        (
            "/auth/v1/user/signout",
            &forged,
            json!({}),
            401,
            "unauthenticated",
        ),
        ("/auth/v1/signup", &[], json!({}), 404, "unimplemented"),
    ] {
        let (answered, answer) = served.send("POST", path, headers, Some(&body)).await;
        assert_eq!(answered.as_u16(), status, "{path} {body}: {answer}");
        assert_eq!(answer["error"], error, "{path} {body}: {answer}");
        assert!(answer["error_code"].is_number(), "{path} {body}: {answer}");
    }
}

#[tokio::test]
async fn who_signed_out_is_out() {
    let served = served().await;
    for way in ["/auth/v1/user/signout", "/auth/v1/revoke"] {
        let tokens = anonymous(&served).await;
        let authorization = bearer(&tokens);
        let headers = [("authorization", authorization.as_str())];
        let body = json!({"token": tokens["access_token"]});
        let (status, answer) = served.send("POST", way, &headers, Some(&body)).await;
        assert_eq!((status, answer), (StatusCode::OK, json!({})), "{way}");
        let (status, _) = served.send("GET", "/auth/v1/user/me", &headers, None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{way}");
        let (_, told) = served
            .send("GET", "/auth/v1/token/introspect", &headers, None)
            .await;
        assert_eq!(told, json!({}), "{way}");
    }
}
