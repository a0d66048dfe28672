//! What is deployed is what is tested: the routes, scopes, functions and schedules of the code are those of
//! template.yaml, no more and no fewer.

use std::collections::BTreeSet;

use shared::function::Access;

use crate::template;

#[test]
fn the_routes_of_the_code_are_the_routes_of_the_template() {
    let of_code: BTreeSet<_> = local::http_functions()
        .iter()
        .flat_map(|function| function.routes.iter().map(|route| (function.name, route)))
        .map(|(name, route)| {
            let scopes: &[&str] = match route.access {
                Access::Public => &[],
                Access::AnyOf(scopes) => scopes,
            };
            assert!(
                route.access == Access::Public || !scopes.is_empty(),
                "{}: nobody may call it",
                route.key
            );
            (name.to_owned(), route.key.to_owned(), scopes.iter().map(|&s| s.to_owned()).collect())
        })
        .collect();
    let of_template = template::routes();
    let only_code: Vec<_> = of_code.difference(&of_template).collect();
    let only_template: Vec<_> = of_template.difference(&of_code).collect();
    assert!(
        only_code.is_empty() && only_template.is_empty(),
        "only in code: {only_code:#?}\nonly in template.yaml: {only_template:#?}"
    );
}

#[test]
fn every_function_of_the_code_is_deployed_and_nothing_else() {
    let http = local::http_functions().map(|function| function.name);
    let scheduled = local::scheduled_functions().map(|function| function.name);
    let listening = [events_out::FUNCTION.name];
    let of_code: BTreeSet<String> =
        http.iter().chain(&scheduled).chain(&listening).map(|&name| name.to_owned()).collect();
    assert_eq!(of_code, template::functions());
    let folders = std::fs::read_dir(template::root().join("functions")).expect("a folder");
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(of_code, folders, "a package without a function, or the other way round");
}

#[test]
fn the_schedule_starts_exactly_the_scheduled_functions() {
    let of_code: BTreeSet<String> =
        local::scheduled_functions().iter().map(|function| function.name.to_owned()).collect();
    assert_eq!(of_code, template::scheduled());
}
