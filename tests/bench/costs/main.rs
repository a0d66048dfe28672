//! What Convene costs, beside what it could cost: each figure next to its peer, measured in turns in one run, so that a
//! busy machine slows both. `tests/bench/run` builds what is needed and calls this; tests/bench/README.md has the table.

#![expect(clippy::print_stdout, reason = "the figures are for whoever runs it")]

mod crowd;
mod desk;
mod entra;
mod event;
mod growth;
mod instructions;
mod measure;
mod memory;
mod probe;
mod program;
mod seal;
mod start;
mod sweep;
mod worker;

fn main() {
    // Cargo adds `--bench`.
    let given: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let Some((which, rest)) = given.split_first() else {
        return println!("see tests/bench/run");
    };
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let number =
        |place: usize, usual: usize| rest.get(place).map_or(usual, |text| text.parse().expect("a number"));
    match which.as_str() {
        "b1" => start::run(&threads, rest),
        "b4" => memory::run(&threads, rest),
        "b5" => event::run(&threads, rest),
        "instructions" => instructions::run(&threads, rest),
        "b6" => seal::run(),
        "b8" => sweep::run(&threads, number(0, 31_200)),
        "b9" => probe::run(&threads, number(0, 4_000)),
        "b11" => growth::run(&threads, number(0, 10_000)),
        other => panic!("there is no bench {other}"),
    }
}
