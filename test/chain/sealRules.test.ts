import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cliqueExtraData } from '../../src/block/clique.ts'
import type { Block } from '../../src/block/block.ts'
import { headerHash, type Header } from '../../src/block/header.ts'
import type { Chain } from '../../src/chain/chain.ts'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import {
  firstBrokenSealRule,
  SEAL_RULE_REASONS,
  SEAL_RULES,
  signingTurn,
  type SealRuleReason,
} from '../../src/chain/rules/sealRules.ts'
import { concatBytes, hexToBytes } from '../../src/lib/bytes.ts'
import { extend, nextBlock, resealed, testChain, testSigners } from '../builders/chain.ts'
import { account, type TestAccount } from '../builders/keys.ts'

const signers = testSigners(3)

function signerAt(turn: number): TestAccount {
  return signers[turn % signers.length] ?? account()
}

function chainOfThree(): Chain {
  return testChain({ signers: 3 })
}

/** What is wrong with block 2 where block 1 is by the signer of turn 1. */
const BROKEN: Readonly<Record<SealRuleReason, (valid: Block, chain: Chain) => Header>> = {
  'bad-seal': ({ header }) => ({
    ...header,
    extraData: concatBytes(header.extraData.subarray(0, -1), Uint8Array.of(4)),
  }),
  'unauthorized-signer': (valid) => resealed(valid, account(99), {}).header,
  'recently-signed': (valid) => resealed(valid, signerAt(1), { difficulty: 1n }).header,
  'wrong-turn': (valid) => resealed(valid, signerAt(0), { difficulty: 2n }).header,
  'wrong-epoch-signers': (valid) => resealed(valid, signerAt(2), {}).header,
}

describe('seal rules', () => {
  test('hold for the next block', () => {
    const chain = chainOfThree()
    extend(chain)
    expect(firstBrokenSealRule(nextBlock(chain).block, chain)).toBeUndefined()
  })

  test('have a reason each, and every reason has a rule', () => {
    expect(SEAL_RULES.map(({ reason }) => reason)).toEqual(SEAL_RULE_REASONS)
  })

  test.each(SEAL_RULE_REASONS)('refuse a header that breaks %s', (reason) => {
    const chain = chainOfThree()
    extend(chain)
    const header = BROKEN[reason](nextBlock(chain).block, chain)
    const epoch = reason === 'wrong-epoch-signers' ? 2n : 30_000n
    const view = {
      config: { ...chain.config, clique: { periodS: 1n, epoch } },
      signers: chain.signers,
      header: chain.header.bind(chain),
      sealer: chain.sealer.bind(chain),
    }
    expect(firstBrokenSealRule({ hash: headerHash(header), header }, view)).toBe(reason)
  })

  test('refuse an in-turn signer that says it is out of turn', () => {
    const chain = chainOfThree()
    const late = resealed(nextBlock(chain).block, signerAt(1), { difficulty: 1n })
    expect(firstBrokenSealRule(late, chain)).toBe('wrong-turn')
  })

  test('take an epoch block that lists the signers in order', () => {
    const file = (json: GenesisJson) => ({
      ...json,
      config: { ...json.config, clique: { period: 1, epoch: 2 } },
    })
    const chain = testChain({ signers: 3, file })
    extend(chain)
    const epochBlock = extend(chain)
    expect(epochBlock.header.extraData.subarray(32, -65)).toEqual(
      concatBytes(...chain.signers.map(hexToBytes)),
    )
    const unordered = cliqueExtraData(new Uint8Array(0), chain.signers.toReversed())
    const bad = resealed(epochBlock, signerAt(2), { extraData: unordered })
    expect(firstBrokenSealRule(bad, chain)).toBe('wrong-epoch-signers')
  })

  test('judge a side branch by its own ancestors', () => {
    const chain = chainOfThree()
    const canonical = extend(chain)
    extend(chain)
    const side = extend(chain, { parent: chain.genesis.block, signer: signerAt(0) })
    expect(signingTurn(chain, side, signerAt(0).address)).toBe('recently-signed')
    expect(signingTurn(chain, side, signerAt(1).address)).toBe('out-of-turn')
    expect(signingTurn(chain, canonical, signerAt(1).address)).toBe('recently-signed')
    expect(signingTurn(chain, canonical, signerAt(2).address)).toBe('in-turn')
    expect(signingTurn(chain, canonical, account(99).address)).toBe('unauthorized')
  })

  test('let a lone signer seal every block', () => {
    const chain = testChain({ signers: 1 })
    for (let i = 0; i < 3; i++) extend(chain)
    expect(chain.head.header.number).toBe(3n)
  })

  test('agree with a naive reading of EIP-225 for any number of signers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(8), { minLength: 1, maxLength: 12 }),
        (count, picks) => {
          const chain = testChain({ signers: count })
          const keys = testSigners(count)
          const sealed: string[] = []
          for (const pick of picks) {
            const signer = keys[pick % count] ?? account()
            const waits = sealed.slice(-Math.floor(count / 2)).includes(signer.address)
            const isRecent = count > 1 && waits
            expect(signingTurn(chain, chain.head, signer.address) === 'recently-signed').toBe(
              isRecent,
            )
            const { block } = nextBlock(chain, { signer })
            const refusal = isRecent ? 'recently-signed' : undefined
            expect(firstBrokenSealRule(block, chain)).toBe(refusal)
            if (isRecent) continue
            expect(chain.import(block, []).status).toBe('imported')
            sealed.push(signer.address)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})
