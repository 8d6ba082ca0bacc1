// The Go reference peer: written from docs/wire.md with go-libp2p, go-libp2p-pubsub and go-ethereum's own types.
// A test drives it by lines of JSON; ../README.md has the commands and events.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"os"
	"strconv"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

type event map[string]any

var output = log.New(os.Stdout, "", 0)

// say writes a line of output.
func say(line event) { output.Println(string(must(json.Marshal(line)))) }

// must ends the program if it cannot start.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatalln("go-peer:", err)
	}
	return value
}

// command is a line of input.
type command struct {
	ID, First, Count, Code        uint64
	Do, Address, Peer, Kind, Text string
	Data, Key                     hexutil.Bytes
	Hashes                        []common.Hash
	Bytes                         int
}

func main() {
	if len(os.Args) != 4 {
		must(0, errors.New("see ../README.md"))
	}
	chain, seed := must(openChain(os.Args[1])), must(hexutil.Decode(os.Args[2]))
	node := startNode(chain, seed, must(strconv.Atoi(os.Args[3])))
	say(event{"event": "ready", "peer": node.host.ID(), "addresses": node.host.Addrs()})
	// At the end of the input whoever started this peer wants it to end.
	for lines, order := json.NewDecoder(os.Stdin), new(command); lines.Decode(order) == nil; order = new(command) {
		go func() {
			if result, err := node.obey(order); err != nil {
				say(event{"id": order.ID, "error": err.Error()})
			} else {
				say(event{"id": order.ID, "result": result})
			}
		}()
	}
}

func (n *node) obey(order *command) (any, error) {
	id, _ := peer.Decode(order.Peer) // Not all commands have one.
	switch order.Do {
	case "connect":
		info, err := peer.AddrInfoFromString(order.Address)
		if err == nil {
			err = n.host.Connect(context.Background(), *info)
		}
		return nil, err
	case "head":
		return event{"number": n.chain.status(0, "").HeadNumber}, nil
	case "publish":
		return nil, n.topics[order.Kind].Publish(context.Background(), order.Data)
	case "transfer":
		return n.transfer(order)
	case "blocks":
		request := any([]uint64{0, order.First, order.Count})
		if order.Hashes != nil {
			request = byHash{1, order.Hashes}
		}
		return n.askBlocks(id, request)
	case "transactions":
		return n.askTransactions(id, order.Hashes)
	case "goodbye":
		return nil, n.sayGoodbye(id, order.Code, order.Text)
	}
	return nil, fmt.Errorf("no such command: %q", order.Do)
}

// transfer signs an EIP-1559 transaction with nonce 0 and so many bytes of calldata, and publishes it.
func (n *node) transfer(order *command) (any, error) {
	chainID := n.chain.config.ChainID
	tx := types.MustSignNewTx(must(crypto.ToECDSA(order.Key)), types.LatestSignerForChainID(chainID), &types.DynamicFeeTx{
		ChainID: chainID, To: new(common.Address), Gas: 450_000, Data: make([]byte, order.Bytes),
		GasTipCap: big.NewInt(1e9), GasFeeCap: big.NewInt(20e9),
	})
	raw := must(tx.MarshalBinary())
	hash, err := n.chain.takeTx(raw)
	return hash, errors.Join(err, n.topics["tx"].Publish(context.Background(), raw))
}
