//! B4: the most memory that a function ever had, after a thousand requests and after many more.

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::crowd::ana;
use crate::program::{Shelf, event, stack};

const FEW: usize = 1_000;
const MANY: usize = 100_000;

pub(crate) fn run(threads: &Runtime, given: &[String]) {
    let (shelf, stack) = (Shelf::of(given), stack(threads));
    threads.block_on(ana(&stack));
    let many = given.get(2).map_or(MANY, |text| text.parse().expect("a number"));
    println!(
        "| program, request | peak kB after {FEW} | × empty | after {many} | growth |\n|---|---|---|---|---|"
    );
    let health = event("GET /healthz", &Value::Null, "bench");
    let list = event("GET /v1/interviews", &Value::Null, "bench");
    let mut floor = f64::NAN;
    for (name, told, event) in [
        ("empty", "anything", &health),
        ("pages", "GET /healthz", &health),
        ("interviews", "GET /v1/interviews", &list),
    ] {
        let program = shelf.start(&stack, name, &[]);
        program.init();
        let after = |n: usize| {
            for _ in 0..n {
                let (_, answer) = program.invoke(event);
                assert_eq!(answer["statusCode"], 200, "{answer}");
            }
            program.memory("VmHWM")
        };
        let (few, all) = (after(FEW), after(many - FEW));
        floor = if name == "empty" { few } else { floor };
        let growth = (all / few - 1.0) * 100.0;
        println!("| {name}, {told} | {few:.0} | {:.2} | {all:.0} | {growth:.1} % |", few / floor);
        stack.journal.clear();
    }
}
