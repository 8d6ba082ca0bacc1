import { describe, expect, test } from 'vitest'
import { State } from '../../src/chain/state.ts'
import {
  TRANSFER_SCOPE_REASONS,
  TRANSFER_SCOPE_RULES,
  TRANSFER_STATE_REASONS,
  TRANSFER_STATE_RULES,
  transferRefusal,
  type TransferRefusal,
  type TransferStateContext,
} from '../../src/chain/rules/transferRules.ts'
import { parseAddress, ZERO_ADDRESS } from '../../src/crypto/address.ts'
import type { UnsignedTx } from '../../src/tx/encodeTx.ts'
import { GWEI, RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'

const CONTRACT = parseAddress(`0x${'cc'.repeat(20)}`) ?? ZERO_ADDRESS
const sender = testAccount(0).address
const noCode = { code: new Uint8Array(0), storage: new Map() }
const cost = 1n + 21_000n * 2n * GWEI
const state = State.ofAlloc(
  new Map([
    [sender, { balance: cost, nonce: 5n, ...noCode }],
    [CONTRACT, { balance: 10n ** 20n, nonce: 1n, ...noCode, code: Uint8Array.of(0) }],
  ]),
)
const context: TransferStateContext = {
  state,
  sender,
  fork: 'london',
  baseFee: 2n * GWEI,
  gasLeft: 21_000n,
}

interface Case {
  readonly tx?: Partial<UnsignedTx>
  readonly context?: Partial<TransferStateContext>
}

function precompile(number: number) {
  return parseAddress(`0x${number.toString(16).padStart(40, '0')}`) ?? ZERO_ADDRESS
}

const BROKEN: Readonly<Record<TransferRefusal, readonly Case[]>> = {
  'type-not-executable': [{ tx: { type: 3 } }, { tx: { type: 4 } }],
  'contract-creation': [{ tx: { to: undefined } }],
  'call-to-precompile': [
    { tx: { to: precompile(1) } },
    { tx: { to: precompile(9) } },
    { tx: { to: precompile(0x0a) }, context: { fork: 'cancun' } },
    { tx: { to: precompile(0x11) }, context: { fork: 'prague' } },
    { tx: { to: precompile(0x100) }, context: { fork: 'osaka' } },
  ],
  'call-to-contract': [{ tx: { to: CONTRACT } }],
  'sender-has-code': [{ context: { sender: CONTRACT } }],
  'nonce-too-low': [{ tx: { nonce: 4n } }],
  'nonce-too-high': [{ tx: { nonce: 6n } }],
  'block-gas-exhausted': [{ context: { gasLeft: 20_999n } }],
  'fee-cap-below-base-fee': [{ context: { baseFee: 2n * GWEI + 1n } }],
  'insufficient-funds': [
    { tx: { value: 2n } },
    { tx: { gasLimit: 21_001n }, context: { gasLeft: 30_000n } },
  ],
}

function refusalOf(change: Case): TransferRefusal | undefined {
  const tx = signedTransfer({ nonce: 5n, to: RECIPIENT, ...change.tx })
  return transferRefusal(tx, { ...context, ...change.context })
}

describe('transfer rules', () => {
  test('hold for a transfer that spends the last wei and the last gas', () => {
    expect(refusalOf({})).toBeUndefined()
  })

  test('have a reason each, and every reason has a rule', () => {
    expect(TRANSFER_SCOPE_RULES.map(({ reason }) => reason)).toEqual(TRANSFER_SCOPE_REASONS)
    expect(TRANSFER_STATE_RULES.map(({ reason }) => reason)).toEqual(TRANSFER_STATE_REASONS)
  })

  test.each([...TRANSFER_SCOPE_REASONS, ...TRANSFER_STATE_REASONS])('refuse %s', (reason) => {
    for (const change of BROKEN[reason]) expect(refusalOf(change)).toBe(reason)
  })

  test('take an address for a precompile only from its fork on', () => {
    expect(refusalOf({ tx: { to: precompile(0x0a) } })).toBeUndefined()
    expect(refusalOf({ tx: { to: precompile(9) }, context: { fork: 'byzantium' } })).toBeUndefined()
    expect(
      refusalOf({ tx: { to: precompile(0x100) }, context: { fork: 'prague' } }),
    ).toBeUndefined()
    expect(refusalOf({ tx: { to: ZERO_ADDRESS } })).toBeUndefined()
  })
})
