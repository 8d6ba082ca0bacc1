package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/ethereum/go-ethereum/common"
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
	catching sync.Mutex
}

func startNode(chain *chain, seed []byte, degree int) *node {
	own := must(libp2p.New(
		libp2p.Identity(must(crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed)))),
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.DisableRelay(),
		libp2p.Security(noise.ID, noise.New), libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
	))
	n := &node{host: own, chain: chain, topics: map[string]*pubsub.Topic{}}
	serve(n, "status", n.answerStatus)
	serve(n, "blocks", n.answerBlocks)
	serve(n, "transactions", n.answerTransactions)
	serve(n, "goodbye", n.takeGoodbye)
	own.Network().Notify(&network.NotifyBundle{
		ConnectedF:    func(_ network.Network, c network.Conn) { go n.meet(c.RemotePeer()) },
		DisconnectedF: func(_ network.Network, c network.Conn) { say(event{"event": "disconnected", "peer": c.RemotePeer()}) },
	})
	degrees := pubsub.DefaultGossipSubParams()
	degrees.D, degrees.Dlo, degrees.Dhi = degree, degree*3/4, degree*3/2
	degrees.Dscore, degrees.Dout = degree*3/4, degree/4
	router := must(pubsub.NewGossipSub(context.Background(), own,
		pubsub.WithGossipSubParams(degrees), pubsub.WithDefaultValidator(pubsub.ValidatorEx(n.judge)),
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign), pubsub.WithNoAuthor(),
		pubsub.WithMessageIdFn(messageID), pubsub.WithMaxMessageSize(maxFrameBytes),
	))
	for _, kind := range kinds {
		n.topics[kind] = must(router.Join(chain.name(kind)))
		// Whoever relays a topic is in its mesh. The judge tells of what comes.
		must(n.topics[kind].Relay())
	}
	return n
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
	if kind == "member" || kind == "vote" { // This peer is no member and knows no signers: it cannot check these.
		return pubsub.ValidationIgnore
	}
	hash, err := n.takeItem(kind, data)
	verdict, word := pubsub.ValidationReject, "reject"
	switch {
	case err == nil:
		verdict, word = pubsub.ValidationAccept, "accept"
	case errors.Is(err, errNoParent):
		go n.catchUp(from)
		verdict, word = pubsub.ValidationIgnore, "ignore"
	}
	say(event{"event": "item", "kind": kind, "from": from, "bytes": len(data), "hash": hash, "verdict": word})
	return verdict
}

func (n *node) takeItem(kind string, data []byte) (common.Hash, error) {
	switch {
	case len(data) > maxBytes[kind]:
		return common.Hash{}, errors.New("too long")
	case kind == "tx":
		return n.chain.takeTx(data)
	}
	block, err := n.chain.takeBlock(data)
	if block == nil {
		return common.Hash{}, err
	}
	return block.Hash(), err
}
