//! The containers of the functions: each with parts of its own, and under a name of its own, as it runs under a role of
//! its own when it is deployed.

use std::collections::HashMap;
use std::sync::Arc;

use aws_types::SdkConfig;
use events_out::FUNCTION as EVENTS_OUT;
use shared::app::{App, REQUEST_KEY_LIFE, SWEEP_KEY_LIFE, sdk_config};
use shared::aws_http::https_client;
use shared::clock::{Clock, Entropy, SystemEntropy};
use shared::function::ScheduledFunction;
use shared::outbox::Outbox;
use shared::settings::Settings;

use crate::clock::StackClock;
use crate::gateway::Mounted;
use crate::stack::{Options, StartError, http_functions, scheduled_functions};
use crate::stream::Listener;

/// Every function, in its container.
pub struct Containers {
    /// Behind the gateway.
    pub http: Vec<Mounted>,
    /// Started by the schedule.
    pub scheduled: Vec<(ScheduledFunction, Arc<App>)>,
    /// Listening to the table's stream; none if the table is another AWS's.
    pub listener: Option<Listener>,
}

/// Builds them from what an environment would tell.
pub fn start(
    told: &HashMap<String, String>,
    options: &Options,
    clock: &Arc<StackClock>,
) -> Result<Containers, StartError> {
    let settings = Settings::read(&|name| told.get(name).cloned())?;
    let entropy = options.entropy.clone().unwrap_or_else(|| Arc::new(SystemEntropy) as Arc<dyn Entropy>);
    let client = https_client();
    let aws = |name: &str| -> Result<SdkConfig, StartError> {
        let own = |key: &str| {
            if key == "AWS_ACCESS_KEY_ID" { Some(name.to_owned()) } else { told.get(key).cloned() }
        };
        Ok(sdk_config(client.clone(), &own)?)
    };
    let clock = || Arc::clone(clock) as Arc<dyn Clock>;
    let app = |name: &str, life| {
        let app = App::keeping_keys_for(life, settings.clone(), &aws(name)?, clock(), Arc::clone(&entropy));
        Ok::<_, StartError>(Arc::new(app))
    };
    let mut containers = Containers { http: Vec::new(), scheduled: Vec::new(), listener: None };
    for function in http_functions() {
        containers.http.push(Mounted { function, app: app(function.name, REQUEST_KEY_LIFE)? });
    }
    for function in scheduled_functions() {
        containers.scheduled.push((function, app(function.name, SWEEP_KEY_LIFE)?));
    }
    if options.aws_endpoint.is_none() {
        let outbox = Outbox::new(&settings, &aws(EVENTS_OUT.name)?, clock(), Arc::clone(&entropy))?;
        containers.listener = Some(Listener::new(EVENTS_OUT, outbox));
    }
    Ok(containers)
}
