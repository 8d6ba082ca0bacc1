import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../src/scenario/parseScenario.ts'
import { planOf } from '../../src/scenario/plan.ts'

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const files = readdirSync(folder)

describe('the scenarios of the project', () => {
  test.each(files)('%s can be planned, and is called as its file', (file) => {
    const { scenario, problems } = parseScenario(readFileSync(folder + file, 'utf8'))
    expect(problems).toBeUndefined()
    if (scenario === undefined) return
    expect(`${scenario.name}.yaml`).toBe(file)
    expect(scenario.shows).toMatch(/^[A-Z].{20,}\.$/)
    const plan = planOf(scenario)
    expect(plan.network.nodes).toHaveLength(scenario.nodes)
    expect(plan.load.length).toBeGreaterThanOrEqual(30)
    expect(planOf(scenario)).toEqual(plan)
  })

  test('are a dozen at least', () => expect(files.length).toBeGreaterThan(12))
})
