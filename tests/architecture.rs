//! The rules of the architecture that no compiler knows: who imports whom, what a function may depend on, and how long
//! a file may be. Each rule is also tried on small inputs that break it (`architecture/`).

mod imports;
mod rules;

use std::path::{Path, PathBuf};

use crate::template::root;

/// Maximum lines of code in one file; its unit tests are not counted.
const LONGEST_FILE: usize = 400;

#[test]
fn shared_imports_downwards_only() {
    let allowed = rules::table(&read(&root().join("shared/README.md"))).expect("a table of allowed imports");
    let source = root().join("shared/src");
    let wrong: Vec<String> = rust_files(&source)
        .iter()
        .flat_map(|file| rules::forbidden_imports(&relative(file, &source), &read(file), &allowed))
        .collect();
    assert!(wrong.is_empty(), "against the table in shared/README.md:\n{}", wrong.join("\n"));
    for module in allowed.keys() {
        let file = source.join(format!("{module}.rs"));
        assert!(file.exists() || source.join(module).exists(), "{module} is in the table only");
    }
}

#[test]
fn the_domain_is_pure() {
    let domain = root().join("shared/src/domain");
    let wrong: Vec<String> = rust_files(&domain)
        .iter()
        .flat_map(|file| rules::impurities(&relative(file, root()), &read(file)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_function_depends_on_the_vocabulary_alone() {
    let mut wrong = Vec::new();
    for folder in packages() {
        let name = relative(&folder, &root().join("functions"));
        wrong.extend(rules::foreign_dependencies(&name, &read(&folder.join("Cargo.toml"))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_stand_ins_know_nothing_of_ours() {
    let ours =
        packages().iter().map(|folder| relative(folder, &root().join("functions"))).collect::<Vec<_>>();
    for folder in ["infra/sim", "infra/sim/conformance"] {
        let theirs = rules::dependencies(&read(&root().join(folder).join("Cargo.toml")));
        for name in ours.iter().map(String::as_str).chain(["shared", "local", "acceptance"]) {
            assert!(
                !theirs.contains(name),
                "{folder} depends on {name}: a bug there could cancel itself out"
            );
        }
    }
}

/// `shared` for the functions, the local stack that makes what the template makes, and the operator's tools.
#[test]
fn nobody_else_speaks_to_aws() {
    let mut speak = Vec::new();
    let folders =
        ["shared", "infra/sim", "infra/local", "infra/cloud/certificate"].map(|name| root().join(name));
    for folder in folders.into_iter().chain(packages()) {
        let listed = rules::dependencies(&read(&folder.join("Cargo.toml")));
        if listed.iter().any(|name| name.starts_with("aws-sdk-")) {
            speak.push(relative(&folder, root()));
        }
    }
    assert_eq!(speak, ["shared", "infra/local", "infra/cloud/certificate"]);
}

/// What the tool needs of us is the way to AWS; what a function is built of, it is not.
#[test]
fn the_operators_tools_are_in_no_function() {
    for folder in packages().into_iter().chain([root().join("shared")]) {
        let listed = rules::dependencies(&read(&folder.join("Cargo.toml")));
        for name in ["certificate", "rcgen"] {
            assert!(!listed.contains(name), "{} depends on {name}", relative(&folder, root()));
        }
    }
}

#[test]
fn no_result_of_the_store_is_dropped_unseen() {
    let dropped: Vec<String> = ["shared/src", "functions"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .filter(|file| !file.to_string_lossy().ends_with("_tests.rs"))
        .flat_map(|file| rules::dropped_results(&relative(&file, root()), &read(&file)))
        .collect();
    assert!(dropped.is_empty(), "{}", dropped.join("\n"));
}

#[test]
fn a_file_fits_into_a_head() {
    let long: Vec<String> = ["shared", "functions", "infra", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .filter_map(|file| rules::too_long(&relative(&file, root()), &read(&file), LONGEST_FILE))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Their manifests switch test binaries off, so a unit test there would never run.
#[test]
fn a_function_is_tested_by_stories_alone() {
    for file in packages().iter().flat_map(|folder| rust_files(folder)) {
        let source = read(&file);
        let found = ["#[test]", "#[tokio::test]", "#[cfg(test)]", "```\n"]
            .iter()
            .find(|mark| source.contains(**mark));
        assert_eq!(found, None, "{}", relative(&file, root()));
    }
    for folder in packages() {
        let manifest = read(&folder.join("Cargo.toml"));
        assert_eq!(manifest.matches("\ntest = false").count(), 2, "{}", relative(&folder, root()));
    }
}

fn packages() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("functions")).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Every Rust file below a folder, sorted; build directories left out.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn relative(file: &Path, folder: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
