//! What is stored, read as nobody in the product may.

use serde_json::Value;

use super::World;

/// Rows of the main table.
pub(crate) struct Rows(Vec<Value>);

impl Rows {
    /// All of them.
    pub(crate) fn of(world: &World) -> Self {
        Self(world.stack.aws.dump()["convene"].as_array().cloned().unwrap_or_default())
    }

    /// How many wrapped customer keys there are.
    pub(crate) fn keys(world: &World) -> usize {
        world.stack.aws.dump()["convene-keys"].as_array().map_or(0, Vec::len)
    }

    /// Those whose partition begins so.
    pub(crate) fn with(self, partition: &str) -> Self {
        Self(self.0.into_iter().filter(|row| text(row, "pk").starts_with(partition)).collect())
    }

    /// Those whose sort key begins so.
    pub(crate) fn under(self, sort: &str) -> Self {
        Self(self.0.into_iter().filter(|row| text(row, "sk").starts_with(sort)).collect())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// How many hold something sealed.
    pub(crate) fn sealed(&self) -> usize {
        self.0.iter().filter(|row| !row["blob"].is_null()).count()
    }

    /// Every partition and sort key.
    pub(crate) fn partitions(&self) -> Vec<String> {
        self.0.iter().flat_map(|row| [text(row, "pk").to_owned(), text(row, "sk").to_owned()]).collect()
    }

    /// Their documents.
    pub(crate) fn documents(&self) -> Vec<Value> {
        self.0.iter().map(|row| serde_json::from_str(text(row, "doc")).unwrap_or_default()).collect()
    }
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]["S"].as_str().unwrap_or_default()
}
