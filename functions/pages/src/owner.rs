//! Who can act, in words for people.

use shared::problem::Owner;

pub(crate) fn name(owner: Owner) -> &'static str {
    match owner {
        Owner::Ats => "The engineers of the recruiting system",
        Owner::Recruiter => "The person whose calendar it is",
        Owner::CustomerAdmin => "The administrator of the recruiting system in the company",
        Owner::ItAdmin => "The company's Microsoft 365 administrator",
        Owner::Vendor => "The operator of this service",
        Owner::MicrosoftOrWait => "Nobody: wait, and try again",
        Owner::Unknown => "It is not known",
    }
}
