import { describe, expect, test } from 'vitest'
import { GO_PARAMETERS, readGoParameters } from '../../src/interop/goParameters.ts'
import { keysOf } from '../../src/lib/records.ts'
import { routerParameters } from '../../src/p2p/router/routerDefaults.ts'

describe('parameters of GossipSub by the names of Go', () => {
  test('are those of Go where none is given', () => {
    const { parameters, idontwantMinBytes, ignored } = readGoParameters({})
    expect(parameters).toEqual({
      D: 6,
      Dlo: 5,
      Dhi: 12,
      Dscore: 4,
      Dout: 2,
      Dlazy: 6,
      mcacheHeartbeats: 5,
      mcacheGossipHeartbeats: 3,
      gossipFactor: 0.25,
      heartbeatMs: 1000,
      fanoutTtlMs: 60_000,
      pruneBackoffMs: 60_000,
      unsubscribeBackoffMs: 10_000,
      opportunisticGraftHeartbeats: 60,
      opportunisticGraftPeers: 2,
      graftFloodThresholdMs: 10_000,
      iwantFollowupMs: 3000,
      seenMs: 120_000,
      lossesToWait: 0,
    })
    expect({ idontwantMinBytes, ignored }).toEqual({ idontwantMinBytes: 1024, ignored: [] })
    expect(() => routerParameters(parameters)).not.toThrow()
  })

  test('are given in the units of Go: durations in nanoseconds', () => {
    const { parameters, idontwantMinBytes } = readGoParameters({
      D: 8,
      Dlazy: 0,
      GossipFactor: 0,
      HistoryLength: 6,
      HeartbeatInterval: 700_000_000,
      FanoutTTL: 1,
      IDontWantMessageThreshold: 16_384,
    })
    expect(parameters).toMatchObject({
      D: 8,
      Dlazy: 0,
      gossipFactor: 0,
      mcacheHeartbeats: 6,
      heartbeatMs: 700,
      fanoutTtlMs: 1e-6,
    })
    expect(idontwantMinBytes).toBe(16_384)
  })

  test('are named where this router does not take them, unless what is given is its constant', () => {
    const given = { HeartbeatInitialDelay: 100_200_000, PrunePeers: 16, MaxIHaveLength: 1 }
    expect(readGoParameters(given).ignored).toEqual(['HeartbeatInitialDelay', 'MaxIHaveLength'])
  })

  test.each(keysOf(GO_PARAMETERS))(
    '%s is refused below 0, as text, as null and as a list',
    (name) => {
      for (const value of [-1, '5', null, [], {}, true])
        expect(() => readGoParameters({ [name]: value })).toThrow(`${name}: expected`)
    },
  )

  test.each([
    [{ D: 1.5 }, 'D: expected a whole number from 0 up, got 1.5'],
    [{ FanoutTTL: 0.5 }, 'FanoutTTL: expected a duration in nanoseconds'],
    [{ FanoutTTL: 1e300 }, 'FanoutTTL: expected a duration in nanoseconds'],
    [{ HeartbeatInterval: 0 }, 'HeartbeatInterval must be above 0'],
    [{ Dfoo: 1 }, 'there is no parameter Dfoo'],
    [{ d: 1 }, 'there is no parameter d'],
    [{ constructor: 1 }, 'there is no parameter constructor'],
    [{ D: 2, Dlo: 3 }, 'need Dlo <= D <= Dhi'],
    [{ Dout: 5 }, 'Dout must be below Dlo'],
    [{ Dscore: 7 }, 'Dscore must be at most D'],
    [{ HistoryGossip: 6 }, 'HistoryGossip must be at most HistoryLength'],
  ])('%j is refused: %s', (given, message) => {
    expect(() => readGoParameters(given)).toThrow(message)
  })
})
