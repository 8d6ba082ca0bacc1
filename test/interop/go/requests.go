package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
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
	answerTimeout               = 10 * time.Second
	maxRangeBlocks              = 1_024
	softBlocksBytes             = 2048 * 1024
	softTxsBytes                = 128 * 1024
	codeOtherNetwork, codeFault = 2, 3
)

// ask sends one request and reads the answer to its end. Identify has told the peer's protocols, so the negotiation is
// lazy: its header, the request and the end of the stream leave together.
func (n *node) ask(to peer.ID, name string, request any) (answer [][]byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	stream, err := n.host.NewStream(ctx, to, protocol.ID(n.chain.name(name)))
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
	n.host.SetStreamHandler(protocol.ID(n.chain.name(name)), func(stream network.Stream) {
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

// refusal says why the sender of a status is of another network, if it is.
func (c *chain) refusal(theirs status) string {
	ours, isCompatible := c.status(0, ""), forkid.NewStaticFilter(c.config, c.genesis)
	switch {
	case theirs.Version != ours.Version:
		return "other-version"
	case theirs.Genesis != ours.Genesis:
		return "other-genesis"
	case theirs.ChainID != ours.ChainID:
		return "other-chain-id"
	case theirs.GenesisRules != ours.GenesisRules:
		return "other-genesis-rules"
	case isCompatible(theirs.Fork) != nil:
		return "other-forks"
	}
	return ""
}

func (n *node) answerStatus(_ peer.ID, theirs status) ([][]byte, error) {
	answer, err := rlp.EncodeToBytes(n.chain.status(n.chain.nowUs(), n.chain.refusal(theirs)))
	return [][]byte{answer}, err
}

// meet asks a new peer for its status, and for the blocks that it has above our head.
func (n *node) meet(id peer.ID) error {
	var theirs status
	frames, err := n.ask(id, "status", n.chain.status(0, ""))
	if err = errors.Join(err, rlp.DecodeBytes(bytes.Join(frames, nil), &theirs)); err != nil {
		return err
	}
	say(event{"event": "status", "peer": id, "headNumber": theirs.HeadNumber, "client": theirs.Client, "refusal": theirs.Refusal})
	if refusal := n.chain.refusal(theirs); refusal != "" {
		return n.sayGoodbye(id, codeOtherNetwork, refusal)
	}
	return n.catchUp(id)
}

type byHash struct {
	Kind   uint64
	Hashes []common.Hash
}

// askBlocks asks by number ([0, first, count]) or by hash, and keeps what comes.
func (n *node) askBlocks(to peer.ID, request any) (found []event, err error) {
	frames, err := n.ask(to, "blocks", request)
	for _, frame := range frames {
		block, err := n.chain.takeBlock(frame)
		if err != nil {
			return nil, err
		}
		found = append(found, event{"hash": block.Hash(), "number": block.NumberU64(), "bytes": block.Size()})
	}
	return found, err
}

// catchUp asks a peer for the blocks above our head, until it has no further ones. Where they do not fit, the peer has
// left our branch, and it is asked for lower ones.
func (n *node) catchUp(from peer.ID) error {
	n.catching.Lock()
	defer n.catching.Unlock()
	for next := n.chain.status(0, "").HeadNumber + 1; ; {
		found, err := n.askBlocks(from, []uint64{0, next, maxRangeBlocks})
		switch {
		case errors.Is(err, errNoParent) && next > 1:
			next = max(next, 17) - 16
		case err != nil || len(found) == 0:
			return err
		}
		next += uint64(len(found))
	}
}

func (n *node) answerBlocks(_ peer.ID, request rlp.RawValue) ([][]byte, error) {
	var asked []uint64
	if rlp.DecodeBytes(request, &asked) == nil && len(asked) == 3 && asked[0] == 0 {
		return upTo(softBlocksBytes, n.chain.byNumbers(asked[1], min(asked[2], maxRangeBlocks)), encodeBlock)
	}
	var list byHash
	if err := rlp.DecodeBytes(request, &list); err != nil {
		return nil, err
	}
	return upTo(softBlocksBytes, known(n.chain, n.chain.blocks, list.Hashes), encodeBlock)
}

func encodeBlock(block *types.Block) ([]byte, error) { return rlp.EncodeToBytes(block) }

// upTo encodes items up to the one that passes this sum.
func upTo[T any](softBytes int, items []T, encode func(T) ([]byte, error)) (frames [][]byte, err error) {
	for sum := 0; len(items) > 0 && sum <= softBytes && err == nil; items = items[1:] {
		var frame []byte
		frame, err = encode(items[0])
		frames, sum = append(frames, frame), sum+len(frame)
	}
	return frames, err
}

func (n *node) askTransactions(to peer.ID, hashes []common.Hash) (found []common.Hash, err error) {
	frames, err := n.ask(to, "transactions", [][]common.Hash{hashes})
	for _, frame := range frames {
		hash, err := n.chain.takeTx(frame)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, err
}

func (n *node) answerTransactions(_ peer.ID, asked [][]common.Hash) ([][]byte, error) {
	found := known(n.chain, n.chain.txs, slices.Concat(asked...))
	return upTo(softTxsBytes, found, (*types.Transaction).MarshalBinary)
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
