//! Another Microsoft than the built-in one: a second simulator on another port, as it will be a real tenant.

use local::{Options, OtherMicrosoft, Stack, StackClock};
use reqwest::Method;
use serde_json::json;
use sim::{Answer, Hunt};

use crate::laptop::Laptop;
use crate::programs::{Program, build_local};
use crate::world::{BEGIN, Browser, World};

/// What a registration there would tell.
fn registration(stack: &Stack) -> OtherMicrosoft {
    OtherMicrosoft {
        login_url: stack.microsoft.login_url(),
        graph_url: stack.microsoft.graph_url(),
        client_id: stack.shared.environment["MICROSOFT_CLIENT_ID"].clone(),
        client_secret: stack.microsoft.client_secret(),
    }
}

fn redirect_uri(url: &str) -> Vec<String> {
    vec![format!("{url}/api/auth/microsoft/callback")]
}

#[tokio::test]
async fn an_interview_goes_to_the_microsoft_that_was_named() {
    let there = StackClock::standing(BEGIN.parse().expect("a time"));
    let there = Stack::start(there, Options::default()).await.expect("the other side starts");
    let world = World::with(Options { microsoft: Some(registration(&there)), ..Options::default() }).await;
    there.microsoft.set_redirect_uris(redirect_uri(&world.stack.url));
    there.journal.clear();
    world.asks_at(&there.journal);

    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let browser = Browser::new(&world);
    let authorize = browser.to_microsoft(&ana.connect_link().await).await;
    assert!(authorize.starts_with(&there.microsoft.login_url()), "{authorize}");
    let back = there.microsoft.sign_in(&authorize, "ana@contoso.com", Answer::Accept).expect("it sends back");
    assert_eq!(browser.open(&back).await.status, 303);
    assert_eq!(ana.status().await, "connected");

    let made = ana.schedule("key-of-creation").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let to = json!({ "start": "2026-12-01T15:00:00+01:00", "end": "2026-12-01T15:45:00+01:00" });
    let moved = ana.post_as("key-of-move", &format!("{path}/reschedule"), &to).await;
    assert_eq!((moved.status, moved.str("/join_url")), (200, made.str("/join_url")), "{}", moved.text);
    assert_eq!(there.microsoft.events("ana@contoso.com").len(), 1);
    let gone = ana.post_as("key-of-end", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!((gone.status, gone.str("/status")), (200, "cancelled"), "{}", gone.text);

    assert!(there.microsoft.events("ana@contoso.com").is_empty());
    let kinds: Vec<String> = there
        .microsoft
        .mails()
        .iter()
        .map(|mail| json!(mail.kind).as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "invitation").count(), 2, "{kinds:?}");
    assert!(world.microsoft().mails().is_empty(), "the built-in one was not asked");
    assert!(
        world.stack.aws.find(&Hunt::new(there.microsoft.secrets())).is_empty(),
        "a secret lies in the open"
    );
    assert_eq!(there.journal.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_takes_another_microsoft() {
    let there = Stack::start(StackClock::running(), Options::default()).await.expect("the other side starts");
    let OtherMicrosoft { login_url, graph_url, client_id, client_secret } = registration(&there);
    let arguments = [
        ("--listen", "127.0.0.1:0"),
        ("--microsoft-login", &login_url),
        ("--microsoft-graph", &graph_url),
        ("--client-id", &client_id),
        ("--client-secret", &client_secret),
    ];
    let arguments: Vec<&str> = arguments.into_iter().flat_map(|(name, value)| [name, value]).collect();
    let mut program = Program::start(&build_local(), &arguments, &[]);
    let url = program.line("ready ").await;
    assert_eq!(program.line("microsoft ").await, login_url);
    there.microsoft.set_redirect_uris(redirect_uri(&url));

    let ana = Laptop::at(&url).await;
    ana.connect(|authorize| {
        there.microsoft.sign_in(authorize, "ana@contoso.com", Answer::Accept).expect("back")
    })
    .await;
    ana.schedule_move_cancel().await;
    let (status, connection) = ana.call(Method::GET, "/v1/connection", &json!({}), "-").await;
    assert_eq!((status, connection["status"].as_str()), (200, Some("connected")));
    assert_eq!(there.microsoft.redemptions().len(), 1);
    assert!(there.microsoft.events("ana@contoso.com").is_empty());
    let secrets = Hunt::new(there.microsoft.secrets());
    assert!(!secrets.finds(program.output()), "a secret was printed");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_microsoft_and_a_foreign_address_are_refused() {
    let binary = build_local();
    for (arguments, why) in [
        (vec!["--client-id", "x"], "all four"),
        (vec!["--listen", "0.0.0.0:0"], "this machine only"),
        (vec!["--nonsense", "x"], "--nonsense is not known"),
    ] {
        let mut program = Program::start(&binary, &arguments, &[]);
        assert_eq!(program.end().await.code(), Some(2));
        assert!(program.output().contains(why), "{}", program.output());
    }
}
