//! Lists of attendees: who of those in Outlook is whom we asked for, and what is sent when somebody comes or goes. Pure.
//!
//! Outlook replaces the whole list, and an attendee who is left out gets a cancellation. So a list that is sent is Outlook's own
//! list with the named additions and removals applied. Outlook may show an address as another one; what was sent and
//! what is shown are paired once, right after the write, and both are known from then on ([`Aliases`]).

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::event::{Answer, Attendee, AttendeeEntry, Event, Role};

/// One entry of a list that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// Outlook's own entry.
    Shown(AttendeeEntry),
    /// One that the request adds.
    Asked(Attendee),
    /// Outlook's own entry that is left out. It is not sent; as long as Outlook shows it, it is nobody else.
    Removed(AttendeeEntry),
}

/// How Outlook shows an attendee whose address it does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ShownAs {
    /// By this text in place of the address.
    Address(String),
    /// By a name alone.
    Name(String),
}

impl ShownAs {
    fn of(entry: &AttendeeEntry) -> Option<Self> {
        let name = || entry.name().map(|name| Self::Name(name.to_owned()));
        entry.shown().map(|text| Self::Address(text.to_owned())).or_else(name)
    }

    fn fits(&self, entry: &AttendeeEntry) -> bool {
        match self {
            Self::Address(text) => entry.shown().is_some_and(|shown| shown.eq_ignore_ascii_case(text)),
            Self::Name(name) => entry.shown().is_none() && entry.name() == Some(name),
        }
    }
}

/// Addresses that were asked for, with what Outlook shows for them. An address that is shown as it was asked for is not
/// in here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aliases(Vec<(Address, ShownAs)>);

impl Aliases {
    /// Whether this entry is the attendee with this address.
    pub fn is(&self, entry: &AttendeeEntry, email: &Address) -> bool {
        entry.email().as_ref() == Some(email)
            || self.0.iter().any(|(asked, shown)| asked == email && shown.fits(entry))
    }

    /// The attendee with this address, as Outlook shows it.
    pub fn find<'e>(&self, event: &'e Event, email: &Address) -> Option<&'e AttendeeEntry> {
        event.attendees.iter().find(|entry| self.is(entry, email))
    }

    /// Pairs what was sent with what Outlook shows right after: who is not there under the address asked for is there
    /// under another one.
    pub fn adopt(&mut self, sent: &[Invited], event: &Event) {
        let found = Pairing::of(self, sent, event).pairs;
        for (email, shown) in found {
            self.0.retain(|(known, _)| *known != email);
            self.0.push((email, shown));
        }
    }
}

fn is_same(before: &AttendeeEntry, entry: &AttendeeEntry) -> bool {
    ShownAs::of(before).map_or_else(|| entry.raw() == before.raw(), |key| key.fits(entry))
}

/// How a list that was sent and the list that is shown go together.
struct Pairing {
    pairs: Vec<(Address, ShownAs)>,
    /// Everybody who was sent is there, and nobody else is, such as one who was to go.
    is_whole: bool,
}

impl Pairing {
    /// Each address that is not shown is paired with an entry that nobody else explains: by name where one name is
    /// left, then by place among those of the same role, where as many are left on both sides.
    fn of(aliases: &Aliases, sent: &[Invited], event: &Event) -> Self {
        let mut left: Vec<&AttendeeEntry> = event.attendees.iter().collect();
        let mut take = |fits: &dyn Fn(&AttendeeEntry) -> bool| {
            let at = left.iter().position(|entry| fits(entry));
            at.map(|at| left.remove(at)).is_some()
        };
        let (mut wrong, mut open) = (0, Vec::new());
        for one in sent {
            match one {
                Invited::Shown(before) => {
                    let as_sent = |entry: &AttendeeEntry| {
                        is_same(before, entry)
                            && (entry.role(), entry.name()) == (before.role(), before.name())
                    };
                    if !take(&as_sent) {
                        wrong += 1;
                        take(&|entry| is_same(before, entry));
                    }
                }
                Invited::Removed(before) => wrong += usize::from(take(&|entry| is_same(before, entry))),
                Invited::Asked(asked) => {
                    if !take(&|entry| aliases.is(entry, &asked.email)) {
                        open.push(asked);
                    }
                }
            }
        }
        let mut pairs = Vec::new();
        open.retain(|asked| {
            let named =
                |entry: &&&AttendeeEntry| asked.name.is_some() && entry.name() == asked.name.as_deref();
            let mut fitting = left.iter().filter(named);
            let (Some(one), None) = (fitting.next().copied(), fitting.next()) else { return true };
            pairs.extend(ShownAs::of(one).map(|shown| (asked.email.clone(), shown)));
            left.retain(|entry| !std::ptr::eq(*entry, one));
            false
        });
        for role in [Role::Required, Role::Optional, Role::Resource] {
            let asked: Vec<&Attendee> = open.iter().filter(|asked| asked.role == role).copied().collect();
            let there: Vec<&AttendeeEntry> =
                left.iter().filter(|entry| entry.role() == role).copied().collect();
            if asked.len() != there.len() {
                continue;
            }
            for (asked, entry) in asked.iter().zip(&there) {
                pairs.extend(ShownAs::of(entry).map(|shown| (asked.email.clone(), shown)));
            }
            open.retain(|one| one.role != role);
            left.retain(|entry| entry.role() != role);
        }
        Self { pairs, is_whole: wrong == 0 && open.is_empty() && left.is_empty() }
    }
}

/// Whether the event shows this list and nobody else, be it under other addresses.
pub fn shows(event: &Event, sent: &[Invited]) -> bool {
    Pairing::of(&Aliases::default(), sent, event).is_whole
}

/// These attendees, as a list to send with a new event.
pub fn all_asked(attendees: Vec<Attendee>) -> Vec<Invited> {
    attendees.into_iter().map(Invited::Asked).collect()
}

/// Outlook's list with the difference between two lists of ours applied; none if that changes nobody in Outlook. Who is
/// in both lists stays as Outlook has it, also if that person was taken out, or given another role, by hand.
pub fn changed(
    event: &Event,
    aliases: &Aliases,
    (before, after): (&[Attendee], &[Attendee]),
) -> Option<Vec<Invited>> {
    let of = |list: &[Attendee], entry: &AttendeeEntry| {
        list.iter().find(|asked| aliases.is(entry, &asked.email)).cloned()
    };
    let (mut list, mut differs) = (Vec::new(), false);
    for entry in &event.attendees {
        let mut kept = entry.clone();
        match (of(before, entry), of(after, entry)) {
            (Some(_), None) => {
                differs = true;
                list.push(Invited::Removed(kept));
                continue;
            }
            (was, Some(now)) => {
                if was.as_ref().is_none_or(|was| was.role != now.role) {
                    kept = kept.with_role(now.role);
                }
                let named = now.name.as_deref().filter(|_| was.is_some_and(|was| was.name != now.name));
                if let Some(name) = named.filter(|name| entry.name() != Some(*name)) {
                    kept = kept.with_name(name);
                }
            }
            (None, None) => {}
        }
        differs |= kept != *entry;
        list.push(Invited::Shown(kept));
    }
    let is_new = |asked: &&Attendee| {
        before.iter().all(|was| was.email != asked.email) && aliases.find(event, &asked.email).is_none()
    };
    for asked in after.iter().filter(is_new) {
        differs = true;
        list.push(Invited::Asked(asked.clone()));
    }
    differs.then_some(list)
}

/// What an event says of one attendee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The entry is there, with this answer.
    Answered(Answer),
    /// No entry is theirs: that is no answer, and no refusal either.
    Absent,
}

impl Said {
    pub(super) fn by(entry: Option<&AttendeeEntry>) -> Self {
        entry.map_or(Self::Absent, |entry| Self::Answered(entry.answer()))
    }
}

#[cfg(test)]
#[path = "attendees_tests.rs"]
mod tests;
