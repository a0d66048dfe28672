//! Writes the certificate of a KMS signing key, and says what to set. See infra/cloud/deploy.md.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use certificate::{Made, Order, make};
use shared::app::sdk_config;
use shared::aws_http::https_client;

const USAGE: &str = "certificate --key KEY_ID_OR_ARN --out FILE.pem [--days 365] [--name Convene]

AWS is named by AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN:
  eval \"$(aws configure export-credentials --format env)\"
The caller needs kms:GetPublicKey and kms:Sign on the key.";

struct Asked {
    key: String,
    out: PathBuf,
    days: i64,
    name: String,
}

fn asked(mut words: impl Iterator<Item = String>) -> Result<Asked, Box<dyn Error>> {
    let (mut key, mut out, mut days, mut name) = (None, None, 365, "Convene".to_owned());
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--key" => key = Some(value),
            "--out" => out = Some(value.into()),
            "--days" => days = value.parse().map_err(|_| "--days is a number")?,
            "--name" => name = value,
            _ => return Err(format!("{word} is not known").into()),
        }
    }
    Ok(Asked { key: key.ok_or("--key is missing")?, out: out.ok_or("--out is missing")?, days, name })
}

#[expect(
    clippy::disallowed_methods,
    reason = "an operator's tool: its clock and its AWS names are the shell's"
)]
async fn run(asked: &Asked) -> Result<Made, Box<dyn Error + Send + Sync>> {
    let aws = sdk_config(https_client(), &|name| std::env::var(name).ok())?;
    let order = Order { name: asked.name.clone(), days: asked.days, now: jiff::Timestamp::now() };
    let made = make(&aws_sdk_kms::Client::new(&aws), &asked.key, &order).await?;
    std::fs::write(&asked.out, &made.pem)?;
    Ok(made)
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "what to set is for whoever started it")]
async fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&asked).await {
        Ok(made) => {
            println!("written     {}", asked.out.display());
            println!("thumbprint  {}", made.thumbprint);
            println!("last day    {}", made.ends);
            println!("set         MICROSOFT_CLIENT_CERTIFICATE={}", made.setting());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("no certificate: {why}");
            ExitCode::FAILURE
        }
    }
}
