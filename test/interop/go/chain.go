package main

import (
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
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
	rules   [4]byte
	mutex   sync.Mutex
	top     *types.Block
	blocks  map[common.Hash]*types.Block
	total   map[common.Hash]*big.Int
	txs     map[common.Hash]*types.Transaction
}

// openChain reads what a peer must know of a network to join it.
func openChain(file string) (*chain, error) {
	var facts struct {
		GenesisBlock       hexutil.Bytes
		Config             params.ChainConfig
		CheckpointInterval uint64
	}
	text, err := os.ReadFile(file)
	if err = errors.Join(err, json.Unmarshal(text, &facts)); err != nil {
		return nil, err
	}
	genesis, err := decodeBlock(facts.GenesisBlock)
	config := &facts.Config
	if err != nil || config.Clique == nil || !config.IsLondon(common.Big0) || config.ShanghaiTime != nil {
		return nil, errors.Join(errors.New("expected the genesis of a Clique chain with the rules of London"), err)
	}
	seals := []uint64{config.Clique.Period, config.Clique.Epoch, facts.CheckpointInterval}
	rules, err := rlp.EncodeToBytes([]any{"london", seals, []any{}})
	return &chain{
		config: config, genesis: genesis, rules: [4]byte(crypto.Keccak256(rules)), top: genesis,
		blocks: map[common.Hash]*types.Block{genesis.Hash(): genesis},
		total:  map[common.Hash]*big.Int{genesis.Hash(): genesis.Difficulty()},
		txs:    map[common.Hash]*types.Transaction{},
	}, err
}

// networkID is the first 4 bytes of the genesis hash in hex.
func (c *chain) networkID() string { return common.Bytes2Hex(c.genesis.Hash().Bytes()[:4]) }

func (c *chain) locked() (unlock func()) {
	c.mutex.Lock()
	return c.mutex.Unlock
}

func (c *chain) head() (*types.Block, *big.Int) {
	defer c.locked()()
	return c.top, c.total[c.top.Hash()]
}

var errNoParent = errors.New("the parent is not known")

func (c *chain) add(block *types.Block) error {
	defer c.locked()()
	hash, parent := block.Hash(), c.blocks[block.ParentHash()]
	switch {
	case c.blocks[hash] != nil:
		return nil
	case parent == nil:
		return errNoParent
	case block.NumberU64() != parent.NumberU64()+1:
		return errors.New("the number does not follow that of the parent")
	}
	c.blocks[hash] = block
	c.total[hash] = new(big.Int).Add(c.total[parent.Hash()], block.Difficulty())
	if c.total[hash].Cmp(c.total[c.top.Hash()]) > 0 {
		c.top = block
	}
	return nil
}

// byNumbers answers canonical blocks up to the head.
func (c *chain) byNumbers(first, count uint64) (found []*types.Block) {
	defer c.locked()()
	for block := c.top; block != nil && block.NumberU64() >= first; block = c.blocks[block.ParentHash()] {
		if block.NumberU64()-first < count {
			found = append(found, block)
		}
	}
	slices.Reverse(found)
	return found
}

func (c *chain) byHash(hash common.Hash) (*types.Block, *types.Transaction) {
	defer c.locked()()
	return c.blocks[hash], c.txs[hash]
}

func (c *chain) keepTx(tx *types.Transaction) {
	defer c.locked()()
	c.txs[tx.Hash()] = tx
}

// takeTx decodes a transaction, recovers its sender and keeps it. An error means that it is invalid for everyone.
func (c *chain) takeTx(data []byte) (*types.Transaction, common.Address, error) {
	tx := new(types.Transaction)
	if err := tx.UnmarshalBinary(data); err != nil {
		return nil, common.Address{}, err
	}
	sender, err := types.Sender(types.LatestSignerForChainID(c.config.ChainID), tx)
	if err == nil {
		c.keepTx(tx)
	}
	return tx, sender, err
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
