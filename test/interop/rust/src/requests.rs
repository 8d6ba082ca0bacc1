//! The request protocols, both sides.

use crate::chain::{Block, Chain, Status, decode_block};
use crate::gossip::Node;
use crate::{Failure, say};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::B256;
use alloy_rlp::{RlpDecodable, RlpEncodable, decode_exact, encode};
use asynchronous_codec::{BytesMut, Framed};
use futures::{SinkExt, StreamExt, TryStreamExt, stream::iter};
use libp2p::{PeerId, Stream, StreamProtocol};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;
use unsigned_varint::codec::UviBytes;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_RANGE_BLOCKS: u64 = 1_024;
const SOFT_BLOCKS_BYTES: usize = 2048 * 1024;
const SOFT_TXS_BYTES: usize = 128 * 1024;
const CODE_OTHER_NETWORK: u64 = 2;
const CODE_FAULT: u64 = 3;

/// The bounds of each protocol: bytes of a request, bytes of a frame of the answer, frames.
const PROTOCOLS: [(&str, usize, usize, usize); 4] = [
    ("status", 512, 512, 1),
    ("blocks", 8_192, 8_388_608, 1_024),
    ("transactions", 16_384, 131_072, 256),
    ("goodbye", 256, 0, 0),
];

#[derive(RlpEncodable, RlpDecodable)]
pub struct ByHash {
    pub kind: u64,
    pub hashes: Vec<B256>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct Goodbye {
    code: u64,
    text: String,
}

type Frames = Framed<Stream, UviBytes>;

/// Each frame has its length before it, as an unsigned varint.
fn framed(stream: Stream, most: usize) -> Frames {
    let mut codec = UviBytes::default();
    codec.set_max_len(most);
    Framed::new(stream, codec)
}

impl Node {
    /// Sends one request and reads the answer to its end.
    pub async fn ask(&self, to: PeerId, name: &str, text: Vec<u8>) -> Result<Vec<BytesMut>, Failure> {
        let (_, sent, most, count) = PROTOCOLS.into_iter().find(|one| one.0 == name).expect("a protocol");
        timeout(ANSWER_TIMEOUT, async {
            let protocol = StreamProtocol::try_from_owned(self.chain.lock().name(name))?;
            let mut frames = framed(self.streams.clone().open_stream(to, protocol).await?, sent);
            frames.send(text.into()).await?;
            frames.close().await?;
            frames.codec_mut().set_max_len(most);
            let answer: Vec<_> = frames.take(count + 1).try_collect().await?;
            if answer.len() > count { Err("too many frames".into()) } else { Ok(answer) }
        })
        .await?
    }

    pub fn serve_all(&self) -> Result<(), Failure> {
        for (name, asked, most, _) in PROTOCOLS {
            let protocol = StreamProtocol::try_from_owned(self.chain.lock().name(name))?;
            let incoming = self.streams.clone().accept(protocol)?;
            let node = self.clone();
            tokio::spawn(incoming.for_each_concurrent(None, move |(from, stream)| {
                node.clone().serve(name, from, framed(stream, asked), most)
            }));
        }
        Ok(())
    }

    /// Answers a request. One that breaks its protocol costs the asker the connection.
    async fn serve(self, name: &str, from: PeerId, mut frames: Frames, most: usize) {
        let served = timeout(ANSWER_TIMEOUT, async {
            let request = frames.next().await.ok_or("no request")??;
            let answer = self.answer(name, from, &request)?;
            frames.codec_mut().set_max_len(most);
            frames.send_all(&mut iter(answer.into_iter().map(|frame| Ok(frame.into())))).await?;
            Ok::<_, Failure>(frames.close().await?)
        });
        if let Ok(Err(failure)) = served.await {
            let _ = self.say_goodbye(from, CODE_FAULT, &failure.to_string()).await;
        }
    }

    fn answer(&self, name: &str, from: PeerId, request: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
        let (received_us, chain) = (self.now_us(), self.chain.lock());
        match name {
            "status" => Ok(vec![self.status(&chain, received_us, chain.refusal(&decode_exact(request)?))]),
            "blocks" => Ok(up_to(SOFT_BLOCKS_BYTES, asked_blocks(&chain, request)?.into_iter().map(encode))),
            "transactions" => {
                let hashes = decode_exact::<Vec<Vec<B256>>>(request)?.concat();
                let found = hashes.iter().filter_map(|hash| chain.txs.get(hash));
                Ok(up_to(SOFT_TXS_BYTES, found.map(|tx| tx.encoded_2718())))
            }
            _ => {
                let (Goodbye { code, text }, peer) = (decode_exact(request)?, from.to_string());
                say(json!({"event": "goodbye", "peer": peer, "code": code, "text": text}));
                Ok(vec![])
            }
        }
    }

    fn now_us(&self) -> u64 {
        self.started.elapsed().as_micros() as u64 + 1
    }

    fn status(&self, chain: &Chain, received_us: u64, refusal: &str) -> Vec<u8> {
        let (sent_us, refusal) = (self.now_us(), refusal.into());
        encode(Status { received_us, sent_us, refusal, ..chain.ours.clone() })
    }

    /// Asks a new peer for its status, and for the blocks that it has above our head.
    pub async fn meet(self, peer: PeerId) -> Result<(), Failure> {
        let ours = self.status(&self.chain.lock(), 0, "");
        let answer = self.ask(peer, "status", ours).await?;
        let theirs: Status = decode_exact(answer.first().ok_or("no status")?)?;
        say(json!({
            "event": "status", "peer": peer.to_string(), "headNumber": theirs.head_number,
            "client": theirs.client, "refusal": theirs.refusal,
        }));
        let refusal = self.chain.lock().refusal(&theirs);
        if refusal.is_empty() {
            self.catch_up(peer).await
        } else {
            self.say_goodbye(peer, CODE_OTHER_NETWORK, refusal).await
        }
    }

    pub async fn ask_blocks(&self, to: PeerId, request: Vec<u8>) -> Result<Vec<Block>, Failure> {
        let frames = self.ask(to, "blocks", request).await?;
        frames.iter().map(|frame| decode_block(frame)).collect()
    }

    /// Asks a peer for the blocks above our head, until it has no further ones. Where they do not fit,
    /// the peer has left our branch, and is asked for lower ones.
    pub async fn catch_up(self, from: PeerId) -> Result<(), Failure> {
        let _turn = self.catching.lock().await;
        let mut next = self.chain.lock().ours.head_number + 1;
        loop {
            let request = encode(vec![0, next, MAX_RANGE_BLOCKS]);
            let blocks = self.ask_blocks(from, request).await?;
            let Some(Block { header, .. }) = blocks.first() else { return Ok(()) };
            if next > 1 && !self.chain.lock().blocks.contains_key(&header.parent_hash) {
                next = next.saturating_sub(16).max(1);
                continue;
            }
            for block in blocks {
                self.chain.lock().add(block)?;
                next += 1;
            }
        }
    }

    /// Tells a peer why it is being disconnected, and disconnects it.
    pub async fn say_goodbye(&self, to: PeerId, code: u64, text: &str) -> Result<(), Failure> {
        let text = text.chars().take(56).collect();
        let said = self.ask(to, "goodbye", encode(Goodbye { code, text })).await;
        self.host(move |host| host.disconnect_peer_id(to).map_err(|()| "not connected".into()));
        said.map(drop)
    }
}

/// The blocks of a request by number or by hash.
fn asked_blocks<'a>(chain: &'a Chain, request: &[u8]) -> Result<Vec<&'a Block>, Failure> {
    if let Ok([0, first, count]) = decode_exact::<Vec<u64>>(request).as_deref() {
        return Ok(chain.by_numbers(*first, *count.min(&MAX_RANGE_BLOCKS)));
    }
    let ByHash { hashes, .. } = decode_exact(request)?;
    Ok(hashes.iter().filter_map(|hash| chain.blocks.get(hash)).collect())
}

/// The frames up to the one that passes this sum.
fn up_to(soft_bytes: usize, frames: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut sum = 0;
    let mut has_room = |frame: &Vec<u8>| {
        let before = sum;
        sum += frame.len();
        before <= soft_bytes
    };
    frames.take_while(|frame| has_room(frame)).collect()
}
