//! The host: connections, gossip, and what other tasks have it do.

use crate::chain::{Added, Chain, decode_block};
use crate::{Failure, say};
use alloy_primitives::keccak256;
use futures::StreamExt;
use libp2p::core::upgrade::Version;
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance, MessageAuthenticity, ValidationMode};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, identify, identity, noise, ping, tcp, yamux};
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The kinds of messages and their largest size; the prefix of an id is the place of its kind, the first being 1.
const KINDS: [(&str, usize); 4] = [("tx", 131_072), ("block", 8_388_608), ("member", 1_024), ("vote", 160)];
const MAX_FRAME_BYTES: usize = 10_485_760;

#[derive(NetworkBehaviour)]
struct Behaviour {
    gossip: gossipsub::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    streams: libp2p_stream::Behaviour,
}

/// What the task that has the host is asked to do with it.
type Act = Box<dyn FnOnce(&mut Swarm<Behaviour>) + Send>;

#[derive(Clone)]
pub struct Node {
    pub streams: libp2p_stream::Control,
    pub started: Instant,
    pub catching: Arc<tokio::sync::Mutex<()>>,
    chain: Arc<Mutex<Chain>>,
    acts: mpsc::UnboundedSender<Act>,
}

impl Node {
    pub fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().expect("no task failed with it")
    }

    async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Swarm<Behaviour>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (done, answer) = oneshot::channel();
        let sent = self.acts.send(Box::new(|swarm| drop(done.send(act(swarm)))));
        sent.map_err(|_| "the host has ended")?;
        answer.await?
    }

    pub async fn connected(&self) -> Result<Vec<PeerId>, Failure> {
        self.act(|swarm| Ok(swarm.connected_peers().copied().collect())).await
    }

    pub async fn dial(&self, address: &str) -> Result<(), Failure> {
        let address: Multiaddr = address.parse()?;
        self.act(|swarm| Ok(swarm.dial(address)?)).await
    }

    pub async fn publish(&self, kind: &str, data: Vec<u8>) -> Result<(), Failure> {
        let topic = topic(&self.chain(), kind);
        self.act(|swarm| Ok(swarm.behaviour_mut().gossip.publish(topic, data).map(drop)?)).await
    }

    pub async fn disconnect(&self, peer: PeerId) -> Result<(), Failure> {
        self.act(move |swarm| swarm.disconnect_peer_id(peer).map_err(|()| "not connected".into())).await
    }
}

fn kind_of(topic: &str) -> (usize, usize) {
    let name = topic.split('/').nth(3).unwrap_or_default();
    let place = KINDS.iter().position(|(kind, _)| *kind == name).unwrap_or(KINDS.len() - 1);
    (place, KINDS[place].1)
}

fn message_id(message: &gossipsub::Message) -> gossipsub::MessageId {
    let prefix = kind_of(message.topic.as_str()).0 as u8 + 1;
    [&[prefix], keccak256(&message.data).as_slice()].concat().into()
}

fn router(degree: usize) -> Result<gossipsub::Behaviour, Failure> {
    let config = gossipsub::ConfigBuilder::default()
        .heartbeat_interval(Duration::from_millis(700))
        .mesh_n(degree)
        .mesh_n_low(degree * 3 / 4)
        .mesh_n_high(degree * 3 / 2)
        .retain_scores(degree / 2)
        .mesh_outbound_min(degree / 4)
        .flood_publish(degree > 0)
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(message_id)
        .max_transmit_size(MAX_FRAME_BYTES)
        .duplicate_cache_time(Duration::from_secs(300))
        .build()?;
    Ok(gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config)?)
}

pub async fn start(chain: Chain, seed: [u8; 32], degree: usize) -> Result<Node, Failure> {
    let mut swarm = SwarmBuilder::with_existing_identity(identity::Keypair::ed25519_from_bytes(seed)?)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
        .with_behaviour(|key| {
            Ok(Behaviour {
                gossip: router(degree)?,
                identify: identify::Behaviour::new(identify::Config::new("rust-reference-peer".into(), key.public())),
                ping: ping::Behaviour::default(),
                streams: libp2p_stream::Behaviour::new(),
            })
        })?
        .with_swarm_config(|config| {
            // The header, the request and the end of a stream leave together.
            let lazy = config.with_substream_upgrade_protocol_override(Version::V1Lazy);
            lazy.with_idle_connection_timeout(Duration::from_secs(60))
        })
        .build();
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    for (kind, _) in KINDS {
        swarm.behaviour_mut().gossip.subscribe(&topic(&chain, kind))?;
    }
    let (acts, orders) = mpsc::unbounded_channel();
    let node = Node {
        streams: swarm.behaviour().streams.new_control(),
        started: Instant::now(),
        catching: Arc::default(),
        chain: Arc::new(Mutex::new(chain)),
        acts,
    };
    node.serve_all()?;
    tokio::spawn(run(swarm, node.clone(), orders));
    Ok(node)
}

fn topic(chain: &Chain, kind: &str) -> IdentTopic {
    IdentTopic::new(format!("/grapevine/{}/{kind}/1", chain.network_id()))
}

async fn run(mut swarm: Swarm<Behaviour>, node: Node, mut orders: mpsc::UnboundedReceiver<Act>) {
    loop {
        tokio::select! {
            event = swarm.select_next_some() => take(&mut swarm, &node, event),
            Some(act) = orders.recv() => act(&mut swarm),
        }
    }
}

fn take(swarm: &mut Swarm<Behaviour>, node: &Node, event: SwarmEvent<BehaviourEvent>) {
    match event {
        SwarmEvent::NewListenAddr { address, .. } => {
            let peer = swarm.local_peer_id().to_string();
            say(json!({"event": "ready", "peer": peer, "addresses": [address]}));
        }
        SwarmEvent::ConnectionEstablished { peer_id, num_established, .. } if num_established.get() == 1 => {
            tokio::spawn(node.clone().meet(peer_id));
        }
        SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
            say(json!({"event": "disconnected", "peer": peer_id.to_string()}));
        }
        SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
            propagation_source: from,
            message_id,
            message,
        })) => {
            let verdict = judge(node, from, &message);
            swarm.behaviour_mut().gossip.report_message_validation_result(&message_id, &from, verdict);
        }
        _ => {}
    }
}

fn judge(node: &Node, from: PeerId, message: &gossipsub::Message) -> MessageAcceptance {
    let (place, most) = kind_of(message.topic.as_str());
    let data = &message.data;
    let mut line = json!({
        "event": "item", "kind": KINDS[place].0, "from": from.to_string(), "bytes": data.len(), "verdict": "accept",
    });
    let verdict = match KINDS[place].0 {
        _ if data.len() > most => MessageAcceptance::Reject,
        "tx" => match node.chain().take_tx(data) {
            Ok((hash, sender)) => {
                line["hash"] = json!(hash);
                line["sender"] = json!(sender);
                MessageAcceptance::Accept
            }
            Err(_) => MessageAcceptance::Reject,
        },
        "block" => judge_block(node, from, data, &mut line),
        // This peer is no member and knows no signers: it cannot check these, so it does not forward them.
        _ => MessageAcceptance::Ignore,
    };
    match verdict {
        MessageAcceptance::Accept => {}
        MessageAcceptance::Reject => line["verdict"] = json!("reject"),
        MessageAcceptance::Ignore => line["verdict"] = json!("ignore"),
    }
    say(line);
    verdict
}

fn judge_block(node: &Node, from: PeerId, data: &[u8], line: &mut serde_json::Value) -> MessageAcceptance {
    let Ok(block) = decode_block(data) else { return MessageAcceptance::Reject };
    line["hash"] = json!(block.header.hash_slow());
    line["number"] = json!(block.header.number);
    match node.chain().add(block) {
        Added::Kept => MessageAcceptance::Accept,
        Added::Invalid => MessageAcceptance::Reject,
        Added::NoParent => {
            let node = node.clone();
            tokio::spawn(async move { node.catch_up(from).await });
            MessageAcceptance::Ignore
        }
    }
}
