//! The rules as functions of texts, so that each can be seen to fail.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::named_modules;

/// Module to the modules that it may import.
pub(super) type Allowed = BTreeMap<String, BTreeSet<String>>;

/// Reads the table `| module | may import |`; a row may name only rows below it, so that nothing goes round.
pub(super) fn table(page: &str) -> Result<Allowed, String> {
    let rows = page.lines().skip_while(|line| *line != "| module | may import |").skip(2);
    let rows: Vec<(String, BTreeSet<String>)> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (names(cells[1]).pop_first().unwrap_or_default(), names(cells[2]))
        })
        .collect();
    for (place, (module, may)) in rows.iter().enumerate() {
        let below: BTreeSet<&String> = rows[place + 1..].iter().map(|(name, _)| name).collect();
        if let Some(upwards) = may.iter().find(|name| !below.contains(name)) {
            return Err(format!("{module} may not import {upwards}: it does not stand below"));
        }
    }
    if rows.is_empty() { Err("there is no table".to_owned()) } else { Ok(rows.into_iter().collect()) }
}

fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What a file below `shared/src` imports against the table. `path` is relative to `shared/src`.
pub(super) fn forbidden_imports(path: &str, text: &str, allowed: &Allowed) -> Vec<String> {
    let segments: Vec<&str> =
        path.trim_end_matches(".rs").split('/').filter(|part| !["mod", "lib"].contains(part)).collect();
    let Some(own) = segments.first() else { return Vec::new() };
    let Some(may) = allowed.get(*own) else { return vec![format!("{path}: {own} is not in the table")] };
    // `item_tests.rs` is the module `item::tests`.
    let tests = segments.iter().filter(|part| part.ends_with("_tests")).count();
    let edges = named_modules(text, segments.len() + tests);
    let wrong = edges.into_iter().filter(|(_, name)| name != own && !may.contains(name));
    wrong.map(|(line, name)| format!("{path}:{line}: {own} may not import {name}")).collect()
}

/// `domain` is values and decisions: nothing in it waits, and nothing in it knows a wire.
pub(super) fn impurities(path: &str, text: &str) -> Vec<String> {
    const FOREIGN: [&str; 10] = [
        "async fn",
        ".await",
        "aws_",
        "reqwest",
        "lambda_",
        "tokio::",
        "tracing::",
        "std::fs",
        "std::net",
        "std::env",
    ];
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found =
        lines.filter_map(|(n, line)| FOREIGN.iter().find(|word| line.contains(**word)).map(|word| (n, word)));
    found.map(|(n, word)| format!("{path}:{}: domain is pure, but says {word}", n + 1)).collect()
}

/// The packages that a Cargo.toml depends on, in whatever section.
pub(super) fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(section) = line.trim().strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let last = section.rsplit('.').next().unwrap_or_default();
            inside = last.ends_with("dependencies");
            // `[dependencies.serde]`
            if !inside && section.contains("dependencies.") {
                found.insert(last.to_owned());
            }
        } else if inside && let Some((name, _)) = line.split_once('=') {
            found.insert(name.trim().trim_matches('"').split('.').next().unwrap_or_default().to_owned());
        }
    }
    found
}

/// What a function lists that it must not.
pub(super) fn foreign_dependencies(function: &str, manifest: &str) -> Vec<String> {
    let mut may = vec!["shared", "serde", "tokio"];
    if function == "pages" {
        may.push("askama");
    }
    let wrong = dependencies(manifest).into_iter().filter(|name| !may.contains(&name.as_str()));
    wrong.map(|name| format!("functions/{function} may not depend on {name}")).collect()
}

/// Files with more code than allowed. The unit tests at the end of a file, and files of unit tests, do not count.
pub(super) fn too_long(path: &str, text: &str, most: usize) -> Option<String> {
    if path.ends_with("_tests.rs") || path.ends_with("/tests.rs") {
        return None;
    }
    let code = text.find("\n#[cfg(test)]\nmod tests {").map_or(text, |tests| &text[..tests]);
    let lines = code.lines().count();
    (lines > most).then(|| format!("{path} has {lines} lines of code; {most} are allowed"))
}

/// Results of the store that a statement throws away. Whatever the store did not do is handled, or counted and logged
/// by `best_effort`; a failure that nobody sees has cost every tenant its service once.
pub(super) fn dropped_results(path: &str, text: &str) -> Vec<String> {
    const DROPS: [&str; 8] = [
        ".ok()",
        ".is_ok()",
        ".is_err()",
        ".unwrap_or_default()",
        ".unwrap_or(",
        ".unwrap_or_else(|_|",
        "map_err(drop)",
        ".map_err(|_|",
    ];
    let code = text.find("\n#[cfg(test)]").map_or(text, |tests| &text[..tests]);
    let mut found = Vec::new();
    for (line, statement) in statements(code) {
        let flat: String = statement.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".");
        let Some((before, after)) = flat.rsplit_once(".await") else { continue };
        let waits_unseen = ["let _ =", "let _: ", "drop("].iter().any(|drop| flat.starts_with(drop));
        let store = ["store.", "self.0.", "self.table.", "guard.", "shards."]
            .iter()
            .any(|part| before.contains(part));
        let dropped = DROPS.iter().any(|drop| after.starts_with(drop)) || flat.starts_with("if let Ok(");
        if waits_unseen || (store && dropped) {
            found.push(format!("{path}:{line}: a result is dropped unseen: {flat}"));
        }
    }
    found
}

/// Statements with the line on which each begins, comments left out; good enough for rustfmt's layout.
fn statements(code: &str) -> Vec<(usize, String)> {
    let (mut all, mut begun, mut current) = (Vec::new(), 1, String::new());
    for (n, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        for c in line.chars() {
            if matches!(c, ';' | '{' | '}') {
                all.push((begun, std::mem::take(&mut current).trim().to_owned()));
            } else {
                if current.trim().is_empty() {
                    begun = n + 1;
                }
                current.push(c);
            }
        }
        current.push('\n');
    }
    all
}

#[test]
fn a_result_that_is_dropped_unseen_is_told() {
    for dropped in [
        "fn f() {\n    let _ = app.store.claims.release(claim, None).await;\n}",
        "fn f() {\n    let _ = self.release(&read).await;\n}",
        "fn f() {\n    if self.parts.store.guard.close_breaker().await.is_ok() {\n    }\n}",
        "fn f() {\n    let read = app\n        .store\n        .customers\n        .get(id)\n        .await\n        .unwrap_or_default();\n}",
        "fn f() {\n    if let Ok(guard) = app.store.guard.get().await {\n    }\n}",
        "fn f() {\n    drop(app.store.keys.current(id).await);\n}",
        "fn f() {\n    let key = app.store.keys.current(id).await.ok();\n}",
    ] {
        assert_eq!(dropped_results("a.rs", dropped).len(), 1, "{dropped}");
    }
    for handled in [
        "fn f() {\n    let read = app.store.customers.get(id).await.map_err(store_problem)?;\n}",
        "fn f() {\n    app.store.claims.release(claim, None).await.best_effort(\"release\");\n}",
        "fn f() {\n    let zone = app.graph.own_time_zone(token).await.ok()?;\n}",
        "// let _ = app.store.claims.release(claim, None).await;\n",
        "fn f() {}\n#[cfg(test)]\nmod tests {\n    let _ = store.get(x).await;\n}",
    ] {
        assert_eq!(dropped_results("a.rs", handled), Vec::<String>::new(), "{handled}");
    }
}

#[test]
fn the_table_goes_downwards_only() {
    let page =
        "text\n| module | may import |\n|---|---|\n| `a` | `b` `c` |\n| `b` | `c` |\n| `c` | |\n\nmore";
    let table = table(page).expect("it goes downwards");
    assert_eq!(table["a"], BTreeSet::from(["b".to_owned(), "c".to_owned()]));
    assert!(table["c"].is_empty());
    let round = "| module | may import |\n|---|---|\n| `a` | `b` |\n| `b` | `a` |\n";
    assert_eq!(super::rules::table(round), Err("b may not import a: it does not stand below".to_owned()));
    assert!(super::rules::table("no table").is_err());
}

#[test]
fn a_forbidden_import_is_told_with_file_and_line() {
    let allowed = table("| module | may import |\n|---|---|\n| `store` | `domain` |\n| `domain` | |\n")
        .expect("a table");
    assert_eq!(
        forbidden_imports("store/mod.rs", "use crate::domain::ids;\nuse super::x;\n", &allowed),
        ["store/mod.rs:2: store may not import x"]
    );
    assert_eq!(
        forbidden_imports("domain/ids.rs", "\nuse crate::store::Row;", &allowed),
        ["domain/ids.rs:2: domain may not import store"]
    );
    assert_eq!(forbidden_imports("new.rs", "", &allowed), ["new.rs: new is not in the table"]);
    assert!(forbidden_imports("store/item_tests.rs", "use super::super::row::Key;", &allowed).is_empty());
    assert!(forbidden_imports("lib.rs", "pub use crate::anything;", &allowed).is_empty());
}

#[test]
fn a_domain_that_waits_or_calls_is_told() {
    assert_eq!(impurities("time.rs", "//! tokio::\npub async fn now() {}\n").len(), 1);
    assert!(impurities("time.rs", "pub fn later() {}").is_empty());
}

#[test]
fn a_dependency_is_seen_in_every_section() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nshared = { workspace = true }\nserde.workspace = true\n\
                    [dependencies.reqwest]\nversion = \"1\"\n[target.'cfg(unix)'.dev-dependencies]\naxum = \"1\"\n";
    assert_eq!(
        dependencies(manifest).into_iter().collect::<Vec<_>>(),
        ["axum", "reqwest", "serde", "shared"].map(str::to_owned)
    );
    assert_eq!(foreign_dependencies("x", manifest).len(), 2);
    let pages = "[dependencies]\naskama = \"1\"\n";
    assert_eq!((foreign_dependencies("x", pages).len(), foreign_dependencies("pages", pages).len()), (1, 0));
}

#[test]
fn a_long_file_is_told() {
    assert_eq!(too_long("a.rs", "1\n2\n3\n", 2).as_deref(), Some("a.rs has 3 lines of code; 2 are allowed"));
    assert_eq!(too_long("a.rs", "1\n2\n", 2), None);
    assert_eq!(too_long("a.rs", "1\n2\n#[cfg(test)]\nmod tests {\n5\n}\n", 2), None);
    assert_eq!(too_long("a/b_tests.rs", "1\n2\n3\n", 2), None);
}
