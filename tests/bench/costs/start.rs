//! B1: from the start of the process until it asks for its first event, and what the first request costs after it.

use std::collections::BTreeMap;

use tokio::runtime::Runtime;

use crate::crowd::ana;
use crate::measure::{Rounds, median, millis};
use crate::program::{FUNCTIONS, Program, Shelf, create, event, stack};

const ROUNDS: usize = 3;
const STARTS: usize = 80;
/// A start of Python takes as long as a hundred of ours.
const STARTS_OF_PYTHON: usize = 8;
const FIRSTS: usize = 15;

#[derive(Default)]
struct Row {
    init: Rounds,
    cpu: Rounds,
    memory: Rounds,
}

pub(crate) fn run(threads: &Runtime, given: &[String]) {
    let (shelf, stack) = (Shelf::of(given), stack(threads));
    let names: Vec<&str> = ["empty"].into_iter().chain(FUNCTIONS).chain(["python"]).collect();
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut readings: BTreeMap<&str, [Vec<f64>; 3]> = BTreeMap::new();
        for start in 0..STARTS {
            for name in names.iter().filter(|name| **name != "python" || start < STARTS_OF_PYTHON) {
                let program = shelf.start(&stack, name, &[]);
                let all = [millis(program.init()), millis(program.cpu()), program.memory("VmRSS")];
                let lists = readings.entry(name).or_default();
                lists.iter_mut().zip(all).for_each(|(list, reading)| list.push(reading));
            }
        }
        for (name, [init, cpu, memory]) in readings {
            let row = rows.entry(name).or_default();
            row.init.add(&init);
            row.cpu.add(&cpu);
            row.memory.add(&memory);
        }
    }
    println!(
        "| program | init ms | × empty | CPU ms | RSS kB | × empty | Python × |\n|---|---|---|---|---|---|---|"
    );
    for name in names {
        let (row, floor, python) = (&rows[name], &rows["empty"], &rows["python"]);
        println!(
            "| {name} | {:.2} | {:.2} | {:.2} | {:.0} | {:.2} | {:.0} |",
            row.init.middle(),
            row.init.against(&floor.init),
            row.cpu.middle(),
            row.memory.middle(),
            row.memory.against(&floor.memory),
            python.init.against(&row.init),
        );
    }
    first_requests(threads, &shelf);
}

/// The first request beside the following ones, in time and in work. On Lambda a function of 256 MB has a seventh of a
/// processor after its start, so there the work is the time.
fn first_requests(threads: &Runtime, shelf: &Shelf) {
    let stack = stack(threads);
    threads.block_on(ana(&stack));
    println!(
        "\n| first request | first ms | warm ms | first CPU ms | warm CPU ms | CPU first / warm |\n|---|---|---|---|---|---|"
    );
    let creates = |n: String| create(&n);
    let lists = |n: String| event("GET /v1/interviews", &serde_json::Value::Null, &n);
    let kinds: [(&str, &dyn Fn(String) -> serde_json::Value); 2] =
        [("create an interview", &creates), ("list interviews", &lists)];
    for (kind, asked) in kinds {
        let mut all: [Vec<f64>; 4] = Default::default();
        for start in 0..FIRSTS {
            let program = shelf.start(&stack, "interviews", &[]);
            program.init();
            let told = |n: usize| asked(format!("first-{kind}-{start}-{n}"));
            let (first, first_cpu) = one(&program, &told(0));
            let warm: Vec<_> = (1..8).map(|n| one(&program, &told(n))).collect();
            let (times, cpus): (Vec<f64>, Vec<f64>) = warm.into_iter().unzip();
            let readings = [first, median(&times), first_cpu, median(&cpus)];
            all.iter_mut().zip(readings).for_each(|(list, reading)| list.push(reading));
        }
        let [first, warm, first_cpu, warm_cpu] = all.map(|list| median(&list));
        let ratio = first_cpu / warm_cpu;
        println!("| {kind} | {first:.2} | {warm:.2} | {first_cpu:.2} | {warm_cpu:.2} | {ratio:.1} |");
    }
}

fn one(program: &Program, event: &serde_json::Value) -> (f64, f64) {
    let before = program.cpu();
    let (took, answer) = program.invoke(event);
    assert!(answer["statusCode"].as_u64().is_some_and(|status| status < 300), "{answer}");
    (millis(took), millis(program.cpu().saturating_sub(before)))
}
