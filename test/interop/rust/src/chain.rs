//! The blocks and transactions that came in. The head has the highest total difficulty; nothing is executed.

use crate::Failure;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Header, TxEnvelope, proofs::calculate_transaction_root};
use alloy_eips::eip2124::{ForkFilter, ForkId, Head};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{B256, Bytes, FixedBytes, U256, hex, keccak256};
use alloy_rlp::{Encodable, RlpDecodable, RlpEncodable, decode_exact};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

pub const AGENT: &str = "rust-reference-peer";
pub type Block = alloy_consensus::Block<TxEnvelope, Header>;

/// Both the request and the answer of its protocol.
#[derive(Clone, RlpEncodable, RlpDecodable)]
pub struct Status {
    pub version: u64,
    pub genesis: B256,
    pub chain_id: u64,
    pub genesis_rules: FixedBytes<4>,
    pub fork: ForkId,
    pub head: B256,
    pub head_number: u64,
    pub total_difficulty: U256,
    pub client: String,
    pub received_us: u64,
    pub sent_us: u64,
    pub refusal: String,
}

pub struct Chain {
    /// What this peer says of itself, but for times and refusal.
    pub ours: Status,
    pub txs: HashMap<B256, TxEnvelope>,
    pub blocks: HashMap<B256, Block>,
    /// The sum of the difficulties from the genesis to each block.
    totals: HashMap<B256, U256>,
    forks: ForkFilter,
}

impl Chain {
    /// Reads what a peer must know of a network to join it.
    pub fn open(file: &str) -> Result<Self, Failure> {
        let facts: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let number = |path: &str| facts.pointer(path).and_then(Value::as_u64).unwrap_or_default();
        let (period, epoch) = (number("/config/clique/period"), number("/config/clique/epoch"));
        let seals = vec![period, epoch, number("/checkpointInterval")];
        let block = decode_block(&Bytes::deserialize(&facts["genesisBlock"])?)?;
        let (genesis, total) = (block.header.hash_slow(), block.header.difficulty);
        let forks = ForkFilter::new(Head::default(), genesis, block.header.timestamp, []);
        let ours = Status {
            version: 2,
            genesis,
            chain_id: number("/config/chainId"),
            genesis_rules: genesis_rules(&seals),
            fork: forks.current(),
            head: genesis,
            head_number: 0,
            total_difficulty: total,
            client: AGENT.into(),
            received_us: 0,
            sent_us: 0,
            refusal: String::new(),
        };
        let (blocks, totals) = ([(genesis, block)].into(), [(genesis, total)].into());
        Ok(Self { ours, txs: HashMap::new(), blocks, totals, forks })
    }

    /// The name of a topic or protocol, which has the first 4 bytes of the genesis hash in it.
    pub fn name(&self, of: &str) -> String {
        format!("/grapevine/{}/{of}/1", hex::encode(&self.ours.genesis[..4]))
    }

    /// Why the sender of a status is of another network, if it is.
    pub fn refusal(&self, theirs: &Status) -> &'static str {
        let faults = [
            (theirs.version != self.ours.version, "other-version"),
            (theirs.genesis != self.ours.genesis, "other-genesis"),
            (theirs.chain_id != self.ours.chain_id, "other-chain-id"),
            (theirs.genesis_rules != self.ours.genesis_rules, "other-genesis-rules"),
            (self.forks.validate(theirs.fork).is_err(), "other-forks"),
        ];
        faults.iter().find(|(is_so, _)| *is_so).map_or("", |(_, name)| name)
    }

    /// Keeps a block if its parent is known, and answers whether it is. An error: nobody can accept it.
    pub fn add(&mut self, block: Block) -> Result<bool, Failure> {
        let Header { parent_hash, number, timestamp, difficulty, .. } = block.header;
        let Some(parent) = self.blocks.get(&parent_hash) else { return Ok(false) };
        if number != parent.header.number + 1 {
            return Err("the number does not follow that of the parent".into());
        }
        let (hash, total) = (block.header.hash_slow(), self.totals[&parent_hash] + difficulty);
        if total > self.ours.total_difficulty {
            self.ours.head = hash;
            self.ours.head_number = number;
            self.ours.total_difficulty = total;
            self.forks.set_head(Head { number, timestamp, ..Default::default() });
        }
        self.totals.insert(hash, total);
        self.blocks.insert(hash, block);
        Ok(true)
    }

    /// Canonical blocks up to the head.
    pub fn by_numbers(&self, first: u64, count: u64) -> Vec<&Block> {
        let down = |above: &&Block| self.blocks.get(&above.header.parent_hash);
        let branch = std::iter::successors(self.blocks.get(&self.ours.head), down);
        let high = branch.take_while(|block| block.header.number >= first);
        let mut found: Vec<_> = high.filter(|block| block.header.number - first < count).collect();
        found.reverse();
        found
    }

    /// Decodes a transaction, recovers its sender, keeps it, and answers its hash. An error: nobody can accept it.
    pub fn take_tx(&mut self, data: &[u8]) -> Result<B256, Failure> {
        let tx = TxEnvelope::decode_2718_exact(data)?;
        tx.recover_signer()?;
        let hash = *tx.tx_hash();
        self.txs.insert(hash, tx);
        Ok(hash)
    }
}

/// Decodes a block whose header names its transactions.
pub fn decode_block(data: &[u8]) -> Result<Block, Failure> {
    let block: Block = decode_exact(data)?;
    if calculate_transaction_root(&block.body.transactions) != block.header.transactions_root {
        return Err("the header does not fit the transactions".into());
    }
    Ok(block)
}

pub fn summary(block: &Block) -> Value {
    let (hash, number, bytes) = (block.header.hash_slow(), block.header.number, block.length());
    json!({"hash": hash, "number": number, "bytes": bytes})
}

/// Of a chain whose genesis is in London: it has no blobs.
fn genesis_rules(seals: &Vec<u64>) -> FixedBytes<4> {
    let mut text = Vec::new();
    let fields: [&dyn Encodable; 3] = [&"london", seals, &Vec::<u64>::new()];
    alloy_rlp::encode_list::<&dyn Encodable, dyn Encodable>(&fields, &mut text);
    FixedBytes::from_slice(&keccak256(text)[..4])
}
