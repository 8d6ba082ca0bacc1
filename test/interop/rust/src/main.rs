//! The Rust reference peer: written from docs/wire.md with rust-libp2p and alloy's own types.
//! A test drives it by lines of JSON; ../README.md has the commands and events.

mod chain;
mod gossip;
mod requests;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, U256, hex};
use gossip::Node;
use libp2p::PeerId;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes a line of output.
pub fn say(line: Value) {
    println!("{line}");
}

#[tokio::main]
async fn main() {
    if let Err(failure) = run().await {
        eprintln!("rust-peer: {failure}");
        std::process::exit(1);
    }
}

/// The value of a flag.
fn flag(name: &str) -> Result<String, Failure> {
    std::env::args().skip_while(|one| one != name).nth(1).ok_or(format!("{name} is missing").into())
}

async fn run() -> Result<(), Failure> {
    let chain = chain::Chain::open(&flag("--network")?)?;
    let seed: B256 = flag("--key")?.parse()?;
    let node = gossip::start(chain, seed.0, flag("--degree").unwrap_or("8".into()).parse()?).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let order: Value = serde_json::from_str(&line)?;
        let node = node.clone();
        tokio::spawn(async move {
            match obey(&node, &order).await {
                Ok(result) => say(json!({"id": order["id"], "result": result})),
                Err(failure) => say(json!({"id": order["id"], "error": failure.to_string()})),
            }
        });
    }
    // At the end of the input whoever started this peer wants it to end.
    for peer in node.connected().await? {
        let _ = node.say_goodbye(peer, requests::CODE_SHUTDOWN, "the program ends").await;
    }
    Ok(())
}

async fn obey(node: &Node, order: &Value) -> Result<Value, Failure> {
    let text = |name: &str| order[name].as_str().unwrap_or_default();
    let number = |name: &str| order[name].as_u64().unwrap_or_default();
    let peer = || text("peer").parse::<PeerId>();
    let hashes = || serde_json::from_value::<Vec<B256>>(order["hashes"].clone());
    match text("do") {
        "connect" => node.dial(text("address")).await.map(|()| Value::Null),
        "head" => Ok(chain::summary(&node.chain().head)),
        "publish" => publish(node, text("kind"), hex::decode(text("data"))?).await,
        "transfer" => transfer(node, order).await,
        "status" => Ok(node.ask_status(peer()?).await?.summary()),
        "blocks" if order["hashes"].is_array() => node.ask_blocks(peer()?, requests::by_hash(&hashes()?)).await,
        "blocks" => node.ask_blocks(peer()?, requests::by_number(number("first"), number("count"))).await,
        "transactions" => node.ask_transactions(peer()?, hashes()?).await,
        "goodbye" => node.say_goodbye(peer()?, number("code"), text("text")).await.map(|()| Value::Null),
        other => Err(format!("no such command: {other:?}").into()),
    }
}

async fn publish(node: &Node, kind: &str, data: Vec<u8>) -> Result<Value, Failure> {
    node.publish(kind, data).await.map(|()| Value::Null)
}

/// Signs an EIP-1559 transaction with so many bytes of calldata, and publishes it.
async fn transfer(node: &Node, order: &Value) -> Result<Value, Failure> {
    let text = |name: &str| order[name].as_str().unwrap_or_default();
    let number = |name: &str| order[name].as_u64().unwrap_or_default();
    let unsigned = TxEip1559 {
        chain_id: node.chain().chain_id,
        nonce: number("nonce"),
        gas_limit: number("gas"),
        max_fee_per_gas: 20_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: text("to").parse::<Address>()?.into(),
        value: U256::from(1),
        input: vec![0; number("bytes") as usize].into(),
        ..Default::default()
    };
    let key = k256::ecdsa::SigningKey::from_slice(&hex::decode(text("key"))?)?;
    let signature = key.sign_prehash_recoverable(unsigned.signature_hash().as_slice())?;
    let tx = TxEnvelope::from(unsigned.into_signed(signature.into()));
    node.chain().txs.insert(*tx.tx_hash(), tx.clone());
    publish(node, "tx", tx.encoded_2718()).await?;
    Ok(json!(tx.tx_hash()))
}
