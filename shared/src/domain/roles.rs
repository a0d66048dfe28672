//! The roles in Microsoft Entra that may approve an app for everybody in an organization. Source: Microsoft's page
//! "Grant tenant-wide admin consent", read in November 2026. The letter, the page `/it`, the problems, and the doctor
//! all read this list.

/// The roles in one sentence, for text that is put together at compile time. A test holds it against [`APPROVERS`].
macro_rules! approver_roles {
    () => {
        "Cloud Application Administrator, Application Administrator, Privileged Role Administrator, or Global Administrator"
    };
}
pub(crate) use approver_roles;

/// The list, the least privileged first.
pub const APPROVERS: [&str; 4] = [
    "Cloud Application Administrator",
    "Application Administrator",
    "Privileged Role Administrator",
    "Global Administrator",
];
/// The same, within a sentence.
pub const ONE_OF_THEM: &str = approver_roles!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_list_and_nothing_else() {
        let (last, others) = APPROVERS.split_last().expect("roles");
        assert_eq!(ONE_OF_THEM, format!("{}, or {last}", others.join(", ")));
    }
}
