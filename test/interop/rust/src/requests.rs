//! The request protocols, both sides.

use crate::chain::{Added, Chain, decode_block, summary};
use crate::gossip::Node;
use crate::{Failure, say};
use alloy_eips::eip2124::ForkId;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{B256, FixedBytes, U256};
use alloy_rlp::{Decodable, Encodable, Header, RlpDecodable, RlpEncodable, decode_exact, encode};
use asynchronous_codec::{BytesMut, Framed};
use futures::{SinkExt, StreamExt, TryStreamExt, stream::iter};
use libp2p::{PeerId, Stream, StreamProtocol};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use unsigned_varint::codec::UviBytes;

const STATUS_VERSION: u64 = 2;
const STATUS_EVERY: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_RANGE_BLOCKS: u64 = 1_024;
const SOFT_BLOCKS_BYTES: usize = 2048 * 1024;
const SOFT_TXS_BYTES: usize = 128 * 1024;
pub const CODE_SHUTDOWN: u64 = 1;
const CODE_OTHER_NETWORK: u64 = 2;
const CODE_FAULT: u64 = 3;

/// The bounds of each protocol: bytes of a request, bytes of a frame of the answer, frames.
const PROTOCOLS: [(&str, usize, usize, usize); 4] = [
    ("status", 512, 512, 1),
    ("blocks", 8_192, 8_388_608, 1_024),
    ("transactions", 16_384, 131_072, 256),
    ("goodbye", 256, 0, 0),
];

/// Both request and answer.
#[derive(RlpEncodable, RlpDecodable)]
pub struct Status {
    version: u64,
    genesis: B256,
    chain_id: u64,
    genesis_rules: FixedBytes<4>,
    fork: ForkId,
    head: B256,
    head_number: u64,
    total_difficulty: U256,
    client: String,
    received_us: u64,
    sent_us: u64,
    refusal: String,
}

impl Status {
    pub fn summary(&self) -> Value {
        json!({"headNumber": self.head_number, "client": self.client, "refusal": self.refusal})
    }
}

#[derive(RlpEncodable, RlpDecodable)]
struct Goodbye {
    code: u64,
    text: String,
}

pub fn by_number(first: u64, count: u64) -> Vec<u8> {
    encode(vec![0, first, count])
}

pub fn by_hash(hashes: &Vec<B256>) -> Vec<u8> {
    let mut text = Vec::new();
    alloy_rlp::encode_list::<&dyn Encodable, dyn Encodable>(&[&1u64, hashes], &mut text);
    text
}

type Frames = Framed<Stream, UviBytes>;

/// Each frame has its length before it, as an unsigned varint.
fn framed(stream: Stream, most: usize) -> Frames {
    let mut codec = UviBytes::default();
    codec.set_max_len(most);
    Framed::new(stream, codec)
}

impl Node {
    fn protocol(&self, name: &str) -> StreamProtocol {
        let id = self.chain().network_id();
        StreamProtocol::try_from_owned(format!("/grapevine/{id}/{name}/1")).expect("it begins with a slash")
    }

    /// Sends one request and reads the answer to its end.
    async fn ask(&self, to: PeerId, name: &str, request: Vec<u8>) -> Result<Vec<BytesMut>, Failure> {
        let (_, sent, most, count) = PROTOCOLS.into_iter().find(|one| one.0 == name).expect("a protocol");
        timeout(ANSWER_TIMEOUT, async {
            let mut frames = framed(self.streams.clone().open_stream(to, self.protocol(name)).await?, sent);
            frames.send(request.into()).await?;
            frames.close().await?;
            frames.codec_mut().set_max_len(most);
            let answer: Vec<_> = frames.take(count + 1).try_collect().await?;
            if answer.len() > count {
                return Err("more frames than the protocol has".into());
            }
            Ok(answer)
        })
        .await?
    }

    /// Answers all protocols.
    pub fn serve_all(&self) -> Result<(), Failure> {
        for (name, asked, most, _) in PROTOCOLS {
            let mut incoming = self.streams.clone().accept(self.protocol(name))?;
            let node = self.clone();
            tokio::spawn(async move {
                while let Some((from, stream)) = incoming.next().await {
                    let (node, mut frames) = (node.clone(), framed(stream, asked));
                    tokio::spawn(async move {
                        let served = timeout(ANSWER_TIMEOUT, node.serve(name, most, from, &mut frames)).await;
                        if let Ok(Err(failure)) = served {
                            let _ = node.say_goodbye(from, CODE_FAULT, &failure.to_string()).await;
                        }
                    });
                }
            });
        }
        Ok(())
    }

    /// A request that breaks its protocol costs the asker the connection.
    async fn serve(&self, name: &str, most: usize, from: PeerId, frames: &mut Frames) -> Result<(), Failure> {
        let request = frames.next().await.ok_or("no request")??;
        let answer = match name {
            "status" => self.answer_status(from, &request)?,
            "blocks" => answer_blocks(&self.chain(), &request)?,
            "transactions" => answer_transactions(&self.chain(), &decode_exact::<Vec<Vec<B256>>>(&request)?.concat()),
            _ => {
                let Goodbye { code, text } = decode_exact(&request)?;
                say(json!({"event": "goodbye", "peer": from.to_string(), "code": code, "text": text}));
                vec![]
            }
        };
        frames.codec_mut().set_max_len(most);
        let count = answer.len();
        frames.send_all(&mut iter(answer.into_iter().map(|frame| Ok(frame.into())))).await?;
        frames.close().await?;
        say(json!({"event": "served", "protocol": name, "peer": from.to_string(), "frames": count}));
        Ok(())
    }

    fn now_us(&self) -> u64 {
        self.started.elapsed().as_micros() as u64 + 1
    }

    fn status(&self, received_us: u64, refusal: &str) -> Vec<u8> {
        let chain = self.chain();
        encode(Status {
            version: STATUS_VERSION,
            genesis: chain.genesis.header.hash_slow(),
            chain_id: chain.chain_id,
            genesis_rules: chain.rules,
            fork: chain.fork_filter().current(),
            head: chain.head.header.hash_slow(),
            head_number: chain.head.header.number,
            total_difficulty: chain.total_difficulty(),
            client: "rust-reference-peer".into(),
            received_us,
            sent_us: self.now_us(),
            refusal: refusal.into(),
        })
    }

    pub async fn ask_status(&self, to: PeerId) -> Result<Status, Failure> {
        let frames = self.ask(to, "status", self.status(0, "")).await?;
        Ok(decode_exact(frames.first().ok_or("no status")?)?)
    }

    fn answer_status(&self, from: PeerId, request: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
        let received_us = self.now_us();
        let refusal = refusal(&self.chain(), &decode_exact(request)?);
        if !refusal.is_empty() {
            let node = self.clone();
            tokio::spawn(async move {
                sleep(Duration::from_secs(1)).await;
                let _ = node.say_goodbye(from, CODE_OTHER_NETWORK, refusal).await;
            });
        }
        Ok(vec![self.status(received_us, refusal)])
    }

    /// Asks a peer for its status again and again, for as long as it is connected.
    pub async fn meet(self, peer: PeerId) {
        say(json!({"event": "connected", "peer": peer.to_string()}));
        while self.connected().await.is_ok_and(|peers| peers.contains(&peer)) {
            if let Ok(theirs) = self.ask_status(peer).await {
                let mut line = theirs.summary();
                line["event"] = json!("status");
                line["peer"] = json!(peer.to_string());
                say(line);
                if theirs.head_number > self.chain().head.header.number {
                    self.catch_up(peer).await;
                }
            }
            sleep(STATUS_EVERY).await;
        }
    }

    pub async fn ask_blocks(&self, to: PeerId, request: Vec<u8>) -> Result<Value, Failure> {
        let mut found = Vec::new();
        for frame in self.ask(to, "blocks", request).await? {
            let block = decode_block(&frame)?;
            found.push(summary(&block));
            let Added::Kept = self.chain().add(block) else { return Err("a block that does not fit".into()) };
        }
        Ok(found.into())
    }

    /// Asks a peer for the blocks above our head, until it has no further ones. Where they do not fit, the peer has left our
    /// branch, and it is asked for some lower ones.
    pub async fn catch_up(&self, from: PeerId) {
        let _turn = self.catching.lock().await;
        let mut lower = 0;
        while lower <= 16 {
            let before = self.chain().head.header.number;
            let asked = by_number((before + 1).saturating_sub(lower).max(1), MAX_RANGE_BLOCKS);
            let answer = self.ask_blocks(from, asked).await;
            if self.chain().head.header.number != before {
                lower = 0;
            } else if answer.is_ok() {
                return;
            } else {
                lower += 16;
            }
        }
    }

    pub async fn ask_transactions(&self, to: PeerId, hashes: Vec<B256>) -> Result<Value, Failure> {
        let mut found = Vec::new();
        for frame in self.ask(to, "transactions", encode(vec![hashes])).await? {
            found.push(json!(self.chain().take_tx(&frame)?.0));
        }
        Ok(found.into())
    }

    /// Tells a peer why it is being disconnected, and disconnects it.
    pub async fn say_goodbye(&self, to: PeerId, code: u64, text: &str) -> Result<(), Failure> {
        let text = text.chars().take(56).collect();
        let said = self.ask(to, "goodbye", encode(Goodbye { code, text })).await;
        self.disconnect(to).await?;
        said.map(|_| ())
    }
}

/// Why the sender of a status is of another network, if it is.
fn refusal(chain: &Chain, theirs: &Status) -> &'static str {
    let faults = [
        (theirs.version != STATUS_VERSION, "other-version"),
        (theirs.genesis != chain.genesis.header.hash_slow(), "other-genesis"),
        (theirs.chain_id != chain.chain_id, "other-chain-id"),
        (theirs.genesis_rules != chain.rules, "other-genesis-rules"),
        (chain.fork_filter().validate(theirs.fork).is_err(), "other-forks"),
    ];
    faults.iter().find(|(is_so, _)| *is_so).map_or("", |(_, name)| name)
}

fn answer_blocks(chain: &Chain, request: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut rest = Header::decode_bytes(&mut &request[..], true)?;
    let blocks = match u64::decode(&mut rest)? {
        0 => {
            let (first, count) = (u64::decode(&mut rest)?, u64::decode(&mut rest)?);
            chain.by_numbers(first, count.min(MAX_RANGE_BLOCKS))
        }
        1 => {
            let hashes = Vec::<B256>::decode(&mut rest)?;
            hashes.iter().filter_map(|hash| chain.blocks.get(hash)).cloned().collect()
        }
        _ => return Err("blocks: the kind is 0 or 1".into()),
    };
    Ok(up_to(SOFT_BLOCKS_BYTES, blocks.iter().map(encode)))
}

fn answer_transactions(chain: &Chain, hashes: &[B256]) -> Vec<Vec<u8>> {
    let known = hashes.iter().filter_map(|hash| chain.txs.get(hash));
    up_to(SOFT_TXS_BYTES, known.map(|tx| tx.encoded_2718()))
}

/// The frames up to the one that passes this sum.
fn up_to(soft_bytes: usize, frames: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut sum = 0;
    frames
        .take_while(|frame| {
            let has_room = sum <= soft_bytes;
            sum += frame.len();
            has_room
        })
        .collect()
}
