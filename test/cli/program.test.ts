import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program, programFor } from '../../src/cli/program.ts'

test('a command is loaded by its name, without the others', async () => {
  for (const { name, summary } of (await program()).commands.map(shownOf)) {
    const { commands } = await programFor([name, '--help'])
    expect(commands.map(shownOf)).toEqual([{ name, summary }])
  }
  for (const args of [[], ['--help'], ['help'], ['nonsense'], ['toString']])
    expect((await programFor(args)).commands).toHaveLength((await program()).commands.length)
  expect((await programFor(['--version'])).commands).toEqual([])
})

function shownOf(command: Command) {
  return { name: command.name(), summary: command.helpInformation() }
}
