// The Go reference peer: written from docs/wire.md with go-libp2p, go-libp2p-pubsub and go-ethereum's own types.
// A test drives it by lines of JSON; ../README.md has the commands and events.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

type event map[string]any

var output sync.Mutex

// say writes a line of output.
func say(line event) {
	output.Lock()
	defer output.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

// must ends the program if it cannot start.
func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-peer:", err)
		os.Exit(1)
	}
	return value
}

// command is a line of input.
type command struct {
	ID, First, Count, Code, Nonce, Gas uint64
	Do, Address, Peer, Kind, Text      string
	Data, Key                          hexutil.Bytes
	Hashes                             []common.Hash
	To                                 common.Address
	Bytes                              int
}

func main() {
	networkFile := flag.String("network", "", "JSON file with genesisBlock, config and checkpointInterval")
	seed := flag.String("key", "", "seed of the Ed25519 key: 32 bytes in hex with 0x")
	degree := flag.Int("degree", 8, "D of gossipsub; with 0 there is no mesh, only IHAVE and IWANT")
	flag.Parse()
	node := startNode(must(openChain(*networkFile)), must(hexutil.Decode(*seed)), *degree)
	say(event{"event": "ready", "peer": node.host.ID(), "addresses": node.host.Addrs()})
	// At the end of the input whoever started this peer wants it to end.
	for lines := json.NewDecoder(bufio.NewReader(os.Stdin)); ; {
		var order command
		if lines.Decode(&order) != nil {
			break
		}
		go func() {
			if result, err := node.obey(order); err != nil {
				say(event{"id": order.ID, "error": err.Error()})
			} else {
				say(event{"id": order.ID, "result": result})
			}
		}()
	}
	for _, id := range node.host.Network().Peers() {
		_ = node.sayGoodbye(id, codeShutdown, "the program ends")
	}
}

func (n *node) obey(order command) (any, error) {
	id, err := peer.Decode(order.Peer)
	if err != nil && order.Peer != "" {
		return nil, err
	}
	switch order.Do {
	case "connect":
		return nil, n.connect(order.Address)
	case "head":
		head, _ := n.chain.head()
		return summary(head), nil
	case "publish":
		return nil, n.publish(order.Kind, order.Data)
	case "transfer":
		return n.transfer(order)
	case "status":
		theirs, err := n.askStatus(id)
		return event{"headNumber": theirs.HeadNumber, "client": theirs.Client, "refusal": theirs.Refusal}, err
	case "blocks":
		return n.askBlocks(id, order.First, order.Count, order.Hashes)
	case "transactions":
		return n.askTransactions(id, order.Hashes)
	case "goodbye":
		return nil, n.sayGoodbye(id, order.Code, order.Text)
	}
	return nil, fmt.Errorf("no such command: %q", order.Do)
}

// transfer signs an EIP-1559 transaction with so many bytes of calldata, and publishes it.
func (n *node) transfer(order command) (any, error) {
	key, err := crypto.ToECDSA(order.Key)
	if err != nil {
		return nil, err
	}
	chainID := n.chain.config.ChainID
	tx := types.MustSignNewTx(key, types.LatestSignerForChainID(chainID), &types.DynamicFeeTx{
		ChainID: chainID, Nonce: order.Nonce, To: &order.To, Value: big.NewInt(1), Gas: order.Gas,
		GasTipCap: big.NewInt(1e9), GasFeeCap: big.NewInt(20e9), Data: make([]byte, order.Bytes),
	})
	n.chain.keepTx(tx)
	raw, err := tx.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return tx.Hash(), n.publish("tx", raw)
}

func summary(block *types.Block) event {
	return event{"hash": block.Hash(), "number": block.NumberU64(), "bytes": block.Size(), "transactions": len(block.Transactions())}
}
