//! Instructions instead of time, for B1 and B5: less than a thousandth apart from run to run. They are counted
//! as on a processor without instructions for SHA, so hashing weighs more than it does.

use tokio::runtime::Runtime;

use crate::crowd::ana;
use crate::measure::float;
use crate::program::{FUNCTIONS, Program, Shelf, create, stack};

/// What is left of warming up is in both, and so in neither.
const CREATES: [usize; 2] = [40, 120];

pub(crate) fn run(threads: &Runtime, given: &[String]) {
    let file = std::env::temp_dir().join(format!("convene-bench-{}", std::process::id()));
    let (shelf, stack) = (Shelf::of(given).counting(file.clone()), stack(threads));
    let token = threads.block_on(ana(&stack));
    let more = [("GRAPH_TOKEN", token.as_str())];
    let count = |name: &str, work: &dyn Fn(&Program)| {
        let program = shelf.start(&stack, name, &more);
        program.init();
        work(&program);
        program.end();
        let told = std::fs::read_to_string(&file).expect("valgrind wrote what it counted");
        let sum = told.lines().find_map(|line| line.strip_prefix("summary: ")).expect("a sum");
        sum.trim().parse::<f64>().expect("a number")
    };
    println!("| start | instructions | × empty | Python × |\n|---|---|---|---|");
    let names: Vec<&str> = ["empty"].into_iter().chain(FUNCTIONS).chain(["python"]).collect();
    let starts: Vec<f64> = names.iter().map(|name| count(name, &|_| {})).collect();
    table(&names, &starts);
    println!("\n| a create, warm | instructions | × empty | Python × |\n|---|---|---|---|");
    let names = ["empty", "interviews", "python"];
    let creates = names.map(|name| {
        let [few, many] = CREATES.map(|times| {
            count(name, &|program| {
                for n in 0..times {
                    let (_, answer) = program.invoke(&create(&format!("{name}-{times}-{n}")));
                    assert!(answer["statusCode"] == 201 || name == "empty", "{name}: {answer}");
                }
            })
        });
        (many - few) / float(CREATES[1] - CREATES[0])
    });
    table(&names, &creates);
    let _ = std::fs::remove_file(&file);
}

fn table(names: &[&str], counts: &[f64]) {
    let (floor, python) = (counts[0], counts[counts.len() - 1]);
    for (name, count) in names.iter().zip(counts) {
        println!("| {name} | {count:.0} | {:.2} | {:.2} |", count / floor, python / count);
    }
}
