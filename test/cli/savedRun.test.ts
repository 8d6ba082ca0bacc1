import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mergeReports } from '../../src/cli/experiment/mergeReports.ts'
import { writeFile } from '../../src/cli/network/reportFiles.ts'
import { interruptionOf, savedRun, type WantedRun } from '../../src/cli/network/savedRun.ts'
import { INTERRUPTED } from '../../src/measure/outcome.ts'
import { writeReport } from '../../src/measure/reportFile.ts'
import type { Report } from '../../src/measure/report.ts'
import { simulatedReport } from '../builders/experiment.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'

describe('a run that was made before', () => {
  const report = reportOfPlan({ places: PLACES })
  const wanted: WantedRun = report
  const ended = {
    ...report,
    faults: [{ atMs: 1, kind: INTERRUPTED, detail: 'ended by hand' }],
  }
  let dir = ''

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'grapevine-saved-'))
  })

  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  function save(one: Report): void {
    writeFile(join(dir, 'report.json'), writeReport(one))
  }

  test('is read, and not made again', async () => {
    save(report)
    expect(await savedRun(dir, wanted)).toEqual(report)
  })

  test('is made where there is none', async () => {
    expect(await savedRun(dir, wanted)).toBeUndefined()
    expect(await savedRun(undefined, wanted)).toBeUndefined()
  })

  test('is made again where it was ended by hand', async () => {
    save(ended)
    expect(await savedRun(dir, wanted)).toBeUndefined()
  })

  test('is not joined with others where it was ended by hand or cut, and its file is named', async () => {
    const { simulation } = simulatedReport({ caseIndex: 0, round: 0 }).report
    const cut = { ...report, ...(simulation && { simulation: { ...simulation, isCut: true } }) }
    for (const part of [ended, cut]) {
      save(part)
      await expect(mergeReports([dir], {})).rejects.toThrow(
        `--merge: ${join(dir, 'report.json')} is of a run that was ended before its time: `,
      )
    }
  })

  test('that was ended before its time says why', () => {
    const detail =
      'the run was ended because its heap of 1230 MiB was nearly full after 9.0 s of 50.0 s'
    expect(interruptionOf({ ...report, faults: [{ atMs: 1, kind: INTERRUPTED, detail }] })).toBe(
      detail,
    )
    expect(interruptionOf(report)).toBeUndefined()
  })

  test('of another scenario, seed or load is refused', async () => {
    save(report)
    for (const other of [
      { ...wanted, nodes: 5 },
      { ...wanted, ratePerS: 5 },
      { ...wanted, scenario: null },
    ])
      await expect(savedRun(dir, other)).rejects.toThrow('is the report of another run')
  })
})
