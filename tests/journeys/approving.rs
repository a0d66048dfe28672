//! The steps of an approval: asked for, opened, reported, proven, or taken back; and what must be then.

use reqwest::Method;
use serde_json::json;

use super::{Came, Cast, Scene, Step, at_rest, lives};
use crate::world::{Answer, Browser, Person, World};

/// Lets the app in for everybody at Contoso.
const ADMIN: &str = "admin@contoso.com";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approving {
    /// `POST /v1/approvals`.
    Ask,
    /// The link is opened.
    Open,
    /// Microsoft sends the administrator back with a yes.
    Report,
    /// The silent sign-in comes back: its token is the proof.
    Proof,
    /// `POST …/withdraw`, while an administrator is at Microsoft's page.
    Withdraw,
}

impl Approving {
    /// Goes as far as the step, for a recruiter who has a customer of his own.
    pub(super) async fn prepare<'w>(
        self,
        world: &'w World,
        n: usize,
        own: &str,
    ) -> (Person<'w>, Step, Cast<'w>) {
        let who = world.newcomer(n, own, "contoso.com").await;
        if self == Self::Ask {
            let body = json!({ "justification": "Interviews in Outlook" });
            let step = Step::ask(&who, Method::POST, "/v1/approvals", Some(body));
            return (who, step, Cast::Alone);
        }
        let (step, browser, url, asked) = self.on_the_way(&who).await;
        (who, step, Cast::Approval(browser, url, asked))
    }

    /// The step, for whoever needs no more of it than the request that was made.
    pub(crate) async fn prepared<'w>(
        self,
        world: &'w World,
        n: usize,
        own: &str,
    ) -> (Person<'w>, Step, Answer) {
        let who = world.newcomer(n, own, "contoso.com").await;
        let (step, _, _, asked) = self.on_the_way(&who).await;
        (who, step, asked)
    }

    async fn on_the_way<'w>(self, who: &Person<'w>) -> (Step, Browser<'w>, String, Answer) {
        let world = who.world;
        let asked = who.post("/v1/approvals", json!({ "justification": "Interviews in Outlook" })).await;
        assert_eq!(asked.status, 201, "{}", asked.text);
        let (browser, mut url) = (Browser::new(world), asked.str("/admin_url").to_owned());
        let pages = match self {
            Self::Ask | Self::Open => 0,
            Self::Report | Self::Withdraw => 1,
            Self::Proof => 2,
        };
        for _ in 0..pages {
            url = through(&browser, world, &url).await.expect("a page of Microsoft's");
        }
        let step = if self == Self::Withdraw {
            Step::ask(who, Method::POST, &withdraw(&asked), Some(json!({})))
        } else {
            Step::open(&browser, &url)
        };
        (step, browser, url, asked)
    }
}

fn withdraw(asked: &Answer) -> String {
    format!("/v1/approvals/{}/withdraw", asked.str("/id"))
}

/// Opens an address of ours and plays the administrator at the page of Microsoft's that it leads to: where that sends
/// him back to. None where it leads no further.
async fn through(browser: &Browser<'_>, world: &World, url: &str) -> Option<String> {
    let answer = browser.open(url).await;
    let page = answer.header("location").filter(|_| answer.status == 302)?.to_owned();
    Some(world.microsoft().sign_in(&page, ADMIN, sim::Answer::Accept).expect("it sends back"))
}

impl Scene<'_> {
    /// A link that somebody was told of works; whoever was not asks again.
    pub(super) async fn session(&self, came: Option<&Came>) {
        let told = match came {
            Some(Came::Answer(answer)) if answer.status == 201 => answer.str("/url").to_owned(),
            _ => self.who.connect_link().await,
        };
        let back = Browser::new(self.world).sign_in(&told, &self.who.email, sim::Answer::Accept).await;
        assert_eq!(crate::world::ending(&back), "connected", "{}", self.case);
        at_rest(self.world, &self.case).await;
        lives(&self.who, &self.case).await;
    }

    pub(super) async fn approving(&self, step: Approving, came: Option<&Came>, calm: bool) {
        let case = &self.case;
        let came = match came {
            Some(Came::Answer(answer)) => Some(answer),
            _ => None,
        };
        match (step, &self.cast) {
            (Approving::Ask, _) => self.asked(came).await,
            (Approving::Withdraw, Cast::Approval(browser, url, asked)) => {
                self.withdrawn((browser, url), asked, came).await;
            }
            (_, Cast::Approval(browser, url, asked)) => {
                let before = self.state(asked).await;
                let may_be: &[&str] = match step {
                    Approving::Open => &["sent", "opened"],
                    Approving::Report => &["opened", "reported"],
                    _ => &["reported", "granted"],
                };
                assert!(may_be.contains(&before.as_str()), "{case}: {before}");
                let said = came.map(|answer| answer.text.as_str()).unwrap_or_default();
                assert!(!said.contains("The app is approved") || before == "granted", "{case}: {before}");
                assert!(!calm || before == *may_be.last().expect("a state"), "{case}: {before}");
                // The browser loads the same address again: it goes on, or is told to begin anew.
                let again = browser.open(url).await;
                assert!([200, 302, 400].contains(&again.status), "{case}: {again:?}");
                self.granted_in_the_end(asked).await;
            }
            _ => panic!("{case}: an approval"),
        }
        at_rest(self.world, case).await;
    }

    async fn state(&self, asked: &Answer) -> String {
        let read = self.who.get(&format!("/v1/approvals/{}", asked.str("/id"))).await;
        assert_eq!(read.status, 200, "{}: {}", self.case, read.text);
        read.str("/state").to_owned()
    }

    /// What was told is there, and its link leads all the way. Whoever was told nothing asks again.
    async fn asked(&self, came: Option<&Answer>) {
        let case = &self.case;
        let body = json!({ "justification": "Interviews in Outlook" });
        let asked = match came {
            Some(answer) if answer.status == 201 => answer.clone(),
            _ => self.who.post("/v1/approvals", body).await,
        };
        assert_eq!((asked.status, asked.str("/state")), (201, "sent"), "{case}: {}", asked.text);
        let list = self.who.get("/v1/approvals").await;
        let all = list.json["data"].as_array().cloned().unwrap_or_default();
        // One whose answer was lost has a link that nobody knows: it expires.
        assert!((1..=2).contains(&all.len()), "{case}: {}", list.text);
        assert!(all.iter().all(|one| one["state"] == "sent"), "{case}: {}", list.text);
        assert!(all.iter().any(|one| one["id"] == asked.json["id"]), "{case}: {}", list.text);
        self.granted_in_the_end(&asked).await;
    }

    /// The link still leads an administrator to the proof, and what is granted is proven and pinned.
    async fn granted_in_the_end(&self, asked: &Answer) {
        let (case, world) = (&self.case, self.world);
        let (browser, mut url) = (Browser::new(world), Some(asked.str("/admin_url").to_owned()));
        while let Some(next) = url {
            url = through(&browser, world, &next).await;
        }
        assert_eq!(self.state(asked).await, "granted", "{case}");
        let customer = self.who.get("/v1/customer").await;
        let contoso = world.microsoft().tenant_id("contoso.com");
        assert_eq!(customer.str("/tenant_id"), contoso, "{case}: {}", customer.text);
        assert_eq!(customer.str("/consent/state"), "granted", "{case}");
        let after = Browser::new(world).open(asked.str("/admin_url")).await;
        assert!(after.status == 200 && after.text.contains("The app is approved"), "{case}: {after:?}");
        assert_eq!(self.who.status().await, "not_connected", "{case}: approval connects nobody");
    }

    /// What was taken back stays so, whatever an administrator brings from Microsoft.
    async fn withdrawn(&self, (browser, url): (&Browser<'_>, &str), asked: &Answer, came: Option<&Answer>) {
        let case = &self.case;
        let told = came.filter(|answer| answer.status == 200);
        assert!(told.is_none_or(|answer| answer.str("/state") == "withdrawn"), "{case}: {told:?}");
        let last = self.who.post(&withdraw(asked), json!({})).await;
        assert_eq!((last.status, last.str("/state")), (200, "withdrawn"), "{case}: {}", last.text);
        let back = browser.open(url).await;
        assert!(back.status == 200 && back.text.contains("taken back"), "{case}: {back:?}");
        let link = Browser::new(self.world).open(asked.str("/admin_url")).await;
        assert!(link.status == 200 && link.text.contains("taken back"), "{case}: {link:?}");
        assert_eq!(self.state(asked).await, "withdrawn", "{case}");
        assert!(self.who.get("/v1/customer").await.json["tenant_id"].is_null(), "{case}: nobody proved it");
    }
}
