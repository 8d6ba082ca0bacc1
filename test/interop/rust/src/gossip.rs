//! The host: connections, gossip, and what other tasks have it do.

use crate::chain::{AGENT, Chain, decode_block};
use crate::{Failure, say};
use alloy_primitives::{B256, keccak256};
use futures::StreamExt;
use libp2p::core::upgrade::Version;
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance, MessageAuthenticity, ValidationMode};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{PeerId, Swarm, SwarmBuilder, identify, identity, noise, ping, tcp, yamux};
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The kinds of messages, and how long they are at most, in bytes. The first has the id prefix 1.
const KINDS: [(&str, usize); 4] = [("tx", 131_072), ("block", 8_388_608), ("member", 1_024), ("vote", 160)];
const MAX_FRAME_BYTES: usize = 10_485_760;

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    gossip: gossipsub::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    streams: libp2p_stream::Behaviour,
}

type Host = Swarm<Behaviour>;
type Act = Box<dyn FnOnce(&mut Host) -> Result<(), Failure> + Send>;
/// What is to become of a message, and its hash if it has one.
type Verdict = (MessageAcceptance, Option<B256>);

#[derive(Clone)]
pub struct Node {
    pub streams: libp2p_stream::Control,
    pub started: Instant,
    pub catching: Arc<tokio::sync::Mutex<()>>,
    pub chain: Arc<Mutex<Chain>>,
    acts: mpsc::UnboundedSender<Act>,
}

pub fn start(chain: Chain, seed: [u8; 32], degree: usize) -> Result<Node, Failure> {
    let (gossip, key) = (router(degree)?, identity::Keypair::ed25519_from_bytes(seed)?);
    let mut host = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
        .with_behaviour(|key| Behaviour {
            gossip,
            identify: identify::Behaviour::new(identify::Config::new(AGENT.into(), key.public())),
            ping: ping::Behaviour::default(),
            streams: libp2p_stream::Behaviour::new(),
        })?
        .with_swarm_config(|config| {
            // The header, the request and the end of a stream leave together.
            let lazy = config.with_substream_upgrade_protocol_override(Version::V1Lazy);
            lazy.with_idle_connection_timeout(Duration::from_secs(60))
        })
        .build();
    host.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    for (kind, _) in KINDS {
        host.behaviour_mut().gossip.subscribe(&IdentTopic::new(chain.name(kind)))?;
    }
    let (acts, mut orders) = mpsc::unbounded_channel::<Act>();
    let streams = host.behaviour().streams.new_control();
    let (started, chain) = (Instant::now(), Arc::new(Mutex::new(chain)));
    let node = Node { streams, started, catching: Arc::default(), chain, acts };
    node.serve_all()?;
    let own = node.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                event = host.select_next_some() => own.take(&mut host, event),
                Some(act) = orders.recv() => act(&mut host).unwrap_or_else(|fault| eprintln!("{fault}")),
            }
        }
    });
    Ok(node)
}

fn router(degree: usize) -> Result<gossipsub::Behaviour, Failure> {
    let config = gossipsub::ConfigBuilder::default()
        .mesh_n(degree)
        .mesh_n_low(degree * 3 / 4)
        .mesh_n_high(degree * 3 / 2)
        .mesh_outbound_min(degree / 4)
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(message_id)
        .max_transmit_size(MAX_FRAME_BYTES)
        .build()?;
    Ok(gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config)?)
}

/// The place of the kind of a message in `KINDS`.
fn place_of(message: &gossipsub::Message) -> usize {
    let kind = message.topic.as_str().split('/').nth(3);
    KINDS.iter().position(|(name, _)| Some(*name) == kind).expect("a topic that we subscribed to")
}

fn message_id(message: &gossipsub::Message) -> gossipsub::MessageId {
    [&[place_of(message) as u8 + 1], keccak256(&message.data).as_slice()].concat().into()
}

impl Node {
    /// Has the host do something.
    pub fn host(&self, act: impl FnOnce(&mut Host) -> Result<(), Failure> + Send + 'static) {
        let _ = self.acts.send(Box::new(act));
    }

    pub fn publish(&self, kind: &str, data: Vec<u8>) {
        let topic = IdentTopic::new(self.chain.lock().name(kind));
        self.host(|host| Ok(host.behaviour_mut().gossip.publish(topic, data).map(drop)?));
    }

    fn take(&self, host: &mut Host, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                let peer = host.local_peer_id().to_string();
                say(json!({"event": "ready", "peer": peer, "addresses": [address]}));
            }
            SwarmEvent::ConnectionEstablished { peer_id, .. } => {
                drop(tokio::spawn(self.clone().meet(peer_id)))
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
                say(json!({"event": "disconnected", "peer": peer_id.to_string()}));
            }
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
                propagation_source: from,
                message_id: id,
                message,
            })) => {
                let verdict = self.judge(from, &message);
                host.behaviour_mut().gossip.report_message_validation_result(&id, &from, verdict);
            }
            _ => {}
        }
    }

    fn judge(&self, from: PeerId, message: &gossipsub::Message) -> MessageAcceptance {
        let ((kind, most), data) = (KINDS[place_of(message)], &message.data);
        let taken = match kind {
            _ if data.len() > most => Err("too long".into()),
            "tx" => self.chain.lock().take_tx(data).map(|hash| (MessageAcceptance::Accept, Some(hash))),
            "block" => self.take_block(from, data),
            // This peer is no member and knows no signers: it cannot check what they say.
            _ => Ok((MessageAcceptance::Ignore, None)),
        };
        let (verdict, hash) = taken.unwrap_or((MessageAcceptance::Reject, None));
        let (peer, bytes, word) = (from.to_string(), data.len(), format!("{verdict:?}").to_lowercase());
        say(
            json!({"event": "item", "kind": kind, "from": peer, "bytes": bytes, "hash": hash, "verdict": word}),
        );
        verdict
    }

    fn take_block(&self, from: PeerId, data: &[u8]) -> Result<Verdict, Failure> {
        let block = decode_block(data)?;
        let hash = block.header.hash_slow();
        if self.chain.lock().add(block)? {
            return Ok((MessageAcceptance::Accept, Some(hash)));
        }
        tokio::spawn(self.clone().catch_up(from));
        Ok((MessageAcceptance::Ignore, Some(hash)))
    }
}
