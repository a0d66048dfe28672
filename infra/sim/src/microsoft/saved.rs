//! The state as text, so that a stack can be stopped and go on later: who consented, what was issued, every event.
//!
//! It holds every secret of the stand-in and belongs into the folder of that stack only.

use super::tenant::State;

pub(crate) fn save(state: &State) -> String {
    serde_json::to_string(state).expect("the state is plain data with texts as keys")
}

/// What the registration says today goes before what it said then, but for the secret: it is the one under which
/// the product may have stored something.
pub(crate) fn restore(state: &mut State, saved: &str) -> Result<(), String> {
    let mut then: State = serde_json::from_str(saved).map_err(|error| error.to_string())?;
    let secret = std::mem::take(&mut then.config.client_secret);
    then.config = state.config.clone();
    then.config.client_secret = secret;
    *state = then;
    Ok(())
}

/// A map whose keys are no texts, as a list of pairs.
pub(crate) mod pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(crate) fn serialize<K, V, S>(map: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error>
    where
        K: Serialize,
        V: Serialize,
        S: Serializer,
    {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}
