//! What happens to a meeting: created, changed, cancelled, deleted; who is mailed, which rooms are asked
//! (microsoft.md E3 to E7).

use super::event::{Attendee, Event, Shown, When, plain_defaults};
use super::event_input::{Changes, fingerprint, location, read};
use super::graph_error::{GraphError, error, invalid_property};
use super::html::{rewrap, with_block, with_old_block};
use super::mail::{Mail, MailKind};
use super::options::Trash;
use super::tenant::{State, UserId, seconds};
use super::zones;
use jiff::Timestamp;
use serde_json::{Value, json};

impl State {
    /// Saving sends the invitations at once. The same transaction id with the same content gives the event that is
    /// there already.
    pub(crate) fn create_event(
        &mut self,
        user: UserId,
        body: &Value,
        now: Timestamp,
    ) -> Result<String, GraphError> {
        self.knows_zones(body)?;
        let changes = self.as_kept(read(body)?, &[])?;
        if let Some(transaction) = &changes.transaction
            && !self.options.forget_transactions
            && let Some((id, content)) = self.users[user].calendar.transactions.get(transaction)
        {
            let same = *content == fingerprint(body) && self.users[user].calendar.events.contains_key(id);
            return if same { Ok(id.clone()) } else { Err(duplicate(id)) };
        }
        let (start, end) = span(changes.start.clone(), changes.end.clone())?;
        let id = self.new_event_id();
        let person = (self.users[user].name.clone(), self.users[user].email.clone());
        let mut plain = plain_defaults();
        plain.extend(changes.plain.clone());
        let (content, is_text) = changes.body.clone().unwrap_or_default();
        let mut event = Event {
            id: id.clone(),
            ical_uid: self.new_ical_uid(),
            organizer: person,
            own: true,
            created: now,
            modified: now,
            change: self.next(),
            transaction: changes.transaction.clone(),
            calendar: None,
            subject: changes.subject.clone().unwrap_or_default(),
            body: rewrap(&content, is_text),
            start,
            end,
            all_day: changes.all_day.unwrap_or(false),
            attendees: changes.attendees.clone().unwrap_or_default(),
            locations: changes.locations.clone().unwrap_or_default(),
            online: false,
            join_url: None,
            dial_in: self.options.old_teams_block,
            reads_without_link: 0,
            plain,
            cancelled: false,
            response: "organizer".to_owned(),
            answered: None,
            properties: changes.properties.clone().unwrap_or_default(),
            settled: false,
        };
        if changes.online == Some(true) {
            self.put_online(user, &mut event);
        }
        if let Some(transaction) = &changes.transaction {
            let first_use = (id.clone(), fingerprint(body));
            self.users[user].calendar.transactions.insert(transaction.clone(), first_use);
        }
        self.users[user].calendar.events.insert(id.clone(), event.clone());
        for attendee in &event.attendees {
            self.notify(user, &event, attendee, MailKind::Invitation, "", now);
        }
        Ok(id)
    }

    fn knows_zones(&self, body: &Value) -> Result<(), GraphError> {
        ["start", "end"].into_iter().try_for_each(|name| zones::known(&self.options, &body[name]))
    }

    /// Exchange touches an event once more a while after it was made, and its change key with it.
    pub(crate) fn renew_change_keys(&mut self, user: UserId, now: Timestamp) {
        let after = self.options.change_key_renewed_after;
        let is_due = |event: &Event| event.own && !event.settled && event.created + seconds(after) <= now;
        if after <= 0 {
            return;
        }
        let events = self.users[user].calendar.events.values().filter(|event| is_due(event));
        let due: Vec<String> = events.map(|event| event.id.clone()).collect();
        for id in due {
            let change = self.next();
            if let Ok(event) = self.event(user, &id) {
                event.settled = true;
                event.change = change;
                event.modified = event.modified.max(event.created + seconds(after));
            }
        }
    }

    /// What is kept of what was sent: an entry that was read before is the same one, an alias becomes the primary
    /// address, and times may be kept otherwise.
    fn as_kept(&self, mut changes: Changes, before: &[Attendee]) -> Result<Changes, GraphError> {
        for attendee in changes.attendees.iter_mut().flatten() {
            if let Some(known) = before.iter().find(|known| known.looks_like(attendee)) {
                attendee.address.clone_from(&known.address);
                attendee.shown = known.shown.clone();
                continue;
            }
            let is_x500 = |text: &str| text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("/o="));
            if attendee.address.is_empty() && !attendee.shown_address().is_some_and(is_x500) {
                return Err(invalid_property());
            }
            let primary = self.options.primary(&attendee.address);
            if primary != attendee.address {
                (attendee.address, attendee.shown) = (primary, Shown::Address);
            }
        }
        let shift = super::tenant::seconds(self.options.shift_seconds);
        for when in [&mut changes.start, &mut changes.end].into_iter().flatten() {
            when.at += shift;
        }
        Ok(changes)
    }

    /// Without Teams there is no error, only no link.
    fn put_online(&mut self, user: UserId, event: &mut Event) {
        if !self.users[user].teams || event.online {
            return;
        }
        event.online = true;
        event.reads_without_link = self.options.reads_without_link;
        if event.reads_without_link == 0 {
            self.reveal_link(user, event);
        }
    }

    fn reveal_link(&mut self, user: UserId, event: &mut Event) {
        let url = self.new_join_url(user);
        if self.options.old_teams_block {
            event.body = with_old_block(&event.body, &url);
        } else {
            let (id, pass) = (self.random.below(10_000_000_000_000), self.random.guid());
            let short = format!("https://teams.microsoft.com/meet/2{id:013}?p={}", pass.replace('-', ""));
            event.body = with_block(&event.body, &url, &short);
            if event.locations.is_empty() {
                event.locations =
                    location(&json!({"displayName": "Microsoft Teams Meeting"})).into_iter().collect();
            }
        }
        event.join_url = Some(url);
    }

    /// A read of one event; a link that is late appears after so many of them.
    pub(crate) fn read_event(&mut self, user: UserId, id: &str, now: Timestamp) -> Result<Event, GraphError> {
        let event = self.event(user, id)?;
        let seen = event.clone();
        if event.reads_without_link > 0 {
            event.reads_without_link -= 1;
            if event.reads_without_link == 0 {
                let mut revealed = event.clone();
                self.reveal_link(user, &mut revealed);
                *self.event(user, id)? = revealed;
                self.touch(user, id, now);
            }
        }
        Ok(seen)
    }

    pub(crate) fn patch_event(
        &mut self,
        user: UserId,
        id: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        self.knows_zones(body)?;
        let before = self.event(user, id)?.clone();
        let changes = self.as_kept(read(body)?, &before.attendees)?;
        let mut after = before.clone();
        after.plain.extend(changes.plain.clone());
        if !before.own {
            // An attendee changes only what is his: reminder, showAs, categories.
            *self.event(user, id)? = after;
            self.touch(user, id, now);
            return Ok(());
        }
        (after.start, after.end) = span(
            changes.start.clone().or(Some(before.start.clone())),
            changes.end.clone().or(Some(before.end.clone())),
        )?;
        after.subject = changes.subject.clone().unwrap_or(after.subject);
        after.all_day = changes.all_day.unwrap_or(after.all_day);
        after.locations = changes.locations.clone().unwrap_or(after.locations);
        if let Some(properties) = &changes.properties {
            after.properties.retain(|old| properties.iter().all(|new| new.id != old.id));
            after.properties.extend(properties.clone());
        }
        if let Some((content, is_text)) = &changes.body {
            after.body = rewrap(content, *is_text);
            self.keep_or_lose_link(user, &mut after);
        }
        if changes.online == Some(true) {
            self.put_online(user, &mut after);
        }
        if let Some(attendees) = &changes.attendees {
            after.attendees = with_old_answers(attendees.clone(), &before.attendees);
        }
        let moved = (&before.start, &before.end) != (&after.start, &after.end);
        if moved {
            for attendee in &mut after.attendees {
                "none".clone_into(&mut attendee.response);
                attendee.answered = None;
            }
        }
        *self.event(user, id)? = after.clone();
        self.touch(user, id, now);
        self.tell_about_changes(user, &before, &after, changes.matters(), now);
        if moved {
            self.ask_rooms_again(user, &after, now);
        }
        Ok(())
    }

    /// A room that is kept judges the new time.
    fn ask_rooms_again(&mut self, user: UserId, event: &Event, now: Timestamp) {
        for attendee in event.attendees.iter().filter(|attendee| attendee.kind == "resource") {
            if let Some(room) = self.user(&attendee.address).filter(|room| self.is_room(*room)) {
                self.ask_room(room, user, &event.id, now);
            }
        }
    }

    /// A new body without the Teams block takes the link with it.
    fn keep_or_lose_link(&mut self, user: UserId, event: &mut Event) {
        let Some(url) = &event.join_url else { return };
        if event.body.contains(url.as_str()) {
            return;
        }
        event.join_url = self.options.renew_lost_link.then(|| self.new_join_url(user));
    }

    fn tell_about_changes(
        &mut self,
        user: UserId,
        before: &Event,
        after: &Event,
        matters: bool,
        now: Timestamp,
    ) {
        let holds = |list: &[Attendee], one: &Attendee| list.iter().any(|other| other.is(one));
        for gone in before.attendees.iter().filter(|old| !holds(&after.attendees, old)) {
            self.notify(user, before, gone, MailKind::Cancellation, "", now);
        }
        for attendee in &after.attendees {
            if !holds(&before.attendees, attendee) {
                self.notify(user, after, attendee, MailKind::Invitation, "", now);
            } else if matters {
                self.notify(user, after, attendee, MailKind::Update, "", now);
            }
        }
    }

    /// Mails one attendee and brings his copy, or the room's request, up to date.
    fn notify(
        &mut self,
        user: UserId,
        event: &Event,
        to: &Attendee,
        kind: MailKind,
        comment: &str,
        now: Timestamp,
    ) {
        if to.address.is_empty() {
            return;
        }
        self.mails.push(Mail {
            to: to.address.to_ascii_lowercase(),
            from: self.users[user].email.clone(),
            kind,
            subject: event.subject.clone(),
            ical_uid: event.ical_uid.clone(),
            comment: comment.to_owned(),
            at: now,
            transaction: event.transaction.clone(),
            by_hand: self.by_hand,
        });
        let Some(attendee) = self.user(&to.address).filter(|other| *other != user) else { return };
        match (self.is_room(attendee), kind) {
            (_, _) if !self.users[attendee].mailbox => {}
            (true, MailKind::Cancellation) => {
                self.room_requests.retain(|request| request.room != attendee || request.event != event.id);
                self.forget_copy(attendee, &event.ical_uid);
            }
            // Without `type: resource` a room is a guest like others: nothing is booked.
            (true, _) if to.kind != "resource" => {}
            (true, MailKind::Update) => {}
            (true, _) => self.ask_room(attendee, user, &event.id, now),
            (false, MailKind::Cancellation) => self.cancel_copy(attendee, &event.ical_uid, now),
            (false, _) => self.write_copy(attendee, event, None, now),
        }
    }

    /// `POST /cancel`: the organizer only.
    pub(crate) fn cancel_event(
        &mut self,
        user: UserId,
        id: &str,
        comment: &str,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let bad = |attendee: &Attendee| {
            self.options.bad_recipients.contains(&attendee.address.to_ascii_lowercase())
        };
        if self.users[user].calendar.events.get(id).is_some_and(|event| event.attendees.iter().any(bad)) {
            return Err(error(400, "ErrorInvalidRecipients", "At least one recipient isn't valid."));
        }
        if !self.event(user, id)?.own {
            let text = "Your request can't be completed. You need to be an organizer to cancel a meeting.";
            return Err(error(400, "ErrorInvalidRequest", text));
        }
        self.remove_event(user, id, comment, now)
    }

    /// Puts a deleted event where its immutable id still finds it.
    fn throw_away(&mut self, user: UserId, mut event: Event) {
        if self.options.trash == Trash::Hidden {
            return;
        }
        let is_meeting = event.own && !event.attendees.is_empty();
        event.cancelled |= is_meeting && self.options.trash == Trash::Cancelled;
        event.change = self.next();
        self.users[user].calendar.trash.insert(event.id.clone(), event);
    }

    /// `DELETE`: cancellations go out too, without text. An attendee removes his own copy.
    pub(crate) fn remove_event(
        &mut self,
        user: UserId,
        id: &str,
        comment: &str,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let event = self.event(user, id)?.clone();
        self.users[user].calendar.events.remove(id);
        self.throw_away(user, event.clone());
        if event.own {
            for attendee in &event.attendees {
                self.notify(user, &event, attendee, MailKind::Cancellation, comment, now);
            }
        }
        Ok(())
    }
}

fn with_old_answers(mut list: Vec<Attendee>, old: &[Attendee]) -> Vec<Attendee> {
    for attendee in &mut list {
        if let Some(known) = old.iter().find(|known| known.is(attendee)) {
            attendee.response.clone_from(&known.response);
            attendee.answered = known.answered;
        }
    }
    list
}

fn span(start: Option<When>, end: Option<When>) -> Result<(When, When), GraphError> {
    match (start, end) {
        (Some(start), Some(end)) if start.at <= end.at => Ok((start, end)),
        _ => Err(invalid_property()),
    }
}

fn duplicate(existing: &str) -> GraphError {
    let text = "Your request can't be completed. The TransactionId specified in the request has already been used to \
                create a different event.";
    let mut refused = error(400, "ErrorDuplicateTransactionId", text);
    refused.extra.insert("@event.existingEventId".to_owned(), existing.into());
    refused
}
