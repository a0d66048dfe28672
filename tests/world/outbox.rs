//! The outbox of a whole story, held against what was asked for: nobody whom no request names is ever mailed.
//!
//! Every mail that follows from one of our calls to Graph needs a request behind it. An invitation needs a request
//! that newly names its addressee: the create, or a change that names a person whom an earlier one left out. A
//! cancellation needs a change that leaves its addressee out, or the end of the interview. An update needs a request
//! that changes something that everybody sees. What somebody does by hand in Outlook is no request: an address that was
//! put in or taken out there is mailed by us for the end of the interview and for updates alone.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use local::{Observed, Observer};
use serde_json::Value;
use shared::vault::browser;
use sim::{Mail, MailKind};

use super::{BEGIN, Rows, World};

/// Claims are kept for a week; afterwards nothing says which request made an event.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(6 * 24);

/// After this request nothing says any more who asked for what.
const ERASES: &str = "DELETE /v1/customer";

/// A request that may write to a calendar, or erases what is known of those.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    id: String,
    route: String,
    interview: String,
    user: String,
    email: String,
    key_hash: Option<String>,
    body: Value,
    status: Option<u16>,
}

/// Notes every request about interviews.
pub(super) fn observer(asked: &Arc<Mutex<Vec<Asked>>>) -> Observer {
    let asked = Arc::clone(asked);
    Arc::new(move |seen: &Observed<'_>| {
        let may_write = !seen.route.starts_with("GET ") && seen.route.contains("/v1/interviews");
        if !may_write && seen.route != ERASES {
            return;
        }
        let mut all = asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(status) = seen.status {
            let known = all.iter_mut().rev().find(|one| one.id == seen.request_id);
            return known.into_iter().for_each(|one| one.status = Some(status));
        }
        let claim = |name: &str| seen.claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        all.push(Asked {
            id: seen.request_id.to_owned(),
            route: seen.route.to_owned(),
            interview: seen.parameters.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            user: claim("sub"),
            email: claim("email"),
            key_hash: seen.key.map(|key| browser::hash(key).0),
            body: serde_json::from_slice(seen.body).unwrap_or_default(),
            status: None,
        });
    })
}

impl Asked {
    /// Whether it is certain that it had no effect: it was refused as it stood.
    fn is_refused(&self) -> bool {
        self.status.is_some_and(|status| matches!(status, 400 | 401 | 403 | 404 | 412 | 413 | 415 | 422))
    }

    fn is(&self, route: &str) -> bool {
        self.route == route
    }

    /// The addresses of this list; none if the list is not named.
    fn list(&self, name: &str) -> Option<Vec<String>> {
        // Blanks and marks that show nothing are no part of an address.
        let shows = |c: &char| c.is_alphanumeric() || c.is_ascii_graphic();
        let plain = |text: &str| text.chars().filter(shows).collect::<String>().to_ascii_lowercase();
        let address = |one: &Value| one["email"].as_str().or(one.as_str()).map(plain);
        self.body[name].as_array().map(|all| all.iter().filter_map(address).collect())
    }

    fn names(&self, field: &str, who: &str) -> Option<bool> {
        self.list(field).map(|all| all.iter().any(|one| one == who))
    }
}

/// One event and what was asked about it, in the order of arrival.
struct Story<'a> {
    creates: Vec<&'a Asked>,
    changes: Vec<&'a Asked>,
    /// The interview came to an end: then everybody is told.
    is_over: bool,
}

const LISTS: [&str; 3] = ["candidates", "interviewers", "rooms"];

impl Story<'_> {
    /// How many invitations and how many cancellations of this address the requests explain.
    fn explained(&self, who: &str) -> (usize, usize) {
        let in_create = |one: &&&Asked| {
            let recruiter =
                one.body["organize_as"] == "scheduling_user" && one.email.eq_ignore_ascii_case(who);
            recruiter || LISTS.iter().any(|list| one.names(list, who) == Some(true))
        };
        let named = self.creates.iter().any(|one| in_create(&one));
        let (mut invitations, mut cancellations) = (usize::from(named), usize::from(self.is_over));
        // A list that is changed says nothing about the others.
        let mut inside: BTreeMap<&str, bool> = LISTS
            .iter()
            .map(|list| (*list, self.creates.iter().any(|one| one.names(list, who) == Some(true))))
            .collect();
        for change in self.changes.iter().filter(|one| one.is("PATCH /v1/interviews/{id}")) {
            for (list, inside) in &mut inside {
                match (change.names(list, who), *inside) {
                    (Some(true), false) => (invitations, *inside) = (invitations + 1, true),
                    (Some(false), true) => (cancellations, *inside) = (cancellations + 1, false),
                    _ => {}
                }
            }
        }
        (invitations, cancellations)
    }

    /// Rooms stand for each other: each may be asked, and let go, once in every round.
    fn is_room(&self, who: &str) -> bool {
        self.creates.iter().chain(&self.changes).any(|one| one.names("rooms", who) == Some(true))
    }

    /// Requests that change what everybody sees; a repeat under the same key is the same one.
    fn updates(&self) -> usize {
        let hold = self.creates.iter().filter(|one| one.body["hold_room"] == true);
        let rooms: usize = hold.map(|one| one.list("rooms").map_or(0, |rooms| rooms.len())).sum();
        let mut moves: Vec<_> =
            self.changes.iter().filter(|one| one.is("POST /v1/interviews/{id}/reschedule")).collect();
        moves.dedup_by_key(|one| (one.user.clone(), one.key_hash.clone()));
        let seen =
            |one: &&&Asked| ["title", "body_html", "rooms"].iter().any(|name| !one.body[*name].is_null());
        let patches = self.changes.iter().filter(|one| one.is("PATCH /v1/interviews/{id}")).filter(seen);
        rooms + moves.len() + patches.count()
    }

    /// The mails that no request explains.
    fn unexplained(&self, mails: &[&Mail], aliases: &BTreeMap<String, String>) -> Vec<String> {
        let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for mail in mails {
            counts.entry(&mail.to).or_default()[mail.kind as usize] += 1;
        }
        let mut found = Vec::new();
        for (to, [invited, updated, cancelled]) in counts {
            let same = aliases
                .iter()
                .filter(|(_, primary)| primary.eq_ignore_ascii_case(to))
                .map(|(alias, _)| alias);
            let names: Vec<String> =
                same.map(|alias| alias.to_ascii_lowercase()).chain([to.to_owned()]).collect();
            let explained = names
                .iter()
                .map(|name| self.explained(name))
                .fold((0, 0), |all, one| (all.0 + one.0, all.1.max(one.1)));
            let is_room = names.iter().any(|name| self.is_room(name));
            let rounds = 1 + self.changes.len();
            let (most_invited, most_cancelled) = if is_room { (rounds, rounds) } else { explained };
            if invited > most_invited {
                found.push(format!("{to} is invited {invited} times, and {most_invited} are asked for"));
            }
            if cancelled > most_cancelled {
                found.push(format!(
                    "{to} is told {cancelled} times that it is off, and {most_cancelled} are asked for"
                ));
            }
            // Of several changes at the same time each may be written again whenever another one was stored first.
            let most_updated = self.updates().pow(2);
            if updated > most_updated {
                found.push(format!("{to} gets {updated} updates, and {most_updated} are asked for"));
            }
        }
        found
    }
}

impl World {
    /// See the head of this file.
    pub(super) fn check_outbox(&self) {
        let all = self.microsoft().mails();
        let ours: Vec<&Mail> =
            all.iter().filter(|mail| !mail.by_hand && mail.transaction.is_some()).collect();
        let begin: jiff::Timestamp = BEGIN.parse().expect("a time");
        let unknown = self.forgotten.load(Ordering::Relaxed)
            || self.sent_before > 0
            || self.now().duration_since(begin) > KNOWN_FOR;
        if unknown || ours.is_empty() {
            return;
        }
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let asked: Vec<&Asked> = asked.iter().filter(|one| !one.is_refused()).collect();
        if asked.iter().any(|one| one.is(ERASES)) {
            return;
        }
        let aliases = self.aliases();
        let (claims, interviews) =
            (Rows::of(self).under("IDEM#").documents(), Rows::of(self).under("INT#").documents());
        let mut events: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
        for mail in ours {
            events.entry(mail.transaction.as_deref().unwrap_or_default()).or_default().push(mail);
        }
        for (transaction, mails) in events {
            let claim = claims.iter().find(|claim| claim["id"] == transaction);
            let interview = interviews.iter().find(|interview| interview["claim"] == transaction);
            let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
            let id = text(claim.map(|claim| &claim["interview"]).or(interview.map(|found| &found["id"])));
            assert!(
                !id.is_empty(),
                "{transaction}: mails of an event that no stored request made: {mails:?}"
            );
            let made_it = |one: &&&Asked| {
                let hash = claim.and_then(|claim| claim["key"]["key_hash"].as_str());
                one.is("POST /v1/interviews") && hash.is_none_or(|hash| one.key_hash.as_deref() == Some(hash))
            };
            let off = |one: &&Asked| one.interview == id && one.is("POST /v1/interviews/{id}/cancel");
            let story = Story {
                creates: asked.iter().filter(made_it).copied().collect(),
                changes: asked.iter().filter(|one| one.interview == id).copied().collect(),
                is_over: asked.iter().any(off) || interview.is_some_and(|found| found["status"] == "failed"),
            };
            let found = story.unexplained(&mails, &aliases);
            assert!(found.is_empty(), "{id}: {found:?}\n{mails:#?}\n{:#?}", story.changes);
        }
    }

    fn aliases(&self) -> BTreeMap<String, String> {
        let mut aliases = BTreeMap::new();
        self.microsoft().options(|options| aliases.clone_from(&options.aliases));
        aliases
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(route: &str, body: Value) -> Asked {
        let (id, interview, user, email) = Default::default();
        Asked { id, route: route.to_owned(), interview, user, email, key_hash: None, body, status: Some(200) }
    }

    fn mail(kind: MailKind, to: &str) -> Mail {
        let at = BEGIN.parse().expect("a time");
        let (from, subject, ical_uid, comment) = Default::default();
        Mail {
            to: to.to_owned(),
            from,
            kind,
            subject,
            ical_uid,
            comment,
            at,
            transaction: None,
            by_hand: false,
        }
    }

    fn found(changes: &[Value], mails: &[(MailKind, &str)]) -> Vec<String> {
        let create = asked(
            "POST /v1/interviews",
            json!({ "candidates": [{ "email": "Dana@x.example" }], "rooms": ["room7@x.example"] }),
        );
        let changes: Vec<Asked> =
            changes.iter().map(|body| asked("PATCH /v1/interviews/{id}", body.clone())).collect();
        let story = Story { creates: vec![&create], changes: changes.iter().collect(), is_over: false };
        let mails: Vec<Mail> = mails.iter().map(|(kind, to)| mail(*kind, to)).collect();
        story.unexplained(&mails.iter().collect::<Vec<_>>(), &BTreeMap::new())
    }

    #[test]
    fn what_was_asked_for_is_explained() {
        use MailKind::{Cancellation, Invitation, Update};
        let create = [(Invitation, "dana@x.example"), (Invitation, "room7@x.example")];
        assert_eq!(found(&[], &create), Vec::<String>::new());
        let other = json!({ "candidates": [{ "email": "erik@x.example" }] });
        let mails = [create[0], (Cancellation, "dana@x.example"), (Invitation, "erik@x.example")];
        assert_eq!(found(&[other], &mails), Vec::<String>::new());
        assert_eq!(
            found(&[json!({ "title": "New" })], &[create[0], (Update, "by.hand@x.example")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_mail_that_nobody_asked_for_is_found() {
        use MailKind::{Cancellation, Invitation, Update};
        let title = json!({ "title": "New" });
        let dana = "dana@x.example";
        for (change, mails) in [
            (None, vec![(Invitation, "carl@x.example")]),
            (None, vec![(Cancellation, dana)]),
            (None, vec![(Update, dana)]),
            // Invited again by a change that says nothing about people.
            (Some(title.clone()), vec![(Invitation, dana), (Invitation, dana)]),
            // Put in by hand, and left out by us.
            (Some(json!({ "candidates": [{ "email": dana }] })), vec![(Cancellation, "by.hand@x.example")]),
            (Some(title), vec![(Update, dana), (Update, dana)]),
        ] {
            let changes: Vec<Value> = change.into_iter().collect();
            assert_eq!(found(&changes, &mails).len(), 1, "{changes:?} {mails:?}");
        }
    }
}
