//! B5: an interview is created, warm: parsed, authorised, claimed, opened, made, settled, logged. Beside it a function
//! that does nothing, and the same calls from Python. What is compared is the work (CPU time of the process), since the
//! stand-ins share the machine; the time beside it has theirs in it.

use std::collections::BTreeMap;

use tokio::runtime::Runtime;

use crate::crowd::ana;
use crate::measure::{Rounds, float, micros};
use crate::program::{Shelf, create, stack};

const ROUNDS: usize = 5;
const REQUESTS: usize = 150;

pub(crate) fn run(threads: &Runtime, given: &[String]) {
    let (shelf, stack) = (Shelf::of(given), stack(threads));
    let token = threads.block_on(ana(&stack));
    let more = [("GRAPH_TOKEN", token.as_str())];
    let names = ["empty", "interviews", "python"];
    let programs = names.map(|name| (name, shelf.start(&stack, name, &more)));
    let mut rows: BTreeMap<&str, [Rounds; 2]> = BTreeMap::new();
    for round in 0..=ROUNDS {
        for (name, program) in &programs {
            if round == 0 {
                program.init();
            }
            let before = program.cpu();
            let mut times = Vec::new();
            for n in 0..REQUESTS {
                let (took, answer) = program.invoke(&create(&format!("{name}-{round}-{n}")));
                assert!(answer["statusCode"] == 201 || *name == "empty", "{name}: {answer}");
                times.push(micros(took));
            }
            // The first round warms them up.
            if round > 0 {
                let [cpu, time] = rows.entry(name).or_default();
                cpu.add(&[micros(program.cpu().saturating_sub(before)) / float(REQUESTS)]);
                time.add(&times);
            }
        }
    }
    println!(
        "| program | CPU us a request | × empty | Python × | time us | × empty | Python × |\n|---|---|---|---|---|---|---|"
    );
    for name in names {
        let ([cpu, time], [floor, idle], [python, slow]) = (&rows[name], &rows["empty"], &rows["python"]);
        println!(
            "| {name} | {:.0} | {:.1} | {:.1} | {:.0} | {:.1} | {:.1} |",
            cpu.middle(),
            cpu.against(floor),
            python.against(cpu),
            time.middle(),
            time.against(idle),
            slow.against(time),
        );
    }
}
