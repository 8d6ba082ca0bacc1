//! The Rust reference peer: written from docs/wire.md with rust-libp2p and alloy's own types.
//! A test drives it by lines of JSON; ../README.md has the commands and events.

mod chain;
mod gossip;
mod requests;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, hex};
use alloy_rlp::encode;
use chain::{Chain, summary};
use gossip::Node;
use libp2p::{Multiaddr, PeerId};
use requests::ByHash;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes a line of output.
pub fn say(line: Value) {
    println!("{line}");
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().collect();
    let [_, network, seed, degree] = &args[..] else { return Err("see ../README.md".into()) };
    let (chain, seed) = (Chain::open(network)?, seed.parse::<B256>()?);
    let node = gossip::start(chain, seed.0, degree.parse()?)?;
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
    Ok(())
}

async fn obey(node: &Node, order: &Value) -> Result<Value, Failure> {
    let text = |name: &str| order[name].as_str().unwrap_or_default();
    let number = |name: &str| order[name].as_u64().unwrap_or_default();
    let peer = || text("peer").parse::<PeerId>();
    let hashes = || serde_json::from_value::<Vec<B256>>(order["hashes"].clone());
    match text("do") {
        "connect" => {
            let address: Multiaddr = text("address").parse()?;
            Ok(json!(node.host(|host| Ok(host.dial(address)?))))
        }
        "head" => Ok(json!({"number": node.chain.lock().ours.head_number})),
        "publish" => Ok(json!(node.publish(text("kind"), hex::decode(text("data"))?))),
        "transfer" => {
            let key = hex::decode(text("key"))?;
            let raw = transfer(node.chain.lock().ours.chain_id, &key, number("bytes") as usize)?;
            let hash = node.chain.lock().take_tx(&raw)?;
            node.publish("tx", raw);
            Ok(json!(hash))
        }
        "blocks" => {
            let range = encode(vec![0, number("first"), number("count")]);
            let request = hashes().map_or(range, |hashes| encode(ByHash { kind: 1, hashes }));
            Ok(node.ask_blocks(peer()?, request).await?.iter().map(summary).collect())
        }
        "transactions" => {
            let frames = node.ask(peer()?, "transactions", encode(vec![hashes()?])).await?;
            frames.iter().map(|frame| Ok(json!(node.chain.lock().take_tx(frame)?))).collect()
        }
        "goodbye" => Ok(json!(node.say_goodbye(peer()?, number("code"), text("text")).await?)),
        other => Err(format!("no such command: {other:?}").into()),
    }
}

/// Signs an EIP-1559 transaction with nonce 0 and so many bytes of calldata.
fn transfer(chain_id: u64, key: &[u8], bytes: usize) -> Result<Vec<u8>, Failure> {
    let unsigned = TxEip1559 {
        chain_id,
        gas_limit: 450_000,
        max_fee_per_gas: 20_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: Address::ZERO.into(),
        input: vec![0; bytes].into(),
        ..Default::default()
    };
    let key = k256::ecdsa::SigningKey::from_slice(key)?;
    let signature = key.sign_prehash_recoverable(unsigned.signature_hash().as_slice())?;
    Ok(TxEnvelope::from(unsigned.into_signed(signature.into())).encoded_2718())
}
