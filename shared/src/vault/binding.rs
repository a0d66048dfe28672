//! Where a sealed value belongs. Spelled here and nowhere else.

use crate::domain::claim::Claim;
use crate::domain::connection::Connection;
use crate::domain::ids::{CustomerId, GUID, ObjectId, TenantId, UserId};
use crate::domain::interview::Interview;

/// What kind of value is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Access and refresh token of a connection.
    Tokens,
    /// Title, text and people of an interview.
    Interview,
    /// Request and answer of a claim.
    Claim,
}

/// The place of a sealed value. A value that is moved to another row, user, customer or purpose, or back in
/// time, does not open there.
///
/// It never names a table, an ARN or a shard: a restore changes those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding<'a> {
    /// Whose key seals it.
    pub customer: &'a CustomerId,
    /// The user it belongs to.
    pub user: &'a UserId,
    /// What it is.
    pub purpose: Purpose,
    /// Id of the connection, interview or claim.
    pub item: &'a str,
    /// Counts the seals of this item.
    pub generation: u64,
    /// The Microsoft account; for tokens.
    pub account: Option<(TenantId, ObjectId)>,
}

impl<'a> Binding<'a> {
    /// The tokens of a connection, under its present account and generation.
    pub fn tokens(connection: &'a Connection) -> Self {
        Self {
            customer: &connection.customer,
            user: &connection.user,
            purpose: Purpose::Tokens,
            item: connection.id.as_str(),
            generation: connection.generation,
            account: connection.account.as_ref().map(|account| (account.tenant, account.object)),
        }
    }

    /// The details of an interview, under its present generation.
    pub fn details(interview: &'a Interview) -> Self {
        Self {
            customer: &interview.customer,
            user: &interview.requested_by,
            purpose: Purpose::Interview,
            item: interview.id.as_str(),
            generation: interview.generation,
            account: None,
        }
    }

    /// The request that a claim holds until it is settled.
    pub fn command(claim: &'a Claim) -> Self {
        Self {
            customer: &claim.key.customer,
            user: &claim.key.user,
            purpose: Purpose::Claim,
            item: claim.id.as_str(),
            generation: 0,
            account: None,
        }
    }

    /// The answer that a claim holds once it is settled.
    pub fn answer(claim: &'a Claim) -> Self {
        Self { generation: 1, ..Self::command(claim) }
    }

    /// The canonical form: each field behind its length, so that no two places are spelled alike.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut of_tenant, mut of_object) = ([0; GUID], [0; GUID]);
        let (tenant, object) = match self.account {
            Some((tenant, object)) => (tenant.encode(&mut of_tenant), object.encode(&mut of_object)),
            None => ("", ""),
        };
        let purpose = match self.purpose {
            Purpose::Tokens => "tokens",
            Purpose::Interview => "interview",
            Purpose::Claim => "claim",
        };
        let texts = [self.customer.as_str(), self.user.as_str(), purpose, self.item, tenant, object];
        let mut out = Vec::with_capacity(8 + texts.iter().map(|text| 8 + text.len()).sum::<usize>());
        out.extend_from_slice(&self.generation.to_be_bytes());
        for text in texts {
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;
    use crate::domain::claim::ClaimKey;
    use crate::domain::ids::{ClaimId, InterviewId};

    #[test]
    fn letters_that_change_fields_change_the_bytes() {
        let (ab, a, b): (CustomerId, CustomerId, UserId) =
            ("ab".parse().expect("id"), "a".parse().expect("id"), "b".parse().expect("id"));
        let bb: UserId = "bb".parse().expect("id");
        let of = |customer, user| Binding {
            customer,
            user,
            purpose: Purpose::Claim,
            item: "clm_1",
            generation: 0,
            account: None,
        };
        assert_ne!(of(&ab, &b).to_bytes(), of(&a, &bb).to_bytes());
    }

    #[test]
    fn an_answer_does_not_open_as_the_request_nor_the_other_way_round() {
        let (now, ana) = (jiff::Timestamp::UNIX_EPOCH, "ana".parse::<UserId>().expect("id"));
        let claim = Claim {
            id: ClaimId::mint(now, &SystemEntropy),
            key: ClaimKey {
                customer: "acme".parse().expect("id"),
                user: ana.clone(),
                route: "POST /v1/interviews".to_owned(),
                key_hash: "ab".to_owned(),
            },
            interview: InterviewId::mint(now, &SystemEntropy),
            organizer: ana,
            fingerprint: "00".to_owned(),
            accepted_at: now,
            busy_until: now,
            attempts: 1,
            settled: false,
            sealed: None,
        };
        let (command, answer) = (Binding::command(&claim), Binding::answer(&claim));
        assert_ne!(command.to_bytes(), answer.to_bytes());
        assert_eq!(Binding { generation: 0, ..answer }, command);
    }

    #[test]
    fn every_purpose_has_a_spelling_of_its_own() {
        let (customer, user) = ("acme".parse().expect("id"), "ana".parse().expect("id"));
        let of = |purpose| {
            let (customer, user, item) = (&customer, &user, "1");
            Binding { customer, user, purpose, item, generation: 0, account: None }.to_bytes()
        };
        let spelled = [of(Purpose::Tokens), of(Purpose::Interview), of(Purpose::Claim)];
        let different: std::collections::BTreeSet<_> = spelled.iter().collect();
        assert_eq!(different.len(), 3);
    }
}
