//! The blocks and transactions that came in. The head has the highest total difficulty; nothing is executed.

use crate::Failure;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Block, Header, TxEnvelope, proofs::calculate_transaction_root};
use alloy_eips::eip2124::{ForkFilter, ForkFilterKey, Head};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, FixedBytes, U256, hex, keccak256};
use alloy_rlp::{Encodable, decode_exact};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

pub type AnyBlock = Block<TxEnvelope, Header>;

pub struct Chain {
    pub chain_id: u64,
    pub genesis: Arc<AnyBlock>,
    pub rules: FixedBytes<4>,
    pub head: Arc<AnyBlock>,
    pub txs: HashMap<B256, TxEnvelope>,
    pub blocks: HashMap<B256, Arc<AnyBlock>>,
    total: HashMap<B256, U256>,
    forks: Vec<ForkFilterKey>,
}

/// What becomes of a block that came in.
pub enum Added {
    Kept,
    NoParent,
    Invalid,
}

impl Chain {
    /// Reads what a peer must know of a network to join it.
    pub fn open(file: &str) -> Result<Self, Failure> {
        let facts: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let block = hex::decode(facts["genesisBlock"].as_str().unwrap_or_default())?;
        let genesis = Arc::new(decode_block(&block)?);
        let config = &facts["config"];
        let (period, epoch) = (config["clique"]["period"].as_u64(), config["clique"]["epoch"].as_u64());
        let (Some(period), Some(epoch), Some(0)) = (period, epoch, config["londonBlock"].as_u64()) else {
            return Err("--network: expected the genesis of a Clique chain with the rules of London".into());
        };
        let interval = facts["checkpointInterval"].as_u64().unwrap_or_default();
        let hash = genesis.header.hash_slow();
        Ok(Self {
            chain_id: config["chainId"].as_u64().unwrap_or_default(),
            rules: genesis_rules(&[period, epoch, interval]),
            head: genesis.clone(),
            txs: HashMap::new(),
            blocks: HashMap::from([(hash, genesis.clone())]),
            total: HashMap::from([(hash, genesis.header.difficulty)]),
            forks: forks(config),
            genesis,
        })
    }

    /// The first 4 bytes of the genesis hash in hex.
    pub fn network_id(&self) -> String {
        hex::encode(&self.genesis.header.hash_slow()[..4])
    }

    pub fn total_difficulty(&self) -> U256 {
        self.total[&self.head.header.hash_slow()]
    }

    /// The fork id at the head, and what judges those of others.
    pub fn fork_filter(&self) -> ForkFilter {
        let Header { number, timestamp, .. } = self.head.header;
        let head = Head { number, timestamp, ..Default::default() };
        let genesis = &self.genesis.header;
        ForkFilter::new(head, genesis.hash_slow(), genesis.timestamp, self.forks.iter().copied())
    }

    pub fn add(&mut self, block: AnyBlock) -> Added {
        let hash = block.header.hash_slow();
        if self.blocks.contains_key(&hash) {
            return Added::Kept;
        }
        let Some(parent) = self.blocks.get(&block.header.parent_hash) else { return Added::NoParent };
        if block.header.number != parent.header.number + 1 {
            return Added::Invalid;
        }
        let total = self.total[&block.header.parent_hash] + block.header.difficulty;
        let block = Arc::new(block);
        if total > self.total_difficulty() {
            self.head = block.clone();
        }
        self.total.insert(hash, total);
        self.blocks.insert(hash, block);
        Added::Kept
    }

    /// Canonical blocks up to the head.
    pub fn by_numbers(&self, first: u64, count: u64) -> Vec<Arc<AnyBlock>> {
        let mut found = Vec::new();
        let mut next = Some(&self.head);
        while let Some(block) = next.filter(|block| block.header.number >= first) {
            if block.header.number - first < count {
                found.push(block.clone());
            }
            next = self.blocks.get(&block.header.parent_hash);
        }
        found.reverse();
        found
    }

    /// Decodes a transaction, recovers its sender and keeps it. An error means that it is invalid for everyone.
    pub fn take_tx(&mut self, data: &[u8]) -> Result<(B256, Address), Failure> {
        let tx = TxEnvelope::decode_2718_exact(data)?;
        let (hash, sender) = (*tx.tx_hash(), tx.recover_signer()?);
        self.txs.insert(hash, tx);
        Ok((hash, sender))
    }
}

/// Decodes a block whose header names its transactions.
pub fn decode_block(data: &[u8]) -> Result<AnyBlock, Failure> {
    let block: AnyBlock = decode_exact(data)?;
    if calculate_transaction_root(&block.body.transactions) != block.header.transactions_root {
        return Err("the header does not fit the transactions".into());
    }
    Ok(block)
}

pub fn summary(block: &AnyBlock) -> Value {
    json!({
        "hash": block.header.hash_slow(), "number": block.header.number,
        "bytes": block.length(), "transactions": block.body.transactions.len(),
    })
}

/// The rules of a chain whose genesis is in London: it has no blobs.
fn genesis_rules(seals: &[u64; 3]) -> FixedBytes<4> {
    let (mut text, blobs) = (Vec::new(), Vec::<u64>::new());
    let fields: [&dyn Encodable; 3] = [&"london", &seals.to_vec(), &blobs];
    alloy_rlp::encode_list::<&dyn Encodable, dyn Encodable>(&fields, &mut text);
    FixedBytes::from_slice(&keccak256(text)[..4])
}

/// The blocks and times at which forks begin, from the keys of geth's configuration.
fn forks(config: &Value) -> Vec<ForkFilterKey> {
    let keys = config.as_object().into_iter().flatten();
    keys.filter_map(|(name, value)| match value.as_u64()? {
        at if name.ends_with("Block") => Some(ForkFilterKey::Block(at)),
        at if name.ends_with("Time") => Some(ForkFilterKey::Time(at)),
        _ => None,
    })
    .collect()
}
