//! Blast guard and breaker: one row that all workers share. Each tenant in doubt is an attribute of its own, so
//! that workers do not disturb each other; what it means is decided in `domain::guard`.

use std::sync::Arc;

use jiff::Timestamp;

use super::StoreError;
use super::change::Change;
use super::item::{Item, instant, millis};
use super::row::Row;
use super::table::{Table, Written};
use crate::domain::guard::{AT_ONCE, Breaker, Guard, PROBE_EVERY};
use crate::domain::ids::TenantId;

/// Blast guard and breaker.
#[derive(Clone)]
pub struct GuardRow(pub(super) Arc<Table>);

impl GuardRow {
    /// What all workers know together.
    pub async fn get(&self) -> Result<Guard, StoreError> {
        Ok(self.0.get(&Row::guard()).await?.as_ref().map(read).unwrap_or_default())
    }

    /// Notes that a connection of this tenant turned suspect at `since`, if that is news to `known`.
    pub async fn record_suspect(
        &self,
        known: &Guard,
        tenant: TenantId,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        if !known.should_note(tenant, since) {
            return Ok(());
        }
        let name = attribute(tenant);
        let news = format!(
            "attribute_not_exists(#{name}) OR #{name} < :before OR #{name} <= #last_success OR #{name} <= #confirmed_at"
        );
        let before = since.checked_sub(AT_ONCE).unwrap_or(since);
        let change = Change::of(Row::guard()).set(&name, millis(since)).when(&news);
        self.write(change.with("before", millis(before))).await
    }

    /// Notes that a redemption succeeded; tenants that `known` has in doubt are in doubt no more. To be called
    /// once a minute at most.
    ///
    /// The time alone releases the guard, so it is written first and by itself: its size does not grow with the number
    /// of tenants. What was noted of them says nothing any more and is removed afterwards, in portions; what is noted
    /// meanwhile stays.
    pub async fn record_success(&self, known: &Guard, now: Timestamp) -> Result<(), StoreError> {
        let change = Change::of(Row::guard())
            .set("last_success", millis(now))
            .when("attribute_not_exists(#last_success) OR #last_success < :last_success");
        self.write(change).await?;
        let settled = known.suspects.iter().filter(|(_, noted)| **noted <= now);
        let names: Vec<String> = settled.map(|(tenant, _)| attribute(*tenant)).collect();
        let old = |name: &str| format!("(attribute_not_exists(#{name}) OR #{name} <= :at)");
        let names = names.iter().map(String::as_str);
        for portion in Change::removals(&Row::guard(), names, old, ("at", &millis(now))) {
            self.write(portion).await?;
        }
        Ok(())
    }

    /// An operator confirms that the refusals are real.
    pub async fn confirm(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(Change::of(Row::guard()).set("confirmed_at", millis(now))).await
    }

    /// Our credential was refused: stop redeeming. Keeps the beginning of an open breaker.
    pub async fn open_breaker(&self, now: Timestamp) -> Result<(), StoreError> {
        let change = Change::of(Row::guard())
            .set_once("open_since", millis(now))
            .set_once("probe_at", millis(now.saturating_add(PROBE_EVERY).unwrap_or(now)));
        self.write(change).await
    }

    /// Whether the caller may try one redemption through the open breaker: one caller a minute may.
    pub async fn take_probe(&self, now: Timestamp) -> Result<bool, StoreError> {
        let change = Change::of(Row::guard())
            .set("probe_at", millis(now.saturating_add(PROBE_EVERY).unwrap_or(now)))
            .when("attribute_exists(#open_since) AND #probe_at <= :now")
            .with("now", millis(now));
        Ok(matches!(self.0.update(change).await?, Written::Done(_)))
    }

    /// A probe succeeded: redeem again.
    pub async fn close_breaker(&self) -> Result<(), StoreError> {
        self.write(Change::of(Row::guard()).remove("open_since").remove("probe_at")).await
    }

    async fn write(&self, change: Change) -> Result<(), StoreError> {
        self.0.update(change).await.map(|_| ())
    }
}

const TENANT: &str = "t_";

fn attribute(tenant: TenantId) -> String {
    format!("{TENANT}{}", tenant.to_string().replace('-', "_"))
}

fn tenant(attribute: &str) -> Option<TenantId> {
    attribute.strip_prefix(TENANT)?.replace('_', "-").parse().ok()
}

pub(super) fn read(item: &Item) -> Guard {
    let suspects = item.keys().filter_map(|name| Some((tenant(name)?, instant(item, name)?))).collect();
    let breaker = instant(item, "open_since")
        .map(|open_since| Breaker { open_since, probe_at: instant(item, "probe_at").unwrap_or(open_since) });
    let (last_success, confirmed_at) = (instant(item, "last_success"), instant(item, "confirmed_at"));
    Guard { suspects, last_success, confirmed_at, breaker }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_is_read_from_single_attributes() {
        let noted = Timestamp::from_second(1_700_000_000).expect("time");
        let contoso: TenantId = "0f1e2d3c-0000-4000-8000-000000000001".parse().expect("tenant");
        let item = Item::from([
            ("pk".to_owned(), super::super::item::text_value("SHARDS")),
            (attribute(contoso), millis(noted)),
            ("open_since".to_owned(), millis(noted)),
        ]);
        let guard = read(&item);
        assert_eq!(guard.suspects.into_iter().collect::<Vec<_>>(), [(contoso, noted)]);
        assert_eq!(guard.breaker, Some(Breaker { open_since: noted, probe_at: noted }));
        assert_eq!(read(&Item::new()), Guard::default());
    }
}
