package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	gethcrypto "github.com/ethereum/go-ethereum/crypto"
	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

// The kinds of messages; the prefix of an id is the place of its kind, the first being 1.
var kinds = []string{"tx", "block", "member", "vote"}
var maxBytes = map[string]int{"tx": 131_072, "block": 8_388_608, "member": 1_024, "vote": 160}

const maxFrameBytes = 10_485_760

type node struct {
	host     host.Host
	chain    *chain
	topics   map[string]*pubsub.Topic
	started  time.Time
	catching sync.Mutex
}

func startNode(chain *chain, seed []byte, degree int) *node {
	own := must(libp2p.New(
		libp2p.Identity(must(crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed)))),
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.DisableRelay(),
		libp2p.Security(noise.ID, noise.New), libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
	))
	n := &node{host: own, chain: chain, topics: map[string]*pubsub.Topic{}, started: time.Now()}
	serve(n, "status", n.answerStatus)
	serve(n, "blocks", n.answerBlocks)
	serve(n, "transactions", n.answerTransactions)
	serve(n, "goodbye", n.takeGoodbye)
	own.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, c network.Conn) { go n.meet(c.RemotePeer()) },
		DisconnectedF: func(_ network.Network, c network.Conn) {
			say(event{"event": "disconnected", "peer": c.RemotePeer()})
		},
	})
	router := must(pubsub.NewGossipSub(context.Background(), own,
		pubsub.WithGossipSubParams(parameters(degree)), pubsub.WithFloodPublish(degree > 0),
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign), pubsub.WithNoAuthor(),
		pubsub.WithMessageIdFn(messageID), pubsub.WithMaxMessageSize(maxFrameBytes),
		pubsub.WithSeenMessagesTTL(300*time.Second), pubsub.WithDefaultValidator(pubsub.ValidatorEx(n.judge)),
	))
	for _, kind := range kinds {
		n.topics[kind] = must(router.Join("/grapevine/" + chain.networkID() + "/" + kind + "/1"))
		// Whoever relays a topic is in its mesh. The judge tells of what comes.
		must(n.topics[kind].Relay())
	}
	return n
}

func parameters(degree int) pubsub.GossipSubParams {
	chosen := pubsub.DefaultGossipSubParams()
	chosen.HeartbeatInterval = 700 * time.Millisecond
	chosen.D, chosen.Dlo, chosen.Dhi = degree, degree*3/4, degree*3/2
	chosen.Dscore, chosen.Dout = degree*3/4, degree/4
	return chosen
}

// kindOf is the third part of the name of a topic.
func kindOf(topic string) string { return strings.Split(topic, "/")[3] }

func messageID(message *pb.Message) string {
	prefix := slices.Index(kinds, kindOf(message.GetTopic())) + 1
	return string(rune(prefix)) + string(gethcrypto.Keccak256(message.GetData()))
}

// judge is the validator of all topics. What this peer publishes itself passes, since a test may want it to be invalid.
func (n *node) judge(_ context.Context, from peer.ID, message *pubsub.Message) pubsub.ValidationResult {
	kind, data := kindOf(message.GetTopic()), message.GetData()
	if from == n.host.ID() {
		return pubsub.ValidationAccept
	}
	line := event{"event": "item", "kind": kind, "from": from, "bytes": len(data)}
	verdict := pubsub.ValidationReject
	if len(data) <= maxBytes[kind] {
		verdict = n.verdict(from, kind, data, line)
	}
	line["verdict"] = []string{"accept", "reject", "ignore"}[verdict]
	say(line)
	return verdict
}

func (n *node) verdict(from peer.ID, kind string, data []byte, line event) pubsub.ValidationResult {
	var err error
	switch kind {
	case "tx":
		var tx *types.Transaction
		if tx, line["sender"], err = n.chain.takeTx(data); err == nil {
			line["hash"] = tx.Hash()
		}
	case "block":
		var block *types.Block
		if block, err = decodeBlock(data); err == nil {
			line["hash"], line["number"] = block.Hash(), block.NumberU64()
			err = n.chain.add(block)
		}
	default: // This peer is no member and knows no signers: it cannot check these, so it does not forward them.
		return pubsub.ValidationIgnore
	}
	switch {
	case errors.Is(err, errNoParent):
		go n.catchUp(from)
		return pubsub.ValidationIgnore
	case err != nil:
		return pubsub.ValidationReject
	}
	return pubsub.ValidationAccept
}

func (n *node) publish(kind string, data []byte) error {
	if n.topics[kind] == nil {
		return errors.New("kind: expected one of " + strings.Join(kinds, ", "))
	}
	return n.topics[kind].Publish(context.Background(), data)
}

func (n *node) connect(address string) error {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return err
	}
	return n.host.Connect(context.Background(), *info)
}
