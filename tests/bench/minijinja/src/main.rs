//! For tests/bench/jinja.py: renders the templates of a file (length, newline, text, ...) with
//! minijinja, several times over, and prints the best time in seconds and the output's size.
use minijinja::{context, Environment};
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let data = std::fs::read(args.next().expect("file")).expect("read");
    let runs: usize = args.next().map_or(5, |n| n.parse().expect("runs"));
    let mut templates = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let line = at + data[at..].iter().position(|c| *c == b'\n').expect("length");
        let n: usize = std::str::from_utf8(&data[at..line]).unwrap().parse().expect("length");
        templates.push(std::str::from_utf8(&data[line + 1..line + 1 + n]).expect("UTF-8"));
        at = line + 1 + n;
    }
    let env = Environment::new();
    let (mut best, mut bytes) = (f64::MAX, 0);
    for _ in 0..runs {
        let start = Instant::now();
        bytes = 0;
        for t in &templates {
            let ctx = context! { schema => "commons", table => "Flights", limit => 100 };
            bytes += env.render_str(t, ctx).expect("render").len();
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{best:.6} {bytes}");
}
