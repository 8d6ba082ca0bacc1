package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/forkid"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-msgio"
)

// The bounds of each protocol: bytes of a request, bytes of a frame of the answer, frames.
var bounds = map[string]struct{ request, frame, frames int }{
	"status":       {512, 512, 1},
	"blocks":       {8_192, 8_388_608, maxRangeBlocks},
	"transactions": {16_384, 131_072, 256},
	"goodbye":      {256, 0, 0},
}

const (
	statusVersion                             = 2
	statusEvery                               = 10 * time.Second
	answerTimeout                             = 10 * time.Second
	maxRangeBlocks                            = 1_024
	softBlocksBytes                           = 2048 * 1024
	softTxsBytes                              = 128 * 1024
	codeShutdown, codeOtherNetwork, codeFault = 1, 2, 3
)

func (n *node) protocol(name string) protocol.ID {
	return protocol.ID("/grapevine/" + n.chain.networkID() + "/" + name + "/1")
}

// ask sends one request and reads the answer to its end. Identify has told the peer's protocols, so the negotiation is
// lazy: its header, the request and the end of the stream leave together.
func (n *node) ask(to peer.ID, name string, request any) (answer [][]byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	stream, err := n.host.NewStream(ctx, to, n.protocol(name))
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	_ = stream.SetDeadline(time.Now().Add(answerTimeout))
	text, err := rlp.EncodeToBytes(request)
	if err := errors.Join(err, msgio.NewVarintWriter(stream).WriteMsg(text), stream.CloseWrite()); err != nil {
		return nil, err
	}
	for from := msgio.NewVarintReaderSize(stream, bounds[name].frame); ; {
		frame, err := from.ReadMsg()
		if err == io.EOF {
			return answer, nil
		}
		if answer = append(answer, frame); err != nil || len(answer) > bounds[name].frames {
			return nil, fmt.Errorf("frame %d: %w", len(answer), err)
		}
	}
}

// serve answers a protocol. A request that breaks it costs the asker the connection.
func serve[Q any](n *node, name string, answer func(from peer.ID, request Q) ([][]byte, error)) {
	n.host.SetStreamHandler(n.protocol(name), func(stream network.Stream) {
		defer stream.Close()
		_ = stream.SetDeadline(time.Now().Add(answerTimeout))
		var request Q
		var frames [][]byte
		from := stream.Conn().RemotePeer()
		text, err := msgio.NewVarintReaderSize(stream, bounds[name].request).ReadMsg()
		if err = errors.Join(err, rlp.DecodeBytes(text, &request)); err == nil {
			frames, err = answer(from, request)
		}
		if err != nil {
			_ = stream.Reset()
			_ = n.sayGoodbye(from, codeFault, err.Error())
		}
		for _, frame := range frames {
			_ = msgio.NewVarintWriter(stream).WriteMsg(frame)
		}
		say(event{"event": "served", "protocol": name, "peer": from, "frames": len(frames)})
	})
}

// status is both request and answer.
type status struct {
	Version         uint64
	Genesis         common.Hash
	ChainID         uint64
	GenesisRules    [4]byte
	Fork            forkid.ID
	Head            common.Hash
	HeadNumber      uint64
	TotalDifficulty *big.Int
	Client          string
	ReceivedUs      uint64
	SentUs          uint64
	Refusal         string
}

func (n *node) nowUs() uint64 { return uint64(time.Since(n.started).Microseconds()) + 1 }

func (n *node) status(receivedUs uint64, refusal string) status {
	c := n.chain
	head, total := c.head()
	fork := forkid.NewID(c.config, c.genesis, head.NumberU64(), head.Time())
	return status{statusVersion, c.genesis.Hash(), c.config.ChainID.Uint64(), c.rules, fork, head.Hash(),
		head.NumberU64(), total, "go-reference-peer", receivedUs, n.nowUs(), refusal}
}

// refusal says why the sender of a status is of another network, if it is.
func (n *node) refusal(theirs status) string {
	switch filter := forkid.NewStaticFilter(n.chain.config, n.chain.genesis); {
	case theirs.Version != statusVersion:
		return "other-version"
	case theirs.Genesis != n.chain.genesis.Hash():
		return "other-genesis"
	case theirs.ChainID != n.chain.config.ChainID.Uint64():
		return "other-chain-id"
	case theirs.GenesisRules != n.chain.rules:
		return "other-genesis-rules"
	case filter(theirs.Fork) != nil:
		return "other-forks"
	}
	return ""
}

func (n *node) askStatus(to peer.ID) (theirs status, err error) {
	frames, err := n.ask(to, "status", n.status(0, ""))
	if err == nil && len(frames) == 1 {
		err = rlp.DecodeBytes(frames[0], &theirs)
	}
	return theirs, err
}

func (n *node) answerStatus(from peer.ID, theirs status) ([][]byte, error) {
	receivedUs, refusal := n.nowUs(), n.refusal(theirs)
	if refusal != "" {
		time.AfterFunc(time.Second, func() { _ = n.sayGoodbye(from, codeOtherNetwork, refusal) })
	}
	answer, err := rlp.EncodeToBytes(n.status(receivedUs, refusal))
	return [][]byte{answer}, err
}

// meet asks a peer for its status again and again, for as long as it is connected.
func (n *node) meet(id peer.ID) {
	say(event{"event": "connected", "peer": id})
	for n.host.Network().Connectedness(id) == network.Connected {
		if theirs, err := n.askStatus(id); err == nil {
			say(event{"event": "status", "peer": id, "headNumber": theirs.HeadNumber, "client": theirs.Client, "refusal": theirs.Refusal})
			if head, _ := n.chain.head(); theirs.HeadNumber > head.NumberU64() {
				n.catchUp(id)
			}
		}
		time.Sleep(statusEvery)
	}
}

// blocksRequest is by number (kind 0: first number and count) or by hash (kind 1: a list of hashes).
type blocksRequest struct {
	Kind  uint64
	What  rlp.RawValue
	Count uint64 `rlp:"optional"`
}

func (n *node) askBlocks(to peer.ID, first, count uint64, hashes []common.Hash) (found []event, err error) {
	request := []any{uint64(0), first, count}
	if hashes != nil {
		request = []any{uint64(1), hashes}
	}
	frames, err := n.ask(to, "blocks", request)
	for _, frame := range frames {
		block, err := decodeBlock(frame)
		if err = errors.Join(err, n.chain.add(block)); err != nil {
			return nil, err
		}
		found = append(found, summary(block))
	}
	return found, err
}

// catchUp asks a peer for the blocks above our head, until it has no further ones. Where they do not fit, the peer has
// left our branch, and it is asked for some lower ones.
func (n *node) catchUp(from peer.ID) {
	n.catching.Lock()
	defer n.catching.Unlock()
	for lower := uint64(0); lower <= 16; {
		before, _ := n.chain.head()
		_, err := n.askBlocks(from, max(before.NumberU64()+1, lower+1)-lower, maxRangeBlocks, nil)
		if now, _ := n.chain.head(); now != before {
			lower = 0
		} else if lower += 16; err == nil {
			return
		}
	}
}

func (n *node) answerBlocks(_ peer.ID, asked blocksRequest) (frames [][]byte, err error) {
	var blocks []*types.Block
	var hashes []common.Hash
	var first uint64
	switch asked.Kind {
	case 0:
		err = rlp.DecodeBytes(asked.What, &first)
		blocks = n.chain.byNumbers(first, min(asked.Count, maxRangeBlocks))
	case 1:
		err = rlp.DecodeBytes(asked.What, &hashes)
	default:
		err = errors.New("blocks: the kind is 0 or 1")
	}
	for _, hash := range hashes {
		if block, _ := n.chain.byHash(hash); block != nil {
			blocks = append(blocks, block)
		}
	}
	for sum := 0; len(blocks) > 0 && sum <= softBlocksBytes && err == nil; blocks = blocks[1:] {
		var frame []byte
		frame, err = rlp.EncodeToBytes(blocks[0])
		frames, sum = append(frames, frame), sum+len(frame)
	}
	return frames, err
}

type hashList struct{ Hashes []common.Hash }

func (n *node) askTransactions(to peer.ID, hashes []common.Hash) (found []common.Hash, err error) {
	frames, err := n.ask(to, "transactions", hashList{hashes})
	for _, frame := range frames {
		tx, _, err := n.chain.takeTx(frame)
		if err != nil {
			return nil, err
		}
		found = append(found, tx.Hash())
	}
	return found, err
}

func (n *node) answerTransactions(_ peer.ID, asked hashList) (frames [][]byte, err error) {
	sum := 0
	for _, hash := range asked.Hashes {
		if _, tx := n.chain.byHash(hash); tx != nil && sum <= softTxsBytes {
			frame, _ := tx.MarshalBinary()
			frames, sum = append(frames, frame), sum+len(frame)
		}
	}
	return frames, nil
}

type goodbye struct {
	Code uint64
	Text string
}

func (n *node) takeGoodbye(from peer.ID, said goodbye) ([][]byte, error) {
	say(event{"event": "goodbye", "peer": from, "code": said.Code, "text": said.Text})
	return nil, nil
}

// sayGoodbye tells a peer why it is being disconnected, and disconnects it.
func (n *node) sayGoodbye(to peer.ID, code uint64, text string) error {
	_, err := n.ask(to, "goodbye", goodbye{code, text[:min(len(text), 224)]})
	return errors.Join(err, n.host.Network().ClosePeer(to))
}
