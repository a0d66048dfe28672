//! What the README points to is there, and its table of switches is the simulator's. Its commands are run by
//! `.ci/readme`.

use std::collections::BTreeSet;

use local::{Options, Stack, StackClock};
use serde_json::json;

use crate::template::{functions, root};
use crate::world::BEGIN;

const PAGES: [&str; 13] = [
    "README.md",
    "shared/README.md",
    "infra/cloud/README.md",
    "infra/cloud/deploy.md",
    "infra/cloud/entra.md",
    "infra/cloud/costs.md",
    "infra/cloud/events.md",
    "infra/cloud/firewall.md",
    "infra/cloud/operations.md",
    "infra/cloud/parameters.md",
    "infra/cloud/restore.md",
    "infra/cloud/run.md",
    "infra/cloud/trouble.md",
];

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files that a page links to.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.starts_with("http") && !target.starts_with('#')).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    for page in PAGES {
        let (text, file) = (read(page), root().join(page));
        for link in links(&text) {
            let target = file.parent().expect("a folder").join(link.split('#').next().unwrap_or_default());
            assert!(target.exists(), "{page} links to {link}");
        }
    }
    assert_eq!(links("[a](b/c.rs) and ![x](y.png), [no](https://x.example)"), ["b/c.rs", "y.png"]);
}

#[test]
fn the_map_names_every_function_and_every_folder() {
    let text = read("README.md");
    let map = text.split("## The map").nth(1).expect("a map").split("```").nth(1).expect("a block");
    let named: BTreeSet<String> = map
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| name.trim_end_matches('/').to_owned())
        .collect();
    for function in functions() {
        assert!(named.contains(&function), "{function} is not on the map");
    }
    for folder in ["functions", "shared", "infra/cloud", "infra/sim", "infra/local", "tests", "template.yaml"]
    {
        assert!(named.contains(folder) && root().join(folder).exists(), "{folder}");
    }
}

#[tokio::test]
async fn the_table_of_switches_is_the_simulators() {
    let clock = StackClock::standing(BEGIN.parse().expect("a time"));
    let stack = Stack::start(clock, Options::default()).await.expect("the stack starts");
    let exists = |name: &str| match stack.microsoft.switch(name, json!({})) {
        Ok(_) => true,
        Err(why) => !why.starts_with("there is no switch"),
    };
    let text = read("README.md");
    let section =
        text.split("## Switches").nth(1).expect("a section").split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let told: BTreeSet<&str> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    for name in &told {
        assert!(exists(name), "the README tells of a switch {name}");
    }
    let source = read("infra/sim/src/microsoft/switches.rs");
    let words = source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    let real: BTreeSet<&str> = words.filter(|word| exists(word)).collect();
    assert_eq!(told, real, "told and real");
}
