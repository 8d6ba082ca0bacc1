package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/forkid"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"
)

// chain holds the blocks and transactions that came in. Its head has the highest total difficulty; nothing is executed.
type chain struct {
	config  *params.ChainConfig
	genesis *types.Block
	mutex   sync.Mutex
	started time.Time
	// What this peer says of itself, but for times and refusal.
	ours   status
	blocks map[common.Hash]*types.Block
	total  map[common.Hash]*big.Int
	txs    map[common.Hash]*types.Transaction
}

// openChain reads what a peer must know of a network to join it.
func openChain(file string) (*chain, error) {
	var facts struct {
		GenesisBlock       hexutil.Bytes
		Config             params.ChainConfig
		CheckpointInterval uint64
	}
	text, unread := os.ReadFile(file)
	malformed := json.Unmarshal(text, &facts)
	genesis, err := decodeBlock(facts.GenesisBlock)
	config := &facts.Config
	if err = errors.Join(unread, malformed, err); err != nil || config.Clique == nil {
		return nil, errors.Join(errors.New("expected the genesis of a Clique chain"), err)
	}
	seals := []uint64{config.Clique.Period, config.Clique.Epoch, facts.CheckpointInterval}
	rules, err := rlp.EncodeToBytes([]any{"london", seals, []any{}})
	return &chain{
		config: config, genesis: genesis, started: time.Now(),
		ours: status{
			Version: 2, Genesis: genesis.Hash(), ChainID: config.ChainID.Uint64(),
			GenesisRules: [4]byte(crypto.Keccak256(rules)), Fork: forkid.NewID(config, genesis, 0, genesis.Time()),
			Head: genesis.Hash(), TotalDifficulty: genesis.Difficulty(), Client: "go-reference-peer",
		},
		blocks: map[common.Hash]*types.Block{genesis.Hash(): genesis},
		total:  map[common.Hash]*big.Int{genesis.Hash(): genesis.Difficulty()},
		txs:    map[common.Hash]*types.Transaction{},
	}, err
}

// name is that of a topic or protocol, which has the first 4 bytes of the genesis hash in it.
func (c *chain) name(of string) string {
	return fmt.Sprintf("/grapevine/%x/%s/1", c.ours.Genesis[:4], of)
}

func (c *chain) locked() (unlock func()) {
	c.mutex.Lock()
	return c.mutex.Unlock
}

func (c *chain) nowUs() uint64 { return uint64(time.Since(c.started).Microseconds()) + 1 }

func (c *chain) status(receivedUs uint64, refusal string) status {
	defer c.locked()()
	said := c.ours
	said.ReceivedUs, said.SentUs, said.Refusal = receivedUs, c.nowUs(), refusal
	return said
}

var errNoParent = errors.New("the parent is not known")

// takeBlock decodes a block, and keeps it if its parent is known. Another error: nobody can accept it.
func (c *chain) takeBlock(data []byte) (*types.Block, error) {
	block, err := decodeBlock(data)
	if err != nil {
		return nil, err
	}
	defer c.locked()()
	hash, parent := block.Hash(), c.blocks[block.ParentHash()]
	switch {
	case parent == nil:
		return block, errNoParent
	case block.NumberU64() != parent.NumberU64()+1:
		return block, errors.New("the number does not follow that of the parent")
	}
	c.blocks[hash] = block
	c.total[hash] = new(big.Int).Add(c.total[parent.Hash()], block.Difficulty())
	if c.total[hash].Cmp(c.ours.TotalDifficulty) > 0 {
		c.ours.Head, c.ours.HeadNumber, c.ours.TotalDifficulty = hash, block.NumberU64(), c.total[hash]
	}
	return block, nil
}

// byNumbers answers canonical blocks up to the head.
func (c *chain) byNumbers(first, count uint64) (found []*types.Block) {
	defer c.locked()()
	for block := c.blocks[c.ours.Head]; block != nil && block.NumberU64() >= first; block = c.blocks[block.ParentHash()] {
		if block.NumberU64()-first < count {
			found = append(found, block)
		}
	}
	slices.Reverse(found)
	return found
}

// takeTx decodes a transaction, recovers its sender, keeps it, and answers its hash. An error: nobody can accept it.
func (c *chain) takeTx(data []byte) (common.Hash, error) {
	tx := new(types.Transaction)
	if err := tx.UnmarshalBinary(data); err != nil {
		return common.Hash{}, err
	}
	if _, err := types.Sender(types.LatestSignerForChainID(c.config.ChainID), tx); err != nil {
		return common.Hash{}, err
	}
	defer c.locked()()
	c.txs[tx.Hash()] = tx
	return tx.Hash(), nil
}

// known are those of the blocks or transactions that are here, in the order of the hashes.
func known[T any](c *chain, kept map[common.Hash]*T, hashes []common.Hash) (found []*T) {
	defer c.locked()()
	for _, hash := range hashes {
		if one := kept[hash]; one != nil {
			found = append(found, one)
		}
	}
	return found
}

// decodeBlock decodes a block whose header names its transactions.
func decodeBlock(data []byte) (*types.Block, error) {
	block := new(types.Block)
	err := rlp.DecodeBytes(data, block)
	if err == nil && types.DeriveSha(block.Transactions(), trie.NewStackTrie(nil)) != block.TxHash() {
		err = errors.New("the header does not fit the transactions")
	}
	return block, err
}
