// A node of libp2p's gossipsub-interop in Go, written from the framework's contract (test-specs/implementation.md): it follows a
// script and writes what arrives. It takes the flags of `grapevine interop`; docs/interop.md has both.
package main

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	maxMessageBytes = 10 << 20
	dialPatience    = 20 * time.Second
	redialAfter     = 200 * time.Millisecond
)

// instruction has the fields of all instructions.
type instruction struct {
	Type, TopicID                string
	NodeID, MessageSizeBytes     int
	MessageID                    uint64
	ConnectTo                    []int
	ElapsedSeconds, DelaySeconds float64
	GossipSubParams              json.RawMessage
	Instruction                  *instruction
}

type node struct {
	id        int
	started   time.Time
	host      host.Host
	addresses map[int]string
	events    *slog.Logger
	router    *pubsub.PubSub
	topics    map[string]*pubsub.Topic
}

// must ends the program if it cannot start.
func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-scripted:", err)
		os.Exit(1)
	}
	return value
}

func main() {
	n := node{started: time.Now(), addresses: map[int]string{}, topics: map[string]*pubsub.Topic{}}
	n.events = slog.New(slog.NewJSONHandler(os.Stdout, nil))
	paramsFile := flag.String("params", "", "params.json of the framework")
	flag.IntVar(&n.id, "node-id", -1, "which node this is; from the host name if left out")
	listen := flag.String("listen", "/ip4/0.0.0.0/tcp/9000", "where to listen")
	flag.Func("address", "where another node is, such as node1=/ip4/127.0.0.1/tcp/9001", n.takeAddress)
	flag.Parse()
	if n.id < 0 {
		must(fmt.Sscanf(must(os.Hostname()), "node%d", &n.id))
	}
	var params struct{ Script []instruction }
	must(0, json.Unmarshal(must(os.ReadFile(*paramsFile)), &params))
	n.host = must(libp2p.New(libp2p.Identity(keyOf(n.id)), libp2p.ListenAddrStrings(*listen)))
	n.events.Info("PeerID", "id", n.host.ID(), "node_id", n.id)
	n.events.Info("Listening", "addresses", must(peer.AddrInfoToP2pAddrs(host.InfoFromHost(n.host))))
	for _, each := range params.Script {
		must(0, n.follow(each))
	}
}

func (n *node) takeAddress(text string) error {
	var id int
	name, address, _ := strings.Cut(text, "=")
	_, err := fmt.Sscanf(name, "node%d", &id)
	n.addresses[id] = address
	return err
}

// keyOf makes the key of a node from its id.
func keyOf(id int) crypto.PrivKey {
	seed := make([]byte, ed25519.SeedSize)
	binary.LittleEndian.PutUint64(seed, uint64(id))
	return must(crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed)))
}

func (n *node) follow(todo instruction) (err error) {
	switch todo.Type {
	case "initGossipSub":
		return n.startRouter(todo.GossipSubParams)
	case "ifNodeIDEquals":
		if todo.NodeID == n.id {
			err = n.follow(*todo.Instruction)
		}
	case "connect":
		for _, id := range todo.ConnectTo {
			err = errors.Join(err, n.connect(id))
		}
	case "waitUntil":
		time.Sleep(time.Until(n.started.Add(duration(todo.ElapsedSeconds))))
	case "subscribeToTopic":
		return n.subscribe(todo.TopicID)
	case "setTopicValidationDelay":
		return n.router.RegisterTopicValidator(todo.TopicID, func(context.Context, peer.ID, *pubsub.Message) bool {
			time.Sleep(duration(todo.DelaySeconds))
			return true
		})
	case "publish":
		message := make([]byte, todo.MessageSizeBytes)
		binary.BigEndian.PutUint64(message, todo.MessageID)
		topic, err := n.topic(todo.TopicID)
		return errors.Join(err, topic.Publish(context.Background(), message))
	default:
		return fmt.Errorf("there is no instruction %q", todo.Type)
	}
	return err
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func (n *node) startRouter(given json.RawMessage) (err error) {
	params := pubsub.DefaultGossipSubParams()
	if err = json.Unmarshal(given, &params); err != nil {
		return err
	}
	n.router, err = pubsub.NewGossipSub(context.Background(), n.host,
		pubsub.WithGossipSubParams(params), pubsub.WithMessageIdFn(messageID), pubsub.WithEventTracer(n),
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign), pubsub.WithNoAuthor(),
		pubsub.WithMaxMessageSize(maxMessageBytes),
	)
	return err
}

func messageID(message *pb.Message) string { return string(message.GetData()[:8]) }

// Trace writes each copy of a message that comes. It makes the node a tracer of its router.
func (n *node) Trace(event *pb.TraceEvent) {
	frame := event.GetRecvRPC()
	for _, message := range frame.GetMeta().GetMessages() {
		id := binary.BigEndian.Uint64(message.GetMessageID())
		n.events.Info("Received Message", "from", peer.ID(frame.GetReceivedFrom()), "topic", message.GetTopic(), "id", fmt.Sprint(id))
	}
}

func (n *node) topic(name string) (topic *pubsub.Topic, err error) {
	if n.topics[name] == nil {
		n.topics[name], err = n.router.Join(name)
	}
	return n.topics[name], err
}

func (n *node) subscribe(name string) error {
	topic, err := n.topic(name)
	if err != nil {
		return err
	}
	messages, err := topic.Subscribe()
	go func() {
		for err == nil {
			_, err = messages.Next(context.Background())
		}
	}()
	return err
}

// connect dials a node again and again, since it may start later.
func (n *node) connect(id int) error {
	address, err := n.addressOf(id)
	if err != nil {
		return err
	}
	peerID := must(peer.IDFromPrivateKey(keyOf(id)))
	info, err := peer.AddrInfoFromString(address + "/p2p/" + peerID.String())
	for patience := time.Now().Add(dialPatience); err == nil; time.Sleep(redialAfter) {
		failure := n.host.Connect(context.Background(), *info)
		if failure == nil || time.Now().After(patience) {
			return failure
		}
	}
	return err
}

func (n *node) addressOf(id int) (string, error) {
	if told := n.addresses[id]; told != "" {
		return told, nil
	}
	found, err := net.LookupHost(fmt.Sprintf("node%d", id))
	if err != nil {
		return "", err
	}
	return "/ip4/" + found[0] + "/tcp/9000", nil
}
