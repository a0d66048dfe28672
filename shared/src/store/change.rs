//! A write to one row, as an expression. Pure.
//!
//! In conditions an attribute is written `#name` and a value `:name`; names are collected from the finished
//! expression, since DynamoDB refuses names and values that nothing uses.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::StoreError;
use super::item::{Item, SPARSE, count};
use super::limits;
use super::row::Row;

/// Operators and functions that DynamoDB takes in one expression are 300; a change stays well below.
const MOST_OPERATORS: usize = 250;

/// A change of single attributes.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) row: Row,
    set: Vec<String>,
    remove: Vec<String>,
    condition: Option<String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    pub(super) fn of(row: Row) -> Self {
        Self { row, set: Vec::new(), remove: Vec::new(), condition: None, values: HashMap::new() }
    }

    /// Replaces everything that a save covers, if the version is still the one that was read; `None`: if there
    /// is no such row.
    pub(super) fn whole(row: Row, fields: Item, read: Option<u64>) -> Self {
        let mut change = Self::of(row).set("v", count(read.unwrap_or(0) + 1));
        for name in SPARSE.into_iter().filter(|name| !fields.contains_key(*name)) {
            change = change.remove(name);
        }
        for (name, value) in fields {
            change = change.set(&name, value);
        }
        match read {
            Some(version) => change.when("#v = :read").with("read", count(version)),
            None => change.when("attribute_not_exists(#pk)"),
        }
    }

    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = :{name}"));
        self.with(name, value)
    }

    /// Sets it unless it is there.
    pub(super) fn set_once(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = if_not_exists(#{name}, :{name})"));
        self.with(name, value)
    }

    pub(super) fn remove(mut self, name: &str) -> Self {
        self.remove.push(format!("#{name}"));
        self
    }

    pub(super) fn when(mut self, condition: &str) -> Self {
        self.condition = Some(condition.to_owned());
        self
    }

    /// A value that the condition names.
    pub(super) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    /// Removals of many attributes, each on its own condition, in as many changes as DynamoDB's limits ask for.
    pub(super) fn removals<'a>(
        row: &Row,
        names: impl IntoIterator<Item = &'a str>,
        condition: impl Fn(&str) -> String,
        (value_name, value): (&str, &AttributeValue),
    ) -> Vec<Self> {
        let mut portions: Vec<Self> = Vec::new();
        for name in names {
            let add = |change: Self| {
                let one = condition(name);
                let both =
                    change.condition.as_ref().map_or_else(|| one.clone(), |all| format!("{all} AND {one}"));
                change.remove(name).when(&both)
            };
            let fuller = portions.last().cloned().map(add).filter(Self::fits);
            if let (Some(fuller), Some(last)) = (fuller, portions.last_mut()) {
                *last = fuller;
            } else {
                portions.push(add(Self::of(row.clone()).with(value_name, value.clone())));
            }
        }
        portions
    }

    /// Whether DynamoDB takes it, the mark of the write included.
    fn fits(&self) -> bool {
        let marked = self.clone().set("w", AttributeValue::Bool(true));
        let condition = self.condition.as_deref().unwrap_or_default();
        limits::fits_expression(&marked.update_expression())
            && limits::fits_expression(condition)
            && marked.set.len() + marked.remove.len() + condition.matches(" AND ").count() * 2
                < MOST_OPERATORS
    }

    fn update_expression(&self) -> String {
        let clauses = [("SET ", &self.set), ("REMOVE ", &self.remove)].into_iter();
        let clauses = clauses
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| verb.to_owned() + &parts.join(", "));
        clauses.collect::<Vec<_>>().join(" ")
    }

    /// `Err`: DynamoDB does not take a write of this size.
    pub(super) fn into_parts(self) -> Result<Parts, StoreError> {
        let update = self.update_expression();
        limits::check_expression(&update)?;
        limits::check_expression(self.condition.as_deref().unwrap_or_default())?;
        let key = self.row.key();
        let values = self.values.iter().map(|(name, value)| (name.trim_start_matches(':'), value));
        limits::check_item(values.chain(limits::attributes(&key)))?;
        let names = names(&[&update, self.condition.as_deref().unwrap_or_default()]);
        let values = Some(self.values).filter(|values| !values.is_empty());
        Ok(Parts { key, update, condition: self.condition, names, values })
    }
}

/// What the SDK's builders take.
pub(super) struct Parts {
    pub(super) key: Item,
    pub(super) update: String,
    pub(super) condition: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

/// Every `#name` in the expressions, and what it stands for: itself.
pub(super) fn names(expressions: &[&str]) -> Option<HashMap<String, String>> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = HashMap::new();
    for part in expressions.iter().flat_map(|expression| expression.split('#').skip(1)) {
        let name = part.split(|c| !word(c)).next().unwrap_or_default();
        names.insert(format!("#{name}"), name.to_owned());
    }
    Some(names).filter(|names| !names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::item::text_value;
    use super::super::row::Shard;
    use super::*;

    fn row() -> Row {
        Row::shard(Shard::named("001").expect("shard"))
    }

    #[test]
    fn a_save_sets_what_is_there_and_removes_what_is_not() {
        let fields = Item::from([("doc".to_owned(), text_value("{}"))]);
        let parts = Change::whole(row(), fields, Some(4)).into_parts().expect("it fits");
        assert_eq!(
            parts.update,
            "SET #v = :v, #doc = :doc REMOVE #blob, #fu, #due, #ttl, #lease_by, #lease_until"
        );
        assert_eq!(parts.condition.as_deref(), Some("#v = :read"));
        let values = parts.values.expect("values");
        assert_eq!((&values[":v"], &values[":read"]), (&count(5), &count(4)));
    }

    #[test]
    fn every_name_and_no_other_is_declared() {
        let parts = Change::of(row())
            .set_once("due", count(1))
            .when("attribute_not_exists(#t_1) OR #t_1 <= #last_success")
            .into_parts()
            .expect("it fits");
        let mut names: Vec<String> = parts.names.expect("names").into_keys().collect();
        names.sort_unstable();
        assert_eq!(names, ["#due", "#last_success", "#t_1"]);
        assert_eq!(parts.update, "SET #due = if_not_exists(#due, :due)");
    }

    #[test]
    fn an_update_expression_that_is_too_long_cannot_be_built() {
        // `REMOVE ` and names of four characters with `#`, parted by `, `: 7 + 7 n - 2 bytes.
        let removal = |names: usize| {
            let names: Vec<String> = (0..names).map(|n| format!("{n:04}")).collect();
            names.iter().fold(Change::of(row()), |change, name| change.remove(name))
        };
        assert_eq!(removal(584).into_parts().map(|parts| parts.update.len()).ok(), Some(4093));
        assert!(matches!(removal(585).into_parts(), Err(StoreError::TooLarge)));
        let long = Change::of(row()).when(&"x".repeat(4097)).into_parts();
        assert!(matches!(long, Err(StoreError::TooLarge)));
    }

    #[test]
    fn removals_come_in_portions_that_fit_and_leave_nothing_out() {
        let names: Vec<String> = (0..1000).map(|n| format!("t_{n:036}")).collect();
        let condition = |name: &str| format!("(attribute_not_exists(#{name}) OR #{name} <= :at)");
        let portions =
            Change::removals(&row(), names.iter().map(String::as_str), condition, ("at", &count(1)));
        assert!(portions.len() > 10, "{}", portions.len());
        let mut removed = 0;
        for portion in portions {
            let parts = portion.set("w", count(1)).into_parts().expect("it fits");
            removed += parts.update.matches("#t_").count();
        }
        assert_eq!(removed, 1000);
        let none = Change::removals(&row(), [], condition, ("at", &count(1)));
        assert!(none.is_empty());
    }

    #[test]
    fn a_change_without_values_declares_none() {
        let parts = Change::of(row()).remove("open_since").into_parts().expect("it fits");
        assert!(parts.values.is_none());
        assert_eq!(parts.update, "REMOVE #open_since");
    }
}
